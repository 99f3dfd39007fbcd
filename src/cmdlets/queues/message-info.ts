import type { OutputObject, OutputOf, OutputType, OutputValue } from "../../cmdlet/output-type.ts";
import { formatSpan } from "../../org/settings/setting-types.ts";
import { type Origin, QUARANTINE_QUEUE_ID, SUBMISSION_QUEUE_ID } from "../../store/queue-store.ts";
import type { LocatedMessage, LocatedRecipient } from "../../transport/queue/queue-listing.ts";
import { formatQueueIdentity, formatTime } from "./queue-info.ts";

/** A message in a queue (reference §5.5). */
export const MESSAGE_INFO = {
  name: "MessageInfo",
  table: ["Identity", "FromAddress", "Status", "Queue", "Size", "Subject", "LastError"],
  properties: {
    Identity: {
      kind: "text",
      doc: "`Server\\\\Queue\\\\Message`; the number is the same in all queues.",
    },
    MessageIdentity: { kind: "text", doc: "The same as Identity." },
    InternetMessageId: { kind: "text", doc: "The Message-ID field with its angle brackets." },
    Subject: { kind: "text", doc: "The Subject field, decoded." },
    FromAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    OriginalFromAddress: { kind: "text", doc: "Whose message has brought this one about." },
    Recipients: { kind: "object", doc: "Filled only with -IncludeRecipientInfo." },
    RecipientCount: { kind: "number", doc: "Recipients that it still has, in all queues." },
    Status: {
      kind: "choice",
      doc: "How it fares in this queue.",
      choices: ["Active", "Ready", "Retry", "Suspended", "PendingRemove", "PendingSuspend"],
    },
    Queue: { kind: "text", doc: "Identity of the queue." },
    NextHopDomain: { kind: "text", doc: "Domain or smart hosts that the queue is for." },
    Size: { kind: "bytes", doc: "Bytes of its content." },
    SCL: { kind: "number", doc: "Spam confidence level, where something has set it." },
    Priority: { kind: "choice", doc: "Its priority.", choices: ["High", "Normal", "Low"] },
    DateReceived: { kind: "date", doc: "When this server took it in." },
    ExpirationTime: {
      kind: "date",
      doc: "When it comes back to its sender; in quarantine, when it is removed.",
    },
    LastError: { kind: "text", doc: "What the last attempt came to." },
    RetryCount: { kind: "number", doc: "Attempts that ended in a deferral of its own." },
    MessageSourceName: {
      kind: "text",
      doc: "`SMTP:Connector`, `DSN`, `Pickup`, `Replay`, `Admin`.",
    },
    SourceIP: { kind: "text", doc: "Address of the client that sent it." },
    MessageLatency: { kind: "span", doc: "How long this server has had it." },
    ComponentLatency: { kind: "object", doc: "Filled only with -IncludeComponentLatencyInfo." },
    DeferReason: { kind: "text", doc: "Why the categorizer has put it off; None when it has not." },
    Directionality: {
      kind: "choice",
      doc: "Whether its sender proved who he is.",
      choices: ["Incoming", "Originating", "Undefined"],
    },
    AccountForest: { kind: "text", doc: "Always empty." },
    ExternalDirectoryOrganizationId: { kind: "text", doc: "Always empty." },
    LockReason: { kind: "text", doc: "Always empty." },
    TrafficType: { kind: "text", doc: "Always Email." },
    TrafficSubType: { kind: "text", doc: "Always empty." },
  },
} as const satisfies OutputType;

/** A message as it is put out. */
export type MessageInfo = OutputOf<typeof MESSAGE_INFO>;

/** What else there is to show, and under which name. */
export interface MessageShowing {
  readonly serverName: string;
  readonly nowMs: number;
  readonly recipients?: "shown";
  readonly latency?: "shown";
}

type Reader<Value> = (located: LocatedMessage, showing: MessageShowing) => Value;

const identity: Reader<string> = (located, { serverName }) =>
  formatMessageIdentity(located, serverName);
const sender: Reader<string> = ({ message }) => message.envelope.sender || "<>";
const nothing = () => null;

