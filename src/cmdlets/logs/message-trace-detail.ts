import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { type MessageOutcome, outcomeOf } from "../../logs/message-outcome.ts";
import { eventsOfMessages } from "../../logs/message-trace.ts";
import { type StorySentence, tellStory } from "../../logs/story.ts";
import { wildcardPattern } from "../../logs/text-pattern.ts";
import type { TrackingQuery } from "../../logs/tracking-query.ts";
import { line } from "../../org/settings/setting-types.ts";
import { isoDate, SEARCH_CHARACTERS_MAX, TRACKING_READERS } from "./tracking-run.ts";
import type { TrackingServices } from "./tracking-services.ts";

/** Messages with one Message-ID whose stories are told: a sender may use it again and again. */
const MESSAGES_MAX = 20;

const MESSAGE_TRACE_DETAIL = {
  name: "MessageTraceDetail",
  properties: {
    Date: { kind: "date", doc: "When it happened." },
    Event: { kind: "text", doc: "What happened, in a word; Wait is what is still to come." },
    RecipientAddress: { kind: "text", doc: "Whom it is about; nothing: the message as a whole." },
    Detail: { kind: "text", doc: "What happened, in a sentence." },
    Host: { kind: "text", doc: "The host that it came from, went to or was refused by." },
    SessionId: {
      kind: "text",
      doc: "The session with it, as in Get-SessionRecording and Get-ProtocolLog.",
    },
    Response: { kind: "text", doc: "What that said, or the error that stands for it." },
    Connector: { kind: "text", doc: "The connector that it came in by or left by." },
    Queue: { kind: "text", doc: "The queue that it waits in." },
    NextRetry: { kind: "date", doc: "When that is tried again." },
    InternalMessageId: { kind: "number", doc: "The number of that copy on this server." },
    SenderAddress: { kind: "text", doc: "MAIL FROM; <> is the empty one." },
    MessageId: { kind: "text", doc: "The message's Message-ID header field." },
    MessageTraceId: { kind: "text", doc: "The GUID that all its copies keep." },
  },
  table: ["Date", "Event", "Detail"],
} as const satisfies OutputType;

const text = () => line({ max: SEARCH_CHARACTERS_MAX });

/** The story of a message. */
export const getMessageTraceDetail = defineCmdlet({
  name: "Get-MessageTraceDetail",
  summary: "Tells the story of a message in sentences, for all its recipients or for one.",
  notes: [
    "The story follows a recipient through groups, aliases, redirections and copies, and ends " +
      "with where the message waits, if it does.",
  ],
  roles: [...TRACKING_READERS, "Help Desk"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command:
        "Get-MessageTraceDetail -MessageId <one@contoso.com> -RecipientAddress bob@fabrikam.com",
      doc: "Where Bob's copy of that message went, and what his server said.",
    },
    {
      command: "Get-MessageTraceDetail 17",
      doc: "Where message 17 of Get-Message has been, and why it waits.",
    },
    {
      command: "Get-MessageTrace -Status Failed -StartDate -1h | Get-MessageTraceDetail",
      doc: "The stories of what has failed in the last hour.",
    },
  ],
  parameters: {
    MessageTraceId: optionalParameter(
      text(),
      "The GUID that all copies of a message keep; or its number or identity, as Get-Message " +
        "shows it; or its Message-ID.",
      { position: 0, pipeline: "property" },
    ),
    MessageId: optionalParameter(text(), "Or its Message-ID, with or without <>.", {
      excludes: ["MessageTraceId"],
    }),
    RecipientAddress: optionalParameter(
      text(),
      "Only what concerns this recipient, as it was written or as it came to be.",
      { pipeline: "property" },
    ),
  },
  output: MESSAGE_TRACE_DETAIL,
  async *run(invocation: Invocation<TrackingServices>, input) {
    const { services, clock, signal } = invocation;
    const { log, waiting } = services.tracking;
    const ids = await findMessages(invocation, input);
    for (const id of ids) {
      const what = { ids: [id], fromMs: Number.NEGATIVE_INFINITY, signal };
      const records = await eventsOfMessages(log, what);
      const outcome = outcomeOf(records);
      if (outcome === undefined) continue;
      const recipient = input.recipientAddress;
      const sentences = tellStory(records, {
        ...(recipient !== undefined && { recipient }),
        waiting: await waiting(outcome.internalMessageIds),
        nowMs: clock.nowMs(),
      });
      if (sentences.length === 0) throw noSuchRecipient(outcome, recipient ?? "");
      for (const sentence of sentences) yield detailOutput(sentence, outcome);
    }
  },
});

