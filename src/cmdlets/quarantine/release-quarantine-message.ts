import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { forgetOrders } from "../../cmdlet/ordered-results.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { type InputOf, optionalParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { address, listOf } from "../../org/settings/setting-types.ts";
import { allowSender } from "./allow-sender.ts";
import { formatIdentity, IDENTITY_PARAMETERS, namedMessages } from "./identity.ts";
import type { KeptMessage, QuarantineServices } from "./services.ts";

const USERS_MAX = 1000;
const COPIES_MAX = 100;

const RELEASED_MESSAGE = {
  name: "ReleasedQuarantineMessage",
  table: ["Identity", "SenderAddress", "Subject", "Released", "StillKept"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    SenderAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    Subject: { kind: "text", doc: "Its subject." },
    Released: { kind: "number", doc: "Recipients to whom it is on its way now." },
    ReleasedUser: { kind: "list", doc: "Who these are; at most 100 of them." },
    StillKept: { kind: "number", doc: "Recipients from whom it is kept as before." },
  },
} as const satisfies OutputType;

const PARAMETERS = {
  ...IDENTITY_PARAMETERS,
  User: optionalParameter(
    listOf(address(), { max: USERS_MAX }),
    "Recipients to whom it is released; it is kept from the others as before.",
    { excludes: ["ReleaseToAll"] },
  ),
  CopyTo: optionalParameter(
    listOf(address(), { max: COPIES_MAX }),
    "Others here who get it: recipients of this organization to whom it was not addressed. " +
      "Alone, it is kept from its own recipients as before.",
  ),
  ReleaseToAll: switchParameter("Releases it to all from whom it is kept."),
  AllowSender: switchParameter(
    "Puts the sender on the safe list of the mailboxes to which it is released.",
  ),
  ReportFalsePositive: switchParameter("Says that it was no spam: it is counted and logged."),
  Force: switchParameter(
    "With AllowSender: changes also mailboxes that the configuration file declares, until the " +
      "server reads the file again.",
  ),
};

type Input = InputOf<typeof PARAMETERS>;
type Run = Invocation<QuarantineServices>;

/** Release-QuarantineMessage. */
export const releaseQuarantineMessage = defineCmdlet({
  name: "Release-QuarantineMessage",
  summary: "Sends messages in quarantine on to their recipients.",
  notes: [
    "A message that was released is categorized as if it had just come, with all of its time " +
      "before it. It carries X-MS-Exchange-Organization-Quarantine and an SCL of -1: no agent of " +
      "ours keeps it back again, and it goes to inboxes.",
    "Whom it was released to before is skipped. Get-QuarantineMessageHistory tells what was " +
      "released to whom, and by whom.",
  ],
  roles: ["Hygiene Management"],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command:
        "Get-QuarantineMessage -MessageId 5c69@contoso.test | Release-QuarantineMessage " +
        "-User julia@contoso.test",
      doc: "To one of its recipients.",
    },
    {
      command: "Release-QuarantineMessage 6d1f…\\42 -CopyTo security@contoso.test",
      doc: "To somebody who is to look at it; its recipients do not get it.",
    },
    {
      command:
        "Release-QuarantineMessage 6d1f…\\42 -ReleaseToAll -AllowSender -ReportFalsePositive",
      doc: "To all of them, who will hear from that sender in future.",
    },
  ],
  parameters: PARAMETERS,
  output: RELEASED_MESSAGE,
  async plan(run: Run, input) {
    const actions: string[] = [];
    const copies = await copiesTo(run, input);
    for await (const kept of namedMessages(run, input)) {
      const { length } = [...recipientsOf(kept, input), ...copies];
      const whom = length === 1 ? "1 recipient" : `${length} recipients`;
      actions.push(`Release ${formatIdentity(kept.message)} to ${whom}: ${kept.message.subject}`);
    }
    return { actions: actions.slice(0, PLANNED_MAX), count: actions.length };
  },
  async *run(run: Run, input) {
    await copiesTo(run, input);
    for await (const kept of namedMessages(run, input)) yield await release(run, kept, input);
  },
});

/** Lines of a plan. */
const PLANNED_MAX = 20;
const USERS_SHOWN_MAX = 100;

/** Others who get it: only who is a recipient here. @throws CmdletFault */
async function copiesTo({ services }: Run, { copyTo = [] }: Input): Promise<readonly Address[]> {
  const found = await services.organization.findAll(copyTo);
  const stranger = copyTo.find((_, at) => found[at] === undefined);
  if (stranger === undefined) return copyTo;
  const text = `${stranger} is no recipient of this organization; copies go to nobody else`;
  throw new CmdletFault("not-found", text, { parameter: "CopyTo" });
}

async function release(
  run: Run,
  kept: KeptMessage,
  input: Input,
): Promise<OutputOf<typeof RELEASED_MESSAGE>> {
  const { services, caller, changed } = run;
  const { message } = kept;
  const recipients = recipientsOf(kept, input);
  const identity = formatIdentity(message);
  // First: who cannot be allowed has to be told before the message is gone from here.
  if (input.allowSender) {
    await allowSender(run, kept, { recipients, isForced: input.force });
  }
  const own = new Set(recipients.map(addressKey));
  const copies = (input.copyTo ?? []).filter((one) => !own.has(addressKey(one)));
  const released = await services.quarantine.release({
    messageIds: [message.id],
    ...(!input.releaseToAll && { to: recipients }),
    ...(copies.length > 0 && { copyTo: copies }),
    by: caller.name,
  });
  forgetOrders(services.quarantine);
  if (input.reportFalsePositive) services.quarantine.reportFalsePositive(kept, caller.name);
  changed({
    object: `QuarantineMessage ${identity} ${message.internetMessageId}`,
    before: { Type: message.quarantine?.type ?? null, RecipientCount: kept.recipientCount },
    after: {
      Released: released,
      ...(input.user && { User: recipients }),
      ...(copies.length > 0 && { CopyTo: copies }),
    },
  });
  const users = released === 0 ? [] : [...recipients, ...copies];
  return {
    Identity: identity,
    SenderAddress: message.envelope.sender === "" ? "<>" : message.envelope.sender,
    Subject: message.subject,
    Released: released,
    ReleasedUser: users.slice(0, USERS_SHOWN_MAX),
    StillKept: Math.max(0, kept.recipientCount - Math.max(0, released - copies.length)),
  };
}

/** To whom it is to go, of those from whom it is kept. @throws CmdletFault */
function recipientsOf({ message, recipients }: KeptMessage, input: Input): readonly Address[] {
  const all = recipients.map(({ address: one }) => one);
  if (input.releaseToAll) return all;
  if (input.user === undefined && input.copyTo !== undefined) return [];
  if (input.user === undefined) {
    const text = "say to whom: give -ReleaseToAll, -User with some of its recipients, or -CopyTo";
    throw new CmdletFault("bad-parameter", text, { parameter: "User" });
  }
  const wanted = new Set(input.user.map(addressKey));
  const found = all.filter((one) => wanted.has(addressKey(one)));
  if (found.length > 0) return found;
  const text = `${formatIdentity(message)} is not kept from ${input.user.join(", ")}`;
  throw new CmdletFault("not-found", text, { parameter: "User" });
}
