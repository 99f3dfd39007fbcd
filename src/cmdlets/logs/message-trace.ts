import { HOUR } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, type InputOf, optionalParameter } from "../../cmdlet/parameter.ts";
import { TRACE_STATUSES } from "../../logs/message-outcome.ts";
import { type TraceQuery, type TraceRow, traceMessages } from "../../logs/message-trace.ts";
import { addressPattern, partPattern, wildcardPattern } from "../../logs/text-pattern.ts";
import { integer, line, listOf, oneOf } from "../../org/settings/setting-types.ts";
import {
  checkTimes,
  isoDate,
  SEARCH_CHARACTERS_MAX,
  TRACKING_READERS,
  tellProgress,
} from "./tracking-run.ts";
import type { TrackingServices } from "./tracking-services.ts";

const ADDRESSES_MAX = 100;

const MESSAGE_TRACE = {
  name: "MessageTrace",
  properties: {
    Received: { kind: "date", doc: "When this server received the message." },
    SenderAddress: { kind: "text", doc: "MAIL FROM; <> is the empty one." },
    RecipientAddress: { kind: "text", doc: "The recipient, after all resolving." },
    Subject: { kind: "text", doc: "Its subject.", hiddenFrom: ["Help Desk"] },
    Status: { kind: "choice", choices: TRACE_STATUSES, doc: "What became of it for him." },
    Detail: { kind: "text", doc: "The last words of the other side, or why." },
    LastEvent: { kind: "date", doc: "When it came to that." },
    Via: { kind: "list", doc: "Groups and aliases that led to him." },
    FromIP: { kind: "text", doc: "Address of the client that it came from." },
    ToIP: { kind: "text", doc: "Address of the host that it was sent to." },
    Connector: { kind: "text", doc: "The send connector, once there was one." },
    Size: { kind: "bytes", doc: "Size of the message." },
    MessageId: { kind: "text", doc: "Its Message-ID header field." },
    MessageTraceId: { kind: "text", doc: "The GUID that all its copies keep." },
  },
  table: ["Received", "SenderAddress", "RecipientAddress", "Subject", "Status"],
} as const satisfies OutputType;

const text = () => line({ max: SEARCH_CHARACTERS_MAX });

const PARAMETERS = {
  SenderAddress: optionalParameter(
    text(),
    "Sender: an address, a pattern with * and ?, @domain, or a part of it.",
  ),
  RecipientAddress: optionalParameter(
    listOf(text(), { max: ADDRESSES_MAX }),
    "Recipients, also by an alias or a group that led to them; any of them. As SenderAddress.",
  ),
  Address: optionalParameter(
    listOf(text(), { max: ADDRESSES_MAX }),
    "The sender or a recipient, whichever it is; as SenderAddress and RecipientAddress. Of " +
      "several, each has to be one of the two.",
  ),
  Subject: optionalParameter(text(), "The subject, as SubjectFilterType says.", {
    roles: TRACKING_READERS,
  }),
  SubjectFilterType: defaultedParameter(
    oneOf(["Contains", "StartsWith", "EndsWith"]),
    "Contains",
    "How Subject is compared; with * or ? in it, it is a pattern.",
  ),
  MessageId: optionalParameter(text(), "Message-ID, with or without <>; may have * and ?."),
  MessageTraceId: optionalParameter(text(), "The GUID that all copies of a message keep."),
  InternalMessageId: optionalParameter(text(), "The message's number on this server."),
  StartDate: optionalParameter(
    momentType(),
    "Received from this time on; 48 hours ago when it is not given.",
  ),
  EndDate: optionalParameter(momentType(), "Received before this time."),
  Status: optionalParameter(
    listOf(oneOf(TRACE_STATUSES), { max: TRACE_STATUSES.length }),
    "What became of it; any of them.",
  ),
  Connector: optionalParameter(
    text(),
    "The connector that it came in by or left by; may have * and ?.",
  ),
  FromIP: optionalParameter(text(), "Address of the client; may have * and ?."),
  ToIP: optionalParameter(text(), "Address of the host that it was sent to; may have * and ?."),
  IPAddress: optionalParameter(
    text(),
    "Address of the client or of the host that it was sent to, whichever it is; may have * and ?.",
  ),
  ResultSize: defaultedParameter(
    integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
    String(RESULT_SIZE_DEFAULT),
    "The most rows to put out, or Unlimited.",
  ),
};