/** What is read of a message for each property. */
const READERS: { readonly [Name in keyof MessageInfo]: Reader<MessageInfo[Name]> } = {
  Identity: identity,
  MessageIdentity: identity,
  InternetMessageId: ({ message }) => message.internetMessageId,
  Subject: ({ message }) => message.subject,
  FromAddress: sender,
  OriginalFromAddress: sender,
  Recipients: (located, showing) =>
    showing.recipients ? located.recipients.map((one) => recipientInfo(one, located)) : null,
  RecipientCount: ({ recipientCount }) => recipientCount,
  Status: ({ status }) => status,
  Queue: ({ queue }, { serverName }) => formatQueueIdentity(queue, serverName),
  NextHopDomain: ({ queue }) => queue.key.nextHopDomain,
  Size: ({ message }) => message.contentBytes,
  SCL: ({ message }) => message.scl ?? null,
  Priority: ({ message }) => message.priority,
  DateReceived: ({ message }) => formatTime(message.receivedMs),
  ExpirationTime: ({ queue, recipients }) => {
    const isKept = queue.id === QUARANTINE_QUEUE_ID;
    const expiresMs = minimum(
      recipients.map(({ recipient, dueMs }) => (isKept ? dueMs : recipient.expiresMs)),
    );
    return expiresMs === undefined ? null : formatTime(expiresMs);
  },
  LastError: ({ recipients }) =>
    recipients.find(({ recipient }) => recipient.lastError)?.recipient.lastError ?? null,
  RetryCount: ({ recipients }) =>
    Math.max(0, ...recipients.map(({ recipient }) => recipient.attemptCount)),
  MessageSourceName: ({ message }) => sourceName(message.origin),
  SourceIP: ({ message }) => message.origin.clientAddress,
  MessageLatency: ({ message }, { nowMs }) => formatSpan(Math.max(0, nowMs - message.receivedMs)),
  ComponentLatency: ({ message }, { nowMs, latency }) =>
    latency
      ? [{ Component: "Total", Latency: formatSpan(Math.max(0, nowMs - message.receivedMs)) }]
      : null,
  DeferReason: ({ queue, status }) =>
    queue.id === SUBMISSION_QUEUE_ID && status === "Retry" ? "Transient Failure" : "None",
  Directionality: ({ message }) => message.origin.directionality,
  AccountForest: nothing,
  ExternalDirectoryOrganizationId: nothing,
  LockReason: nothing,
  TrafficType: () => "Email",
  TrafficSubType: nothing,
};
const NAMES = Object.keys(READERS) as readonly (keyof MessageInfo)[];

/** Shows a message in its queue. */
export function messageInfo(located: LocatedMessage, showing: MessageShowing): MessageInfo {
  // Each reader gives what its property is.
  return messageProperties(located, showing, NAMES) as unknown as MessageInfo;
}

/** Some properties of it, where a hundred thousand messages are looked at for them. */
export function messageProperties(
  located: LocatedMessage,
  showing: MessageShowing,
  names: Iterable<string>,
): OutputObject {
  const found: Record<string, OutputValue> = {};
  for (const name of names) {
    if (isProperty(name)) found[name] = READERS[name](located, showing);
  }
  return found;
}

function isProperty(name: string): name is keyof MessageInfo {
  return Object.hasOwn(READERS, name);
}

/** `mail\7\42` */
export function formatMessageIdentity(
  {
    message,
    queue,
  }: { readonly message: { readonly id: number }; readonly queue: { readonly id: number } },
  serverName: string,
): string {
  return `${formatQueueIdentity(queue, serverName)}\\${message.id}`;
}

function recipientInfo(
  { recipient, status }: LocatedRecipient,
  { queue }: LocatedMessage,
): OutputValue {
  const isMailbox = ["SmtpDeliveryToMailbox", "LmtpDelivery"].includes(queue.key.deliveryType);
  return {
    Address: recipient.address,
    Type: isMailbox ? "Mailbox" : "External",
    FinalDestination: isMailbox ? recipient.address : queue.key.nextHopDomain,
    Status: status === "Retry" ? "Retry" : "Ready",
    LastError: recipient.lastError ?? null,
  };
}

function sourceName({ source, connector }: Origin): string {
  switch (source) {
    case "SMTP":
      return `SMTP:${connector}`;
    case "PICKUP":
      return "Pickup";
    case "REPLAY":
      return "Replay";
    case "ADMIN":
      return "Admin";
    default:
      return source;
  }
}

function minimum(numbers: readonly number[]): number | undefined {
  let least: number | undefined;
  for (const number of numbers) if (least === undefined || number < least) least = number;
  return least !== undefined && least <= DATE_MAX_MS ? least : undefined;
}

/** The last moment that a date can name (ECMA-262 §21.4.1.1). */
const DATE_MAX_MS = 8.64e15;
