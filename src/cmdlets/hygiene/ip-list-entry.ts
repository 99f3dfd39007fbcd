import {
  type Cmdlet,
  type CmdletInput,
  defineCmdlet,
  type Invocation,
} from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import {
  changedMeanwhile,
  ETAG,
  entityTag,
  IF_MATCH,
  ifMatchOf,
  matchesTag,
} from "../../cmdlet/entity-tag.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import { FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { type EditManner, runEdits } from "../../cmdlet/run-edits.ts";
import type { ObjectEdit, ObjectProperties, StoredObject } from "../../org/organization-editor.ts";
import { addressRange, parseAddressRange } from "../../org/settings/address-range.ts";
import { IP_LIST_ENTRY } from "../../org/settings/connection-filter.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { line } from "../../org/settings/setting-types.ts";
import { addressNumber, rangeHolds } from "../../transport/hygiene/address-number.ts";
import type { MachineEntry } from "../../transport/hygiene/machine-entries.ts";
import type { HygieneServices } from "./services.ts";

type Run = Invocation<HygieneServices>;

/** One of the two lists. */
interface List {
  readonly kind: "ipAllowListEntry" | "ipBlockListEntry";
  readonly noun: "IPAllowListEntry" | "IPBlockListEntry";
  /** `IP Block list` */
  readonly title: string;
  readonly effect: string;
  readonly hasMachineEntries: boolean;
}

const CHANGERS: readonly RoleGroup[] = ["Hygiene Management"];
const READERS: readonly RoleGroup[] = [
  ...CHANGERS,
  "Server Management",
  "View-Only Organization Management",
];
const IDENTITY_MAX = 100;

function outputOf({ noun }: List): OutputType {
  return {
    name: noun,
    table: ["Identity", "ExpirationTime", "HasExpired", "IsMachineGenerated", "Comment"],
    properties: {
      Identity: { kind: "text", doc: "The address or range, as it was written." },
      IPRange: { kind: "text", doc: "The same." },
      ExpirationTime: { kind: "date", doc: "From when on it counts no longer; empty: never." },
      HasExpired: { kind: "boolean", doc: "Whether that has come." },
      IsMachineGenerated: { kind: "boolean", doc: "Whether sender reputation has made it." },
      Comment: { kind: "text", doc: "What was written beside it, or why it was made." },
      DeclaredIn: {
        kind: "text",
        doc: "The configuration file that declares it, and in which it has to be changed.",
      },
      ETag: ETAG,
    },
  };
}

/** Add, Get and Remove of the entries of one list. */
function entryCmdlets(list: List): readonly Cmdlet<HygieneServices>[] {
  return [addEntry(list), getEntry(list), removeEntry(list)];
}

function addEntry(list: List): Cmdlet<HygieneServices> {
  const change = async (run: Run, input: CmdletInput, mode: "store" | "show") => {
    const name = givenRange(input);
    const edit: ObjectEdit = {
      kind: list.kind,
      name,
      change(stored) {
        if (stored === undefined) return entryProperties(name, input);
        const text = `${name} is on the ${list.title} already`;
        throw new CmdletFault("conflict", text, { parameter: "IPRange" });
      },
    };
    return editEntry(run, list, edit, { mode, isForced: false });
  };
  return defineCmdlet({
    name: `Add-${list.noun}`,
    summary: `Puts an address or range on the ${list.title}: ${list.effect}`,
    roles: CHANGERS,
    effect: "changes",
    confirmation: "none",
    examples: [
      {
        command: `Add-${list.noun} -IPRange 192.0.2.0/24 -ExpirationTime 2031-01-31T00:00:00Z`,
        doc: "Holds at once, and until that day.",
      },
      { command: `Add-${list.noun} -IPAddress 2001:db8::7 -Comment "Ann"`, doc: "One address." },
    ],
    parameters: {
      IPAddress: optionalParameter(ipAddress(), "One address.", { excludes: ["IPRange"] }),
      IPRange: optionalParameter(addressRange(), "Addresses, as first-last or address/length.", {
        excludes: ["IPAddress"],
      }),
      ExpirationTime: optionalParameter(momentType(), "From when on it counts no longer."),
      Comment: optionalParameter(line({ max: 1024 }), "For whoever reads it later."),
    },
    output: outputOf(list),
    async plan(run, input) {
      return planOf(await change(run, timed(run, input), "show"));
    },
    async *run(run: Run, input) {
      for (const { after } of await change(run, timed(run, input), "store")) {
        if (after !== undefined) yield after.shown;
      }
    },
  });
}

