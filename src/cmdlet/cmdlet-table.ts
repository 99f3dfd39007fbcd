import { assert } from "../base/assert.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import type { Cmdlet } from "./cmdlet.ts";
import { CmdletFault } from "./cmdlet-fault.ts";

/** All cmdlets of a server. */
export interface CmdletTable<Services> {
  /** Sorted by noun, then verb. */
  readonly all: readonly Cmdlet<Services>[];
  /** By name, in any case. */
  readonly find: (name: string) => Cmdlet<Services> | undefined;
  /** The fault of a name that is not there, with what was probably meant. */
  readonly unknown: (name: string) => CmdletFault;
}

/** Joins the tables of the rooms; names must be unique. */
export function createCmdletTable<Services>(
  cmdlets: readonly Cmdlet<Services>[],
): CmdletTable<Services> {
  const byName = new Map(cmdlets.map((cmdlet) => [cmdlet.name.toLowerCase(), cmdlet]));
  assert(byName.size === cmdlets.length, "cmdlet names are unique");
  const all = cmdlets.toSorted(
    (left, right) =>
      nounOf(left).localeCompare(nounOf(right)) || left.name.localeCompare(right.name),
  );
  return {
    all,
    find: (name) => byName.get(name.toLowerCase()),
    unknown(name) {
      const hint = formatSuggestion(
        name,
        all.map((cmdlet) => cmdlet.name),
      );
      return new CmdletFault("unknown-cmdlet", `there is no cmdlet "${name}"${hint}`);
    },
  };
}

/** `Queue` of `Suspend-Queue`. */
export function nounOf({ name }: Pick<Cmdlet<never>, "name">): string {
  return name.slice(name.indexOf("-") + 1);
}
