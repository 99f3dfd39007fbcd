import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { defaultedParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { INTEGER_MAX, integer, line } from "../../org/settings/setting-types.ts";
import type { ModeratedMessage, ModerationDecision, RuleServices } from "./services.ts";

type Run = Invocation<RuleServices>;

const MODERATORS: readonly RoleGroup[] = [
  "Records Management",
  "Hygiene Management",
  "Recipient Management",
];
/** Messages looked at for one answer. */
const MESSAGES_MAX = 100_000;

const MODERATED = {
  name: "ModeratedMessage",
  properties: {
    Identity: { kind: "number", doc: "Its internal message id." },
    Subject: { kind: "text", doc: "Its subject." },
    SenderAddress: { kind: "text", doc: "MAIL FROM; empty for the null sender." },
    RecipientAddress: { kind: "list", doc: "Who is to get it." },
    Rule: { kind: "text", doc: "The rule that holds it back, or the moderated recipient." },
    ReceivedTime: { kind: "date", doc: "When it was held back." },
    Expires: { kind: "date", doc: "When it goes back to its sender." },
    Size: { kind: "bytes", doc: "Its bytes." },
    MessageId: { kind: "text", doc: "Its Message-ID." },
  },
  table: ["Identity", "ReceivedTime", "SenderAddress", "Subject", "Rule"],
} as const satisfies OutputType;

function infoOf({ message, recipients, expiresMs }: ModeratedMessage): OutputOf<typeof MODERATED> {
  const { quarantine } = message;
  return {
    Identity: message.id,
    Subject: message.subject,
    SenderAddress: message.envelope.sender,
    RecipientAddress: recipients.map(({ address }) => address),
    Rule: quarantine?.reason ?? "",
    ReceivedTime: new Date(quarantine?.sinceMs ?? message.receivedMs).toISOString(),
    Expires: new Date(expiresMs).toISOString(),
    Size: message.contentBytes,
    MessageId: message.internetMessageId,
  };
}

/** Get-ModeratedMessage. */
export const getModeratedMessage = defineCmdlet({
  name: "Get-ModeratedMessage",
  summary: "Shows the messages that wait for somebody to approve them.",
  roles: [...MODERATORS, "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-ModeratedMessage", doc: "What came last first." }],
  parameters: pagingParameters(MODERATED),
  output: MODERATED,
  async *run({ services, clock, signal, warn }: Run, { filter, sortOrder, resultSize }) {
    const found: ReturnType<typeof infoOf>[] = [];
    for await (const page of services.moderation.messages(signal)) {
      found.push(...page.map(infoOf));
      if (found.length >= MESSAGES_MAX) break;
    }
    const page = selectPage(found, { filter, sortOrder, resultSize }, { nowMs: clock.nowMs() });
    yield* page.items;
    if (page.hasMore) warn(moreResultsWarning(resultSize));
  },
});

const IDENTITY = requiredParameter(
  integer({ min: 1, max: INTEGER_MAX }),
  "The message's Identity.",
  { position: 0, pipeline: "property" },
);

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
  parameters: { Identity: IDENTITY },
  output: MODERATED,
  run: (run: Run, { identity }) => decide(run, identity, { kind: "approve" }),
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
    Identity: IDENTITY,
    Comment: defaultedParameter(line({ max: 500 }), "", "What the sender is told."),
  },
  output: MODERATED,
  run: (run: Run, { identity, comment }) => decide(run, identity, { kind: "deny", text: comment }),
});

async function* decide(
  { services, caller, changed }: Run,
  messageId: number,
  decision: ModerationDecision,
): AsyncGenerator<OutputOf<typeof MODERATED>> {
  const { moderation } = services;
  const waiting = await moderation.find(messageId);
  const count =
    waiting === undefined ? 0 : await moderation.decide({ messageId, by: caller.name, decision });
  if (waiting === undefined || count === 0) {
    const text = `no message ${messageId} waits for approval; Get-ModeratedMessage lists them`;
    throw new CmdletFault("not-found", text, { parameter: "Identity" });
  }
  const info = infoOf(waiting);
  changed({ object: `ModeratedMessage ${messageId}`, before: info });
  yield info;
}
