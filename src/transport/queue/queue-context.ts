import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Metrics } from "../../base/metrics.ts";
import { SECOND } from "../../base/units.ts";
import type { Organization } from "../../org/organization.ts";
import type { QueueKey, QueueStore } from "../../store/queue-store.ts";
import type { RecordStore } from "../../store/record-store.ts";
import type { Courier } from "./courier.ts";
import type { ContentBudget } from "./message-content.ts";

/** What every part of the queue in one transport thread works with. */
export interface QueueContext {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
  readonly budget: ContentBudget;
  /** The configuration in force now. */
  readonly organization: () => Organization;
  readonly courierFor: (deliveryType: QueueKey["deliveryType"]) => Courier;
  /** Whether deliveries may be attempted at all (Set-ServerComponentState). Absent: they may. */
  readonly sendsMail?: () => boolean;
  /** Transport threads in all: limits of the process are shared among them. */
  readonly threadCount: number;
  /**
   * Marks a message as being worked on, so that a dying thread leaves word of it; undone by the
   * result.
   */
  readonly mark: (messageId: number) => () => void;
  /**
   * Runs work on a message that nothing else can come between, and leaves word of it: a thread that
   * dies in the synchronous part of it dies of this message.
   */
  readonly alone: <Value>(messageId: number, work: () => Value) => Value;
  /** Due mail without an attempt for this long is an alarm, in milliseconds. */
  readonly alarmMs: number;
  /** Where requests to resubmit are. Absent: there are none. */
  readonly records?: RecordStore | undefined;
}

/** Due mail without an attempt for this long is a fault of ours. */
export const ALARM_MS = 30 * SECOND;

/** How long to wait before the store is asked again after it failed. */
export const STORE_RETRY_MS = 1_000;
