import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { forgetOrders, putOutResults } from "../../cmdlet/ordered-results.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
} from "../../cmdlet/parameter.ts";
import { pageParameters } from "../../cmdlet/result-page.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { INTEGER_MAX, integer, line, listOf } from "../../org/settings/setting-types.ts";
import { heldResults } from "./held-results.ts";
import { PREVIEW_NOTE, PREVIEW_PROPERTIES, previewOf } from "./preview-output.ts";
import type { HeldPlace, KeptMessage, ModerationDecision, QuarantineServices } from "./services.ts";

type Run = Invocation<QuarantineServices>;

const MODERATORS: readonly RoleGroup[] = [
  "Records Management",
  "Hygiene Management",
  "Recipient Management",
];
/** Messages that one command names. */
const IDENTITIES_MAX = 1_000;
/** Lines of a plan. */
const PLANNED_MAX = 20;

const MODERATED = {
  name: "ModeratedMessage",
  properties: {
    Identity: { kind: "number", doc: "Its internal message id." },
    Subject: { kind: "text", doc: "Its subject." },
    SenderAddress: { kind: "text", doc: "MAIL FROM; empty for the null sender." },
    FromAddress: { kind: "text", doc: "Address in Sender or From." },
    RecipientAddress: { kind: "list", doc: "Who is to get it." },
    RecipientCount: { kind: "number", doc: "How many are to get it." },
    HeldFor: {
      kind: "choice",
      doc: "Whether a rule holds it back, or moderation of its recipients.",
      choices: ["Rule", "Recipient"],
    },
    Rule: { kind: "text", doc: "The rule that holds it back, or the moderated recipient." },
    ModeratedBy: { kind: "list", doc: "Who was asked to decide; the first decision counts." },
    ReceivedTime: { kind: "date", doc: "When it was held back." },
    Expires: { kind: "date", doc: "When it goes back to its sender." },
    Size: { kind: "bytes", doc: "Its bytes." },
    MessageId: { kind: "text", doc: "Its Message-ID." },
    NetworkMessageId: { kind: "text", doc: "The GUID that all its copies keep." },
    SourceIP: { kind: "text", doc: "Address of the client that sent it." },
  },
  table: ["Identity", "ReceivedTime", "SenderAddress", "Subject", "Rule"],
} as const satisfies OutputType;

function infoOf({
  message,
  recipients,
  recipientCount,
  expiresMs,
}: KeptMessage): OutputOf<typeof MODERATED> {
  const { quarantine } = message;
  return {
    Identity: message.id,
    Subject: message.subject,
    SenderAddress: message.envelope.sender,
    FromAddress: message.headerFrom,
    RecipientAddress: recipients.map(({ address }) => address),
    RecipientCount: recipientCount,
    HeldFor: quarantine?.type === "RecipientModeration" ? "Recipient" : "Rule",
    Rule: quarantine?.reason ?? "",
    ModeratedBy: quarantine?.moderators ?? [],
    ReceivedTime: new Date(quarantine?.sinceMs ?? message.receivedMs).toISOString(),
    Expires: new Date(expiresMs).toISOString(),
    Size: message.contentBytes,
    MessageId: message.internetMessageId,
    NetworkMessageId: message.networkMessageId,
    SourceIP: message.origin.clientAddress,
  };
}

const messageNumber = () => integer({ min: 1, max: INTEGER_MAX });

/** Get-ModeratedMessage. */
export const getModeratedMessage = defineCmdlet({
  name: "Get-ModeratedMessage",
  summary: "Shows the messages that wait for somebody to approve them.",
  roles: [...MODERATORS, "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-ModeratedMessage", doc: "What came last first." }],
  parameters: {
    Identity: optionalParameter(messageNumber(), "One message.", {
      position: 0,
      excludes: ["Filter"],
    }),
    ...pageParameters(MODERATED),
  },
  output: MODERATED,
  async *run(run: Run, input) {
    const { services, clock } = run;
    const { identity, filter } = input;
    if (identity !== undefined) {
      yield infoOf(await findWaiting(services, identity));
      return;
    }
    const passes = filter && compileFilter(filter, { nowMs: clock.nowMs() });
    const search = {
      desk: services.moderation,
      conditions: filter?.text ?? "",
      matches: passes && ((kept: KeptMessage) => passes(infoOf(kept))),
      ...{ show: infoOf, read: infoOf, identify: ({ id }: HeldPlace) => String(id) },
    };
    yield* putOutResults(run, heldResults(search, input.sortOrder), input);
  },
});

const MODERATED_PREVIEW = {
  name: "ModeratedMessagePreview",
  table: ["Identity", "SenderAddress", "Subject", "Body"],
  properties: {
    Identity: { kind: "number", doc: "The message." },
    ...PREVIEW_PROPERTIES,
  },
} as const satisfies OutputType;

