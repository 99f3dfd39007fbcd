import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import {
  POISON_QUEUE_ID,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { ListedQueue } from "../../transport/queue/queue-listing.ts";
import { totalOf } from "../../transport/queue/queue-listing.ts";
import type { PriorityCounts } from "../../transport/queue/queue-views.ts";
import type { QueueDesk } from "./services.ts";

/** The queue types whose next hop is outside the organization (reference §5.2). */
const EXTERNAL_TYPES: readonly string[] = ["DnsConnectorDelivery", "SmartHostConnectorDelivery"];
const DELIVERY_TYPES = [
  ...EXTERNAL_TYPES,
  "SmtpDeliveryToMailbox",
  "LmtpDelivery",
  "Undefined",
  "Unreachable",
];

/** A queue (reference §5.4). */
export const QUEUE_INFO = {
  name: "QueueInfo",
  table: ["Identity", "DeliveryType", "Status", "MessageCount", "Velocity", "NextHopDomain"],
  properties: {
    Identity: {
      kind: "text",
      doc: "`Server\\\\Queue`: a number, or a name for those always there.",
    },
    QueueIdentity: { kind: "text", doc: "The same as Identity." },
    DeliveryType: { kind: "choice", doc: "How mail leaves it.", choices: DELIVERY_TYPES },
    NextHopCategory: {
      kind: "choice",
      doc: "Whether the next hop is in the organization.",
      choices: ["Internal", "External"],
    },
    NextHopDomain: { kind: "text", doc: "Domain or smart hosts that it is for." },
    NextHopConnector: { kind: "text", doc: "The send connector by which it leaves." },
    TlsDomain: { kind: "text", doc: "The name that the next hop has to prove (Domain Security)." },
    Status: {
      kind: "choice",
      doc: "What it is doing.",
      choices: ["Active", "Connecting", "Ready", "Retry", "Suspended"],
    },
    MessageCount: { kind: "number", doc: "Messages in it." },
    DeferredMessageCount: { kind: "number", doc: "Those that wait for a time of their own." },
    MessageCountsPerPriority: { kind: "list", doc: "As PriorityDescriptions has them." },
    DeferredMessageCountsPerPriority: { kind: "list", doc: "As PriorityDescriptions has them." },
    PriorityDescriptions: { kind: "list", doc: "The priorities." },
    LockedMessageCount: { kind: "number", doc: "Always 0." },
    IncomingRate: { kind: "number", doc: "Messages a second that join it, over a minute." },
    OutgoingRate: { kind: "number", doc: "Messages a second that leave it, over a minute." },
    Velocity: { kind: "number", doc: "OutgoingRate less IncomingRate: below 0, it grows." },
    RetryCount: { kind: "number", doc: "Attempts to connect that have failed in a row." },
    LastError: { kind: "text", doc: "What the last attempt to connect came to." },
    FirstRetryTime: { kind: "date", doc: "The first of these attempts." },
    LastRetryTime: { kind: "date", doc: "The last of them." },
    NextRetryTime: { kind: "date", doc: "When it is tried again." },
    SuspendedBy: { kind: "text", doc: "Who has suspended it." },
    SuspendedTime: { kind: "date", doc: "When that was." },
    RiskLevel: { kind: "text", doc: "Always Normal." },
    OutboundIPPool: { kind: "number", doc: "Always 0." },
    OverrideSource: { kind: "text", doc: "Always empty." },
    IsValid: { kind: "boolean", doc: "Always true." },
    ObjectState: { kind: "text", doc: "Always Unchanged." },
  },
} as const satisfies OutputType;

/** A queue as it is put out. */
export type QueueInfo = OutputOf<typeof QUEUE_INFO>;

/** Shows a queue under the server's name. */
export function queueInfo(queue: ListedQueue, desk: QueueNames): QueueInfo {
  const identity = formatQueueIdentity(queue, desk.serverName());
  const { key, state } = queue;
  return {
    Identity: identity,
    QueueIdentity: identity,
    DeliveryType: key.deliveryType,
    NextHopCategory: categoryOf(queue),
    NextHopDomain: key.nextHopDomain,
    NextHopConnector: key.nextHopConnector,
    TlsDomain: desk.tlsDomainOf(key.nextHopConnector) ?? null,
    Status: queue.status,
    MessageCount: totalOf(queue.messages),
    DeferredMessageCount: totalOf(queue.deferred),
    MessageCountsPerPriority: perPriority(queue.messages),
    DeferredMessageCountsPerPriority: perPriority(queue.deferred),
    PriorityDescriptions: ["High", "Normal", "Low", "None"],
    LockedMessageCount: 0,
    IncomingRate: rounded(queue.incomingRate),
    OutgoingRate: rounded(queue.outgoingRate),
    Velocity: rounded(queue.outgoingRate - queue.incomingRate),
    RetryCount: state.failureCount,
    LastError: state.lastError ?? null,
    FirstRetryTime: formatTime(state.firstRetryMs),
    LastRetryTime: formatTime(state.lastRetryMs),
    NextRetryTime: formatTime(state.nextRetryMs),
    SuspendedBy: state.suspendedBy ?? null,
    SuspendedTime: formatTime(state.suspendedMs),
    RiskLevel: "Normal",
    OutboundIPPool: 0,
    OverrideSource: null,
    IsValid: true,
    ObjectState: "Unchanged",
  };
}

/** What identities and names of queues come from. */
export type QueueNames = Pick<QueueDesk, "serverName" | "tlsDomainOf">;

/** `mail\7`, `mail\Submission`: the server's name without its domain, as Exchange has it. */
export function formatQueueIdentity(queue: { readonly id: number }, serverName: string): string {
  return `${hostPart(serverName)}\\${queueName(queue.id)}`;
}

/** The first label of a server's name. */
export function hostPart(serverName: string): string {
  return serverName.split(".", 1)[0] ?? serverName;
}

/** The queue's part of an identity. */
export function queueName(id: number): string {
  if (id > SUBMISSION_QUEUE_ID) return String(id);
  if (id === SUBMISSION_QUEUE_ID) return "Submission";
  if (id === UNREACHABLE_QUEUE_ID) return "Unreachable";
  return id === POISON_QUEUE_ID ? "Poison" : "Quarantine";
}

/** Whether the next hop is outside the organization. */
export function categoryOf({ key }: Pick<ListedQueue, "key">): "Internal" | "External" {
  return EXTERNAL_TYPES.includes(key.deliveryType) ? "External" : "Internal";
}

/** ISO 8601 in UTC. */
export function formatTime(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}

function perPriority({ High, Normal, Low }: PriorityCounts): readonly string[] {
  return [High, Normal, Low, 0].map(String);
}

function rounded(rate: number): number {
  return Math.round(rate * 1_000) / 1_000;
}