/** With the expiration as it is stored. */
function timed(
  { clock }: Run,
  input: CmdletInput & { readonly expirationTime?: Parameters<typeof momentMs>[0] | undefined },
): CmdletInput {
  const { expirationTime } = input;
  if (expirationTime === undefined) return input;
  const at = new Date(momentMs(expirationTime, clock.nowMs())).toISOString();
  return { ...input, expirationTime: `${at.slice(0, 19)}Z` };
}

/** As the entry is called: by what was given. */
function givenRange({ iPAddress, iPRange }: CmdletInput): string {
  if (typeof iPAddress === "string") return iPAddress;
  if (typeof iPRange === "object" && iPRange !== null && "text" in iPRange) {
    return String(iPRange.text);
  }
  const text = "give -IPAddress or -IPRange";
  throw new CmdletFault("bad-parameter", text, { parameter: "IPRange" });
}

function entryProperties(name: string, { expirationTime, comment }: CmdletInput): ObjectProperties {
  return {
    name,
    ...(typeof expirationTime === "string" && { expirationTime }),
    ...(typeof comment === "string" && { comment }),
  };
}

function getEntry(list: List): Cmdlet<HygieneServices> {
  const output = outputOf(list);
  return defineCmdlet({
    name: `Get-${list.noun}`,
    summary: `Shows the entries of the ${list.title}.`,
    roles: READERS,
    effect: "reads",
    confirmation: "none",
    examples: [
      { command: `Get-${list.noun}`, doc: "All of them." },
      { command: `Get-${list.noun} -IPAddress 192.0.2.7`, doc: "Those that hold the address." },
    ],
    parameters: {
      Identity: optionalParameter(line({ max: IDENTITY_MAX }), "The entry, as it was written.", {
        position: 0,
        pipeline: "property",
      }),
      IPAddress: optionalParameter(ipAddress(), "Only entries that hold this address."),
      ...pagingParameters(output),
    },
    output,
    async *run({ services, clock, warn }: Run, input) {
      const { identity, filter, sortOrder, resultSize } = input;
      const wanted = input.iPAddress;
      const nowMs = clock.nowMs();
      const stored = await services.organization.list(list.kind);
      const machine = list.hasMachineEntries ? await services.hygiene.machineEntries() : [];
      const all = [
        ...stored.map((one) => showEntry(one, nowMs)),
        ...machine.map(showMachineEntry),
      ].filter(
        ({ Identity: range }) =>
          typeof range === "string" &&
          (identity === undefined || isSame(range, identity)) &&
          (wanted === undefined || holds(range, wanted)),
      );
      if (identity !== undefined && all.length === 0) throw missing(list, identity);
      const page = selectPage(all, { filter, sortOrder, resultSize }, { nowMs });
      yield* page.items;
      if (page.hasMore) warn(moreResultsWarning(resultSize));
    },
  });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function holds(range: string, address: string): boolean {
  // A source of IPv6 is shown as its network.
  const [parsed, number] = [parseAddressRange(range), addressNumber(address)];
  return parsed !== undefined && number !== undefined && rangeHolds(parsed, number);
}

function showEntry({ name, properties, file }: StoredObject, nowMs: number): OutputObject {
  const { expirationTime, comment } = properties;
  const until = typeof expirationTime === "string" ? expirationTime : null;
  return {
    Identity: name,
    IPRange: name,
    ExpirationTime: until === null ? null : new Date(until).toISOString(),
    HasExpired: until !== null && Date.parse(until) <= nowMs,
    IsMachineGenerated: false,
    Comment: typeof comment === "string" ? comment : "",
    DeclaredIn: file ?? null,
    ETag: entityTag(properties),
  };
}

function showMachineEntry({ address, untilMs, level, reasons }: MachineEntry): OutputObject {
  return {
    Identity: address,
    IPRange: address,
    ExpirationTime: new Date(untilMs).toISOString(),
    HasExpired: false,
    IsMachineGenerated: true,
    Comment: [`Sender reputation level ${level}`, ...reasons].join(", "),
    DeclaredIn: null,
    ETag: null,
  };
}

function removeEntry(list: List): Cmdlet<HygieneServices> {
  const remove = async (run: Run, input: CmdletInput, mode: "store" | "show") => {
    const identity = String(input["identity"]);
    const edit: ObjectEdit = {
      kind: list.kind,
      name: identity,
      change(stored) {
        if (stored === undefined) throw missing(list, identity);
        return undefined;
      },
    };
    return editEntry(run, list, edit, {
      mode,
      isForced: input["force"] === true,
      ifMatch: ifMatchOf(input),
    });
  };
  return defineCmdlet({
    name: `Remove-${list.noun}`,
    summary: `Takes an entry off the ${list.title}.`,
    roles: CHANGERS,
    effect: "changes",
    confirmation: "asks",
    examples: [{ command: `Remove-${list.noun} 192.0.2.0/24`, doc: "It asks first." }],
    parameters: {
      Identity: requiredParameter(line({ max: IDENTITY_MAX }), "The entry, as it was written.", {
        position: 0,
        completion: list.noun,
        pipeline: "property",
      }),
      Force: FORCE,
      IfMatch: IF_MATCH,
    },
    output: outputOf(list),
    async *run(run: Run, input) {
      const { organization, hygiene } = run.services;
      const stored = await organization.read(list.kind, input.identity);
      if (stored !== undefined || !list.hasMachineEntries) {
        await remove(run, input, "store");
      } else if (!matchesTag(ifMatchOf(input), "")) {
        throw changedMeanwhile(`${input.identity} on the ${list.title}`);
      } else if (await hygiene.removeMachineEntry(input.identity)) {
        const before = { Identity: input.identity, IsMachineGenerated: true };
        run.changed({ object: `${list.noun} ${input.identity}`, before });
      } else throw missing(list, input.identity);
      yield* [];
    },
  });
}

function editEntry(
  run: Run,
  list: List,
  edit: ObjectEdit,
  manner: Omit<EditManner, "show">,
): Promise<readonly ShownEdit[]> {
  const nowMs = run.clock.nowMs();
  return runEdits(run, [edit], {
    ...manner,
    show({ before, after }): ShownEdit {
      const view = (stored: StoredObject | undefined) =>
        stored && { stored: stored.properties, shown: showEntry(stored, nowMs) };
      return {
        object: `${list.noun} ${(before ?? after)?.name ?? ""}`,
        table: IP_LIST_ENTRY,
        before: view(before),
        after: view(after),
      };
    },
  });
}

function missing({ noun, title }: List, identity: string): CmdletFault {
  const text = `${identity} is not on the ${title}; Get-${noun} lists what is`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}

/** Add-, Get- and Remove- of IPAllowListEntry and IPBlockListEntry (reference §9.2). */
export const IP_LIST_ENTRY_CMDLETS: readonly Cmdlet<HygieneServices>[] = [
  ...entryCmdlets({
    kind: "ipAllowListEntry",
    noun: "IPAllowListEntry",
    title: "IP Allow list",
    effect: "its mail passes all anti-spam agents.",
    hasMachineEntries: false,
  }),
  ...entryCmdlets({
    kind: "ipBlockListEntry",
    noun: "IPBlockListEntry",
    title: "IP Block list",
    effect: "its mail is refused.",
    hasMachineEntries: true,
  }),
];