/** Preview-ModeratedMessage. */
export const previewModeratedMessage = defineCmdlet({
  name: "Preview-ModeratedMessage",
  summary: "Shows the header and the text of a message that waits for approval.",
  notes: [PREVIEW_NOTE],
  roles: MODERATORS,
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [{ command: "Preview-ModeratedMessage 42 | Format-List", doc: "What it says." }],
  parameters: {
    Identity: requiredParameter(messageNumber(), "The message's Identity.", {
      position: 0,
      pipeline: "property",
    }),
  },
  output: MODERATED_PREVIEW,
  async *run({ services }: Run, { identity }) {
    const waiting = await findWaiting(services, identity);
    yield { Identity: identity, ...(await previewOf(services.moderation, waiting)) };
  },
});

const DECIDED = {
  Identity: requiredParameter(
    listOf(messageNumber(), { min: 1, max: IDENTITIES_MAX }),
    "The Identity of the message, or of several.",
    { position: 0, pipeline: "property" },
  ),
};

/** Approve-ModeratedMessage. */
export const approveModeratedMessage = defineCmdlet({
  name: "Approve-ModeratedMessage",
  summary: "Sends a message on that waits for approval; its sender is not told.",
  notes: [
    "The rules are asked once more: what they change is changed now, and one that rejects or " +
      "quarantines still does. None holds it back for approval again.",
    "To a moderated group it is expanded now; what moderated groups inside it do with it, " +
      "BypassNestedModerationEnabled says. Rules are asked about it for the first time.",
  ],
  roles: MODERATORS,
  effect: "changes",
  confirmation: "none",
  examples: [{ command: "Approve-ModeratedMessage 42", doc: "The first decision counts." }],
  parameters: {
    ...DECIDED,
    Comment: defaultedParameter(line({ max: 500 }), "", "Why; it is in the message's trace."),
  },
  output: MODERATED,
  plan: ({ services }: Run, { identity }) => planOf(services, identity, "Approve"),
  run: (run: Run, { identity, comment }) =>
    decide(run, identity, { kind: "approve", text: comment }),
});

/** Deny-ModeratedMessage. */
export const denyModeratedMessage = defineCmdlet({
  name: "Deny-ModeratedMessage",
  summary: "Returns a message that waits for approval to its sender.",
  roles: MODERATORS,
  effect: "changes",
  confirmation: "asks",
  examples: [
    { command: 'Deny-ModeratedMessage 42 -Comment "Ask legal first"', doc: "The sender reads it." },
  ],
  parameters: {
    ...DECIDED,
    Comment: defaultedParameter(
      line({ max: 500 }),
      "",
      "What the sender is told; it is in the message's trace, too.",
    ),
  },
  output: MODERATED,
  plan: ({ services }: Run, { identity }) => planOf(services, identity, "Return"),
  run: (run: Run, { identity, comment }) => decide(run, identity, { kind: "deny", text: comment }),
});

async function planOf(
  services: QuarantineServices,
  identities: readonly number[],
  verb: "Approve" | "Return",
) {
  const found = await services.moderation.find([...new Set(identities)]);
  if (found.length === 0) throw notWaiting(identities);
  const actions = found.map(
    ({ message: { id, envelope, subject } }) =>
      `${verb} message ${id} from <${envelope.sender}>: ${subject}`,
  );
  return { actions: actions.slice(0, PLANNED_MAX), count: actions.length };
}

/** Somebody else may be quicker: that is a fault when nothing is left to decide about. */
async function* decide(
  { services, caller, changed, signal, warn }: Run,
  identities: readonly number[],
  decision: ModerationDecision,
): AsyncGenerator<OutputOf<typeof MODERATED>> {
  const { moderation } = services;
  const gone: number[] = [];
  let count = 0;
  for (const messageId of new Set(identities)) {
    signal.throwIfAborted();
    const [waiting] = await moderation.find([messageId]);
    const decided =
      waiting === undefined ? 0 : await moderation.decide({ messageId, by: caller.name, decision });
    if (waiting === undefined || decided === 0) {
      gone.push(messageId);
      continue;
    }
    forgetOrders(moderation);
    count += 1;
    const info = infoOf(waiting);
    changed({ object: `ModeratedMessage ${messageId}`, before: info });
    yield info;
  }
  if (count === 0) throw notWaiting(gone);
  if (gone.length > 0) warn(`somebody else has decided about ${gone.join(", ")}`);
}

async function findWaiting(services: QuarantineServices, identity: number): Promise<KeptMessage> {
  const [waiting] = await services.moderation.find([identity]);
  if (waiting === undefined) throw notWaiting([identity]);
  return waiting;
}

function notWaiting(identities: readonly number[]): CmdletFault {
  const text =
    `no message ${identities.join(", ")} waits for approval; ` +
    "somebody has decided, or its time is over. Get-ModeratedMessage lists them";
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}
