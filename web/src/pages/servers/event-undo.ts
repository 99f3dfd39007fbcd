import type { CmdletFacts } from "../../api/facts.ts";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { textOf } from "../../base/text-of.ts";
import { recordsOf } from "./audit-event.ts";

/** What takes a change back. */
export interface EventUndo {
  readonly kind: "putBack" | "makeAgain" | "remove";
  readonly call: AnyCall;
}

/** What comes with a key or secret of its own cannot be made the same again. */
const WITH_SECRETS: ReadonlySet<string> = new Set([
  "Administrator",
  "ApiToken",
  "AppPassword",
  "DkimSigningConfig",
  "ExchangeCertificate",
]);
/** How secrets are shown. */
const HIDDEN = "***";

/** What of an entry of the audit log has to be known. */
export interface UndoableEvent {
  readonly CmdletName: string | null;
  readonly Succeeded: boolean | null;
  readonly ModifiedProperties: unknown;
}

/**
 * The call that takes a change of one object back, as far as the log says how it was; `undefined`:
 * it does not. `facts` are those of the cmdlets of its noun, by name.
 */
export function undoOf(
  event: UndoableEvent,
  facts: Readonly<Record<string, CmdletFacts>>,
): EventUndo | undefined {
  const [verb = "", noun = ""] = (event.CmdletName ?? "").split("-");
  const changes = recordsOf(event.ModifiedProperties);
  const object = textOf(changes[0]?.["Object"] ?? "");
  const isOne = changes.every((one) => one["Object"] === object && one["Name"] !== "");
  const isNoun = object === noun || object.startsWith(`${noun} `);
  if (event.Succeeded !== true || changes.length === 0 || !isOne || !isNoun) return undefined;
  const name = object.slice(noun.length + 1);
  const of = (by: string) => facts[`${by}-${noun}`];
  const maker = of("New") === undefined ? "Add" : "New";
  switch (verb) {
    case "Set":
    case "Enable":
    case "Disable":
      return putBack({ noun, name, changes, facts: of("Set") });
    case "Remove":
      return WITH_SECRETS.has(noun)
        ? undefined
        : makeAgain({ cmdlet: `${maker}-${noun}`, changes, facts: of(maker) });
    case "New":
    case "Add":
      return of("Remove") && name !== ""
        ? { kind: "remove", call: { cmdlet: `Remove-${noun}`, parameters: { Identity: name } } }
        : undefined;
    default:
      return undefined;
  }
}

type Changes = readonly Readonly<Record<string, unknown>>[];

function putBack(of: {
  readonly noun: string;
  readonly name: string;
  readonly changes: Changes;
  readonly facts: CmdletFacts | undefined;
}): EventUndo | undefined {
  const { noun, name, changes, facts } = of;
  const before = oldValues(changes, facts, (one) => !isSame(one["OldValue"], one["NewValue"]));
  if (Object.keys(before).length === 0) return undefined;
  const renamed = changes.find((one) => one["Name"] === "Name")?.["NewValue"];
  const Identity = typeof renamed === "string" ? renamed : name;
  const isNamed = facts !== undefined && "Identity" in facts.parameters;
  const parameters = { ...(isNamed && { Identity }), ...before };
  return { kind: "putBack", call: { cmdlet: `Set-${noun}`, parameters } };
}

function makeAgain(of: {
  readonly cmdlet: string;
  readonly changes: Changes;
  readonly facts: CmdletFacts | undefined;
}): EventUndo | undefined {
  const { cmdlet, changes, facts } = of;
  const parameters = oldValues(changes, facts, ({ OldValue }) => !isNothing(OldValue));
  const { required = [] } = facts ?? {};
  if (facts === undefined || !required.every((name) => name in parameters)) return undefined;
  return { kind: "makeAgain", call: { cmdlet, parameters } };
}

/** By parameter; what the cmdlet cannot be given, and secrets, are left out. */
function oldValues(
  changes: Changes,
  facts: CmdletFacts | undefined,
  isWanted: (change: Changes[number]) => boolean,
): Readonly<Record<string, unknown>> {
  const wanted = changes.filter((one) => {
    const name = textOf(one["Name"]);
    const isGiven = facts !== undefined && Object.hasOwn(facts.parameters, name);
    return isGiven && isWanted(one) && !JSON.stringify(one["OldValue"]).includes(HIDDEN);
  });
  return Object.fromEntries(wanted.map((one) => [textOf(one["Name"]), one["OldValue"]]));
}

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
