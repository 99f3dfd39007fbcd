import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Metrics } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import type { QueueFigures } from "../transport/queue/queue-figures.ts";
import type { ThreadReport } from "./thread-calls.ts";

/** Wakes the thread so often, even an idle one; what counts as pressure is 250 ms and more. */
const LOOP_DELAY_RESOLUTION_MS = 50;
const NANOSECONDS_PER_MS = 1e6;

/** Watches this thread's event loop, and puts the report for the supervisor together. */
export class ThreadMonitor {
  readonly #metrics: Metrics;
  readonly #delays = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#delays.enable();
  }

  /** How the thread has been since the last report. */
  report(figures: QueueFigures, sessionCount: number): ThreadReport {
    const loopDelayMs = beyondResolutionMs(this.#delays.max);
    const usualDelayMs = beyondResolutionMs(this.#delays.percentile(99));
    this.#delays.reset();
    setGauges(this.#metrics, figures);
    this.#metrics.set("postrider_connections_current", sessionCount);
    this.#metrics.set("postrider_event_loop_delay_seconds", usualDelayMs / SECOND);
    return { metrics: this.#metrics.snapshot(), figures, loopDelayMs };
  }
}

/** The monitor measures from tick to tick: an idle loop shows its resolution. */
function beyondResolutionMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MS - LOOP_DELAY_RESOLUTION_MS);
}

function setGauges(metrics: Metrics, figures: QueueFigures): void {
  const { queuesByStatus, lengths } = figures;
  metrics.set("postrider_queue_recipients:submission", figures.submissionLength);
  metrics.set("postrider_queue_recipients:delivery", figures.deliveryLength);
  metrics.set("postrider_queue_recipients:retry", figures.retryLength);
  metrics.set("postrider_delivery_recipients:active_remote", lengths.activeRemote);
  metrics.set("postrider_delivery_recipients:active_mailbox", lengths.activeMailbox);
  metrics.set("postrider_delivery_recipients:retry_remote", lengths.retryRemote);
  metrics.set("postrider_delivery_recipients:retry_mailbox", lengths.retryMailbox);
  metrics.set("postrider_largest_delivery_queue_recipients", figures.largestLength);
  metrics.set("postrider_queues:active", queuesByStatus.Active);
  metrics.set("postrider_queues:connecting", queuesByStatus.Connecting);
  metrics.set("postrider_queues:ready", queuesByStatus.Ready);
  metrics.set("postrider_queues:retry", queuesByStatus.Retry);
  metrics.set("postrider_queues:suspended", queuesByStatus.Suspended);
  metrics.set("postrider_queues_slowed", figures.slowedQueues);
  metrics.set("postrider_oldest_due_age_seconds", figures.stalledMs / SECOND);
  metrics.set("postrider_outgoing_connections_current", figures.outgoingConnections);
}
