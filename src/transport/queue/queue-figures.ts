import type { DeliveryQueue, QueueStatus } from "./delivery-queue.ts";

/** Figures of one thread's queues for metrics, back pressure and the watchdog. */
export interface QueueFigures {
  readonly submissionLength: number;
  readonly deliveryLength: number;
  readonly retryLength: number;
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
  let slowedQueues = 0;
  let stalledMs = 0;
  for (const queue of queues) {
    const status = queue.status(known.nowMs);
    queuesByStatus[status] += 1;
    outgoingConnections += queue.connectedCount;
    if (queue.pace.isSlowed) slowedQueues += 1;
    const length = queue.ready.length + queue.inHand.size + Math.max(0, queue.storedCount);
    deliveryLength += length;
    if (status === "Retry") retryLength += length;
    stalledMs = Math.max(stalledMs, known.stalledMs(queue));
  }
  const lengths = { submissionLength: known.submissionLength, deliveryLength, retryLength };
  return { ...lengths, queuesByStatus, outgoingConnections, slowedQueues, stalledMs };
}