function detailOutput(
  sentence: StorySentence,
  outcome: MessageOutcome,
): OutputOf<typeof MESSAGE_TRACE_DETAIL> {
  const { nextAttemptMs, internalMessageId } = sentence;
  return {
    Date: isoDate(sentence.atMs),
    Event: sentence.event,
    RecipientAddress: sentence.recipient,
    Detail: sentence.text,
    Host: sentence.host === "" ? null : sentence.host,
    SessionId: sentence.sessionId === "" ? null : sentence.sessionId,
    Response: sentence.response === "" ? null : sentence.response,
    Connector: sentence.connector === "" ? null : sentence.connector,
    Queue: sentence.queue === "" ? null : sentence.queue,
    NextRetry: nextAttemptMs === undefined ? null : isoDate(nextAttemptMs),
    InternalMessageId: /^\d{1,15}$/.test(internalMessageId) ? Number(internalMessageId) : null,
    SenderAddress: outcome.returnPath,
    MessageId: outcome.messageId,
    MessageTraceId: outcome.networkMessageId,
  };
}

/** Messages by one of the two ids that may name them. @throws CmdletFault */
async function findMessages(
  { services, signal, warn }: Invocation<TrackingServices>,
  {
    messageTraceId,
    messageId,
  }: { messageTraceId: string | undefined; messageId: string | undefined },
): Promise<readonly string[]> {
  if (messageTraceId === undefined && messageId === undefined) {
    const hint = "-MessageTraceId or -MessageId says which message; Get-MessageTrace finds it";
    throw new CmdletFault("bad-parameter", hint, { parameter: "MessageTraceId" });
  }
  const query =
    messageTraceId === undefined
      ? { messageId: wildcardPattern(messageId ?? "") }
      : queryOfName(messageTraceId);
  const ids = new Set<string>();
  for await (const { records } of services.tracking.log.search(query, {
    order: "newestFirst",
    signal,
  })) {
    for (const { networkMessageId } of records)
      if (networkMessageId !== "") ids.add(networkMessageId);
    if (ids.size > MESSAGES_MAX || (!("messageId" in query) && ids.size > 0)) break;
  }
  if (ids.size === 0) {
    throw new CmdletFault(
      "not-found",
      `the tracking log has no message ${messageTraceId ?? messageId}; it may be older than the ` +
        "log, or have gone through another server",
      { parameter: messageTraceId === undefined ? "MessageId" : "MessageTraceId" },
    );
  }
  if (ids.size > MESSAGES_MAX) {
    warn(`More than ${MESSAGES_MAX} messages have that id; these are the latest.`);
  }
  return [...ids].slice(0, MESSAGES_MAX).reverse();
}

/** `6d1f…`, `17`, `mail\\3\\17` and `<one@contoso.test>` all name a message. */
function queryOfName(name: string): TrackingQuery {
  const number = /^(?:[^\\]*\\){0,2}(\d{1,15})$/.exec(name)?.[1];
  if (number !== undefined) return { internalMessageId: number };
  return /[<@]/.test(name) ? { messageId: wildcardPattern(name) } : { networkMessageIds: [name] };
}

function noSuchRecipient({ messageId, recipients }: MessageOutcome, wanted: string): CmdletFault {
  const known = recipients.slice(0, 5).map(({ recipient }) => recipient);
  return new CmdletFault(
    "not-found",
    `message ${messageId} was never for ${wanted}; it is for ${known.join(", ")}` +
      `${recipients.length > known.length ? ", …" : ""}`,
    { parameter: "RecipientAddress" },
  );
}
