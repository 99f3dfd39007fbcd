import {
  type Cmdlet,
  type CmdletInput,
  defineCmdlet,
  type Invocation,
} from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { IF_MATCH, ifMatchOf } from "../../cmdlet/entity-tag.ts";
import { applySettings, FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { optionalParameter, type ParameterTable } from "../../cmdlet/parameter.ts";
import { runEdits } from "../../cmdlet/run-edits.ts";
import { readSettingInput, settingParameters } from "../../cmdlet/setting-parameters.ts";
import { addressKey } from "../../mail/address.ts";
import { configText } from "../../org/config-value.ts";
import { changeRecipient, showEdit, warnOfStrangeDomains } from "./change-recipients.ts";
import { findRecipient, recipientIdentity, resolveAddresses } from "./find-recipient.ts";
import { fitCredentials } from "./fit-credentials.ts";
import { namedMembers } from "./group-members.ts";
import { RECIPIENT_CHANGERS, RECIPIENT_READERS, type RecipientNoun } from "./recipient-noun.ts";
import { createShow } from "./recipient-output.ts";
import { searchParameters, selectRecipients } from "./select-recipients.ts";
import type { RecipientServices } from "./services.ts";

const MEMBERS_DOC =
  "Its members: names of recipients, or addresses, anybody's; groups are members too.";

type Run = Invocation<RecipientServices>;
type Mode = "store" | "show";
type Change = (run: Run, input: CmdletInput, mode: Mode) => Promise<readonly ShownEdit[]>;

/** Get, New, Set and Remove of one kind of recipient. */
export function recipientCmdlets(noun: RecipientNoun): readonly Cmdlet<RecipientServices>[] {
  return [getCmdlet(noun), newCmdlet(noun), setCmdlet(noun), removeCmdlet(noun)];
}

function getCmdlet({ noun, kind, title, output, examples }: RecipientNoun) {
  const [filter, doc] = examples.get;
  return defineCmdlet({
    name: `Get-${noun}`,
    summary: `Shows ${plural(title)} with all their settings.`,
    roles: RECIPIENT_READERS,
    effect: "reads",
    confirmation: "none",
    examples: [
      { command: `Get-${noun} "a*"`, doc: "By name or address." },
      { command: `Get-${noun} -Filter "${filter}"`, doc },
    ],
    parameters: searchParameters(output),
    output,
    run: (run: Run, input) => selectRecipients(run, { view: kind, kinds: [kind], ...input }),
  });
}

function newCmdlet(noun: RecipientNoun): Cmdlet<RecipientServices> {
  const { kind, title, newTable: table } = noun;
  const change: Change = async (run, input, mode) => {
    const settings = await withMembers(run, readSettingInput(table, input, run.given), input);
    const named = settings.get("name");
    const name = named?.kind === "value" ? configText(named.json) : "";
    const edit = {
      kind,
      name,
      change(stored: { readonly name: string } | undefined) {
        if (stored === undefined) return applySettings(table, { name }, settings, {});
        const text = `there is already a ${title} "${stored.name}"`;
        throw new CmdletFault("conflict", text, { parameter: "Name" });
      },
    };
    const shown = await runEdits(run, [edit], {
      mode,
      isForced: false,
      show: (edited) => showEdit(kind, edited),
    });
    for (const { after } of shown) if (after !== undefined) warnOfStrangeDomains(run, after);
    return shown;
  };
  return changing(noun, change, {
    verb: "New",
    summary: `Makes a ${title}. It takes mail at once.`,
    notes: noun.notes.new,
    example: noun.examples.new,
    parameters: positioned({
      ...settingParameters(table, { mode: "new" }),
      ...("members" in table && { Members: optionalParameter(namedMembers({}), MEMBERS_DOC) }),
    }),
    confirmation: "none",
  });
}

function setCmdlet(noun: RecipientNoun): Cmdlet<RecipientServices> {
  const { kind, title, setTable: table } = noun;
  const show = createShow(kind);
  const change: Change = async (run, input, mode) => {
    const settings = readSettingInput(table, input, run.given);
    const found = await find(run, noun, input);
    const shown = await changeRecipient(run, found, {
      mode,
      isForced: input["force"] === true,
      ifMatch: ifMatchOf(input),
      change(stored) {
        const current = show({ ...found, properties: stored });
        const changed = applySettings(table, stored, settings, current);
        return kind === "mailbox" ? fitCredentials(changed, new Set(settings.keys())) : changed;
      },
    });
    const hasAddresses = settings.has("primarySmtpAddress") || settings.has("emailAddresses");
    for (const { before, after } of shown) {
      if (before === undefined || after === undefined || !hasAddresses) continue;
      warnOfStrangeDomains(run, after);
      if (kind === "mailbox") warnOfMail(run, { before: before.shown, after: after.shown });
    }
    return shown;
  };
  return changing(noun, change, {
    verb: "Set",
    summary: `Changes a ${title}. What is not given stays; $null brings defaults back.`,
    notes: noun.notes.set,
    example: noun.examples.set,
    parameters: {
      Identity: recipientIdentity(noun.noun, title),
      ...settingParameters(table, { mode: "change" }),
      Force: FORCE,
      IfMatch: IF_MATCH,
    },
    confirmation: "none",
  });
}

function removeCmdlet(noun: RecipientNoun): Cmdlet<RecipientServices> {
  const { title } = noun;
  const change: Change = async (run, input, mode) =>
    changeRecipient(run, await find(run, noun, input), {
      mode,
      isForced: input["force"] === true,
      ifMatch: ifMatchOf(input),
      change: () => undefined,
    });
  return changing(noun, change, {
    verb: "Remove",
    summary: `Removes a ${title}: mail for its addresses is refused from now on.`,
    notes: noun.notes.remove,
    example: [' "Old"', "It asks first."],
    parameters: {
      Identity: recipientIdentity(noun.noun, title),
      Force: FORCE,
      IfMatch: IF_MATCH,
    },
    confirmation: "asks",
  });
}

/** A cmdlet that changes recipients: by the same change it runs and shows what it would do. */
function changing(
  { noun, output }: RecipientNoun,
  change: Change,
  facts: {
    readonly verb: "New" | "Set" | "Remove";
    readonly summary: string;
    readonly notes: readonly string[];
    readonly example: readonly [string, string];
    readonly parameters: ParameterTable;
    readonly confirmation: "none" | "asks";
  },
): Cmdlet<RecipientServices> {
  const { verb, example, ...rest } = facts;
  const name = `${verb}-${noun}` as const;
  return {
    ...rest,
    name,
    roles: RECIPIENT_CHANGERS,
    effect: "changes",
    examples: [{ command: name + example[0], doc: example[1] }],
    output,
    async plan(run, input) {
      return planOf(await change(run, input, "show"));
    },
    async *run(run, input): AsyncGenerator<OutputObject> {
      const [shown] = await change(run, input, "store");
      if (verb === "New" && shown?.after !== undefined) yield shown.after.shown;
    },
  };
}

/** Members are given by name too, and stored by their addresses. */
async function withMembers(
  run: Run,
  settings: ReturnType<typeof readSettingInput>,
  { members }: CmdletInput,
): Promise<ReturnType<typeof readSettingInput>> {
  if (!settings.has("members") || !Array.isArray(members)) return settings;
  const addresses = await resolveAddresses(run, members.map(String), "Members");
  const unique = new Map(addresses.map((address) => [addressKey(address), address]));
  return new Map([...settings, ["members", { kind: "value", json: [...unique.values()] }]]);
}

function find({ services }: Run, { kind }: RecipientNoun, { identity }: CmdletInput) {
  const where = { kinds: [kind], parameter: "Identity" };
  return findRecipient(services.organization, String(identity), where);
}

function warnOfMail(
  { warn }: Run,
  { before, after }: { readonly before: OutputObject; readonly after: OutputObject },
): void {
  const [old, now] = [before, after].map((one) => configText(one["PrimarySmtpAddress"]));
  if (old?.toLowerCase() === now?.toLowerCase()) return;
  warn(`mail that is there stays in mailboxes/${old}; from now on it is kept under ${now}`);
}

function positioned(parameters: ParameterTable): ParameterTable {
  const { Name, ...others } = parameters;
  return Name === undefined ? parameters : { Name: { ...Name, position: 0 }, ...others };
}

function plural(title: string): string {
  return title.endsWith("box") ? `${title}es` : `${title}s`;
}