/** What became of messages, a row for each recipient. */
export const getMessageTrace = defineCmdlet({
  name: "Get-MessageTrace",
  summary: "Shows what became of messages, a row for each recipient, the newest first.",
  notes: [
    "Every condition that is given must hold; case never matters. Without dates it looks at the " +
      "last 48 hours; with MessageId, MessageTraceId or InternalMessageId at the whole log.",
    "Get-MessageTraceDetail tells the story of one of them. Help desks get no subjects.",
  ],
  roles: [...TRACKING_READERS, "Help Desk"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-MessageTrace -SenderAddress alice@contoso.com -RecipientAddress @fabrikam.com",
      doc: "Alice's messages to a domain, of the last two days.",
    },
    {
      command: "Get-MessageTrace -Status Failed,Pending -StartDate -1h",
      doc: "What has not arrived of the last hour's mail.",
    },
  ],
  parameters: PARAMETERS,
  output: MESSAGE_TRACE,
  async *run(invocation: Invocation<TrackingServices>, input) {
    const { services, clock, signal, warn } = invocation;
    const query = readQuery(input, clock.nowMs());
    checkTimes(query.startMs, query.endMs, "EndDate");
    let count = 0;
    for await (const step of traceMessages(services.tracking.log, query, signal)) {
      if (step.kind === "progress") {
        tellProgress(invocation, step);
        continue;
      }
      count += 1;
      if (count > input.resultSize) break;
      yield traceOutput(step.row);
    }
    if (count > input.resultSize) {
      warn(
        `There are more than these ${input.resultSize} rows, the latest ones; StartDate and ` +
          "EndDate narrow them down, ResultSize takes a larger number or Unlimited.",
      );
    }
  },
});

const SUBJECT_KINDS = {
  Contains: "contains",
  StartsWith: "startsWith",
  EndsWith: "endsWith",
} as const;

/** How far back a trace looks when nobody says. */
const SPAN_MS = 48 * HOUR;

function readQuery(input: InputOf<typeof PARAMETERS>, nowMs: number): TraceQuery {
  const { startDate, endDate, messageId, messageTraceId, subject, recipientAddress } = input;
  const { internalMessageId, address, iPAddress } = input;
  const isNamed = (messageId ?? messageTraceId ?? internalMessageId) !== undefined;
  const isPattern = subject !== undefined && /[*?]/.test(subject);
  const kind = SUBJECT_KINDS[input.subjectFilterType];
  return {
    startMs: startDate ? momentMs(startDate, nowMs) : isNamed ? 0 : nowMs - SPAN_MS,
    endMs: endDate ? momentMs(endDate, nowMs) : Number.MAX_SAFE_INTEGER / 2,
    ...(input.senderAddress !== undefined && { sender: addressPattern(input.senderAddress) }),
    ...(recipientAddress && { recipients: recipientAddress.map(addressPattern) }),
    ...(subject !== undefined && {
      subject: isPattern ? partPattern(subject) : { kind, text: subject },
    }),
    ...(messageId !== undefined && { messageId: wildcardPattern(messageId) }),
    ...(messageTraceId !== undefined && { networkMessageId: messageTraceId }),
    ...(internalMessageId !== undefined && { internalMessageId }),
    ...(address && { participants: address.map(addressPattern) }),
    ...(iPAddress !== undefined && { anyIp: wildcardPattern(iPAddress) }),
    ...(input.status && { statuses: input.status }),
    ...(input.connector !== undefined && { connector: wildcardPattern(input.connector) }),
    ...(input.fromIP !== undefined && { fromIp: wildcardPattern(input.fromIP) }),
    ...(input.toIP !== undefined && { toIp: wildcardPattern(input.toIP) }),
  };
}

function traceOutput({ message, recipient }: TraceRow): OutputOf<typeof MESSAGE_TRACE> {
  return {
    Received: isoDate(message.receivedMs),
    SenderAddress: message.returnPath,
    RecipientAddress: recipient.recipient,
    Subject: message.subject,
    Status: recipient.status,
    Detail: recipient.detail,
    LastEvent: isoDate(recipient.atMs),
    Via: recipient.via,
    FromIP: message.fromIp,
    ToIP: recipient.toIp,
    Connector: recipient.connector,
    Size: message.bytes,
    MessageId: message.messageId,
    MessageTraceId: message.networkMessageId,
  };
}
