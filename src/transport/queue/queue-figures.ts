import type { DeliveryQueue, QueueStatus } from "./delivery-queue.ts";

/** Kinds of delivery queues that are told apart. */
type LengthKind = "activeRemote" | "activeMailbox" | "retryRemote" | "retryMailbox";

/** Figures of one thread's queues for metrics, back pressure and the watchdog. */
export interface QueueFigures {
  readonly submissionLength: number;
  readonly deliveryLength: number;
  readonly retryLength: number;
  /** Recipients by where their queue leads, and whether it backs off (reference §15.2). */
  readonly lengths: Readonly<Record<LengthKind, number>>;
  readonly largestLength: number;
  readonly queuesByStatus: Readonly<Record<QueueStatus, number>>;
  readonly outgoingConnections: number;
  /** Queues whose destination has slowed them down. */
  readonly slowedQueues: number;
  /** Milliseconds that the oldest due mail has lain without an attempt. */
  readonly stalledMs: number;
}

/** Adds up the queues that a thread owns. */
export function queueFigures(
  queues: Iterable<DeliveryQueue>,
  known: {
    readonly nowMs: number;
    readonly submissionLength: number;
    readonly stalledMs: (queue: DeliveryQueue) => number;
  },
): QueueFigures {
  const queuesByStatus = { Active: 0, Connecting: 0, Ready: 0, Retry: 0, Suspended: 0 };
  let outgoingConnections = 0;
  let deliveryLength = 0;
  let retryLength = 0;
  let largestLength = 0;
  const lengths = { activeRemote: 0, activeMailbox: 0, retryRemote: 0, retryMailbox: 0 };
  let slowedQueues = 0;
  let stalledMs = 0;
  for (const queue of queues) {
    const status = queue.status(known.nowMs);
    queuesByStatus[status] += 1;
    outgoingConnections += queue.connectedCount;
    if (queue.pace.isSlowed) slowedQueues += 1;
    const length = queue.ready.length + queue.inHand.size + Math.max(0, queue.storedCount);
    deliveryLength += length;
    largestLength = Math.max(largestLength, length);
    lengths[kindOf(queue, status)] += length;
    if (status === "Retry") retryLength += length;
    stalledMs = Math.max(stalledMs, known.stalledMs(queue));
  }
  const totals = { submissionLength: known.submissionLength, deliveryLength, retryLength };
  return {
    ...totals,
    lengths,
    largestLength,
    queuesByStatus,
    outgoingConnections,
    slowedQueues,
    stalledMs,
  };
}

function kindOf({ key }: DeliveryQueue, status: QueueStatus): LengthKind {
  const isMailbox =
    key.deliveryType === "SmtpDeliveryToMailbox" || key.deliveryType === "LmtpDelivery";
  if (status === "Retry") return isMailbox ? "retryMailbox" : "retryRemote";
  return isMailbox ? "activeMailbox" : "activeRemote";
}
