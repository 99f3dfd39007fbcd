import { FIXED_QUEUES } from "../../store/queue-rows.ts";
import {
  type Priority,
  type QueuedMessage,
  type QueueKey,
  type QueueState,
  SUBMISSION_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { DeliveryOwner } from "./delivery-owner.ts";
import type { DeliveryQueue, QueueStatus } from "./delivery-queue.ts";
import type { FixedQueues } from "./fixed-queues.ts";
import type { QueueContext } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** Queues that get their number in one go, when somebody looks at them for the first time. */
const NUMBERED_AT_ONCE = 250;

/** Messages by priority. */
export type PriorityCounts = Readonly<Record<Priority, number>>;

/** A queue as its thread sees it; what waits in the store is not in its counts. */
export interface QueueView {
  readonly key: QueueKey;
  /** The queue's id in the store: its number in identities. */
  readonly id: number;
  readonly status: QueueStatus;
  /** In memory: ready, or with a lane. */
  readonly messages: PriorityCounts;
  readonly state: QueueState;
  /** Messages per second over the last minute. */
  readonly incomingRate: number;
  readonly outgoingRate: number;
  /** What the destination takes, as far as it has taught us; absent: it has not slowed us down. */
  readonly pace?: QueuePace | undefined;
}

/** How slowly a destination wants its mail. */
export interface QueuePace {
  readonly connectionsMax: number;
  readonly messagesPerMinute: number;
}

/** An administrator's act that waits for the end of an attempt. */
export type PendingAct = "PendingSuspend" | "PendingRemove";

/** Where some recipients of a message are, of those that a thread has in memory. */
export interface Whereabouts {
  readonly messageId: number;
  readonly key: QueueKey;
  readonly positions: readonly number[];
  readonly status: "Active" | "Ready" | PendingAct;
}

/** What the views are taken from. */
export interface QueueViewParts {
  readonly context: QueueContext;
  readonly storage: QueueStorage;
  readonly owner: DeliveryOwner;
  readonly submission: SubmissionOwner;
  readonly fixed: FixedQueues;
  readonly pending: (messageId: number) => PendingAct | undefined;
}

/** Looks at what one thread holds; changes nothing but that queues get their numbers. */
export class QueueViews {
  readonly #parts: QueueViewParts;

  constructor(parts: QueueViewParts) {
    this.#parts = parts;
  }

  /**
   * All queues owned here, and what this thread has of Submission and says of the other fixed ones.
   * Rejects with StoreFailure.
   */
  async queues(): Promise<readonly QueueView[]> {
    const { owner, fixed, submission, context, storage } = this.#parts;
    const views: QueueView[] = FIXED_QUEUES.map(({ id, key }) => ({
      key,
      id,
      status: fixed.isSuspended(id) ? "Suspended" : "Ready",
      messages: countPriorities(id === SUBMISSION_QUEUE_ID ? submission.submissions() : []),
      state: fixed.state(id),
      incomingRate: 0,
      outgoingRate: 0,
    }));
    const queues = [...owner.queues.values()];
    for (let start = 0; start < queues.length; start += NUMBERED_AT_ONCE) {
      const group = queues.slice(start, start + NUMBERED_AT_ONCE);
      const ids = await Promise.all(group.map(async (queue) => storage.storeId(queue)));
      const [nowMs, monotonicMs] = [context.clock.nowMs(), context.clock.monotonicMs()];
      for (const [index, queue] of group.entries()) {
        views.push(viewOf(queue, { id: ids[index] ?? 0, nowMs, monotonicMs }));
      }
    }
    return views;
  }

  /** Where the recipients of these messages are that this thread has in memory. */
  whereabouts(messageIds: readonly number[]): readonly Whereabouts[] {
    const wanted = new Set(messageIds);
    const found: Whereabouts[] = [];
    const add = (
      key: QueueKey,
      { message, recipients }: Located,
      status: "Active" | "Ready",
    ): void => {
      if (!wanted.has(message.id)) return;
      const positions = recipients.map(({ position }) => position);
      const pending = this.#parts.pending(message.id);
      found.push({ messageId: message.id, key, positions, status: pending ?? status });
    };
    for (const one of this.#parts.submission.submissions()) add(SUBMISSION_KEY, one, "Active");
    for (const queue of this.#parts.owner.queues.values()) {
      for (const held of queue.inHand) add(queue.key, held, "Active");
      for (const held of queue.ready.values()) add(queue.key, held, "Ready");
    }
    return found;
  }

  /** Ids of the messages of a queue that this thread has in memory, in no order. */
  messageIdsOf(key: QueueKey): readonly number[] {
    const { submission, owner } = this.#parts;
    if (isSameQueue(key, SUBMISSION_KEY)) {
      return submission.submissions().map(({ message }) => message.id);
    }
    const queue = owner.queues.get(formatQueueKey(key));
    if (queue === undefined) return [];
    return [...queue.inHand, ...queue.ready.values()].map(({ message }) => message.id);
  }
}

interface Located {
  readonly message: QueuedMessage;
  readonly recipients: readonly { readonly position: number }[];
}

/** The key of Submission, as queue views name it. */
export const SUBMISSION_KEY: QueueKey = {
  deliveryType: "Undefined",
  nextHopDomain: "Submission",
  nextHopConnector: "",
};

/** Whether two keys are of the same queue. */
export function isSameQueue(left: QueueKey, right: QueueKey): boolean {
  return formatQueueKey(left) === formatQueueKey(right);
}

function viewOf(
  queue: DeliveryQueue,
  at: { readonly id: number; readonly nowMs: number; readonly monotonicMs: number },
): QueueView {
  return {
    key: queue.key,
    id: at.id,
    status: queue.status(at.nowMs),
    messages: countPriorities([...queue.inHand, ...queue.ready.values()]),
    state: queue.state,
    incomingRate: queue.incoming.perSecond(at.monotonicMs),
    outgoingRate: queue.outgoing.perSecond(at.monotonicMs),
    pace: queue.pace.learnedAt(at.monotonicMs),
  };
}

function countPriorities(
  held: Iterable<{ readonly message: Pick<QueuedMessage, "priority"> }>,
): PriorityCounts {
  const counts = { High: 0, Normal: 0, Low: 0 };
  for (const { message } of held) counts[message.priority] += 1;
  return counts;
}
