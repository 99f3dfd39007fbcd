import type { ReadMessage, WaitingCount } from "../../store/queue-reader.ts";
import { FIXED_QUEUES, fixedQueueOf, isSetAside, PRIORITY_CODES } from "../../store/queue-rows.ts";
import {
  LEASED_DUE_MS,
  type Priority,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  SUBMISSION_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { QueueStatus } from "./delivery-queue.ts";
import { formatQueueKey } from "./queue-key.ts";
import type { PendingAct, PriorityCounts, QueueView, Whereabouts } from "./queue-views.ts";

/** A queue with all that is in it, in memory and in the store. */
export interface ListedQueue extends QueueView {
  /** Those that wait for a time of their own; among `messages` too. */
  readonly deferred: PriorityCounts;
}

/** Status of a message in a queue (reference §5.3). */
export type MessageStatus = "Active" | "Ready" | "Retry" | "Suspended" | PendingAct;

/** A message in one queue; one with recipients in several queues is in each of them. */
export interface LocatedMessage {
  readonly message: QueuedMessage;
  readonly queue: Pick<ListedQueue, "id" | "key">;
  readonly status: MessageStatus;
  /** The first of its recipients in this queue; at most some thousand. */
  readonly recipients: readonly LocatedRecipient[];
  /** Recipients in all queues, those that are not shown included. */
  readonly recipientCount: number;
}

/** A recipient of a message in a queue. */
export interface LocatedRecipient {
  readonly recipient: QueuedRecipient;
  readonly status: MessageStatus;
  /** As in `Placement`. */
  readonly dueMs: number;
}

const PRIORITIES: readonly Priority[] = ["High", "Normal", "Low"];
const NONE: PriorityCounts = { High: 0, Normal: 0, Low: 0 };

/**
 * Puts together what the threads have of the queues and what waits in the store. Submission is
 * always there; the other fixed ones while they hold something, or are suspended by somebody.
 */
export function mergeQueues(
  views: readonly QueueView[],
  waiting: readonly WaitingCount[],
): readonly ListedQueue[] {
  const queues = new Map<number, ListedQueue>();
  for (const view of views) {
    const same = queues.get(view.id);
    queues.set(view.id, {
      ...view,
      ...same,
      messages: sum(same?.messages ?? NONE, view.messages),
      deferred: NONE,
    });
  }
  for (const { queueId, priority: code, messages, deferred } of waiting) {
    const queue = queues.get(queueId);
    const priority = PRIORITIES.find((one) => PRIORITY_CODES[one] === code) ?? "Normal";
    if (queue === undefined) continue;
    queues.set(queueId, {
      ...queue,
      messages: sum(queue.messages, { ...NONE, [priority]: messages }),
      // In the quarantine, a time of one's own is no time of a next attempt.
      deferred: sum(queue.deferred, { ...NONE, [priority]: isSetAside(queueId) ? 0 : deferred }),
    });
  }
  return [...queues.values()].filter(isShown).sort((left, right) => left.id - right.id);
}

function isShown({ id, messages, state }: ListedQueue): boolean {
  if (id >= SUBMISSION_QUEUE_ID) return true;
  return state.suspended || totalOf(messages) > 0;
}

function sum(left: PriorityCounts, right: PriorityCounts): PriorityCounts {
  return {
    High: left.High + right.High,
    Normal: left.Normal + right.Normal,
    Low: left.Low + right.Low,
  };
}

/** Messages of all priorities. */
export function totalOf({ High, Normal, Low }: PriorityCounts): number {
  return High + Normal + Low;
}

/** What is known when messages are located. */
export interface LocationState {
  /** What threads say of these messages. */
  readonly whereabouts: ReadonlyMap<number, readonly Whereabouts[]>;
  readonly queues: ReadonlyMap<number, { readonly key: QueueKey; readonly status: QueueStatus }>;
  /** Ids of queues by the text of their key. */
  readonly idOf: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

/** Says in which queues a stored message is, and how it fares there. */
export function locateMessage(
  { message, recipients, recipientCount }: ReadMessage,
  state: LocationState,
): readonly LocatedMessage[] {
  const groups = new Map<string, { key: QueueKey; recipients: LocatedRecipient[] }>();
  for (const row of recipients) {
    const place = placeOf(message.id, row, state);
    if (place === undefined) continue;
    const keyText = formatQueueKey(place.key);
    const group = groups.get(keyText) ?? { key: place.key, recipients: [] };
    const { recipient, dueMs } = row;
    group.recipients.push({ recipient, status: place.status, dueMs });
    groups.set(keyText, group);
  }
  return [...groups].map(([keyText, { key, recipients: own }]) => ({
    message,
    queue: { key, id: fixedQueueOf(key)?.id ?? state.idOf.get(keyText) ?? SUBMISSION_QUEUE_ID },
    status: statusOf(own),
    recipients: own,
    recipientCount,
  }));
}

function placeOf(
  messageId: number,
  { recipient, queueId, dueMs }: ReadMessage["recipients"][number],
  state: LocationState,
): { readonly key: QueueKey; readonly status: MessageStatus } | undefined {
  if (dueMs === LEASED_DUE_MS) {
    const held = state.whereabouts
      .get(messageId)
      ?.find(({ positions }) => positions.includes(recipient.position));
    if (held !== undefined) return held;
  }
  const key = state.queues.get(queueId)?.key ?? FIXED_QUEUES.find(({ id }) => id === queueId)?.key;
  if (key === undefined) return undefined;
  const isHeld = recipient.suspended || isSetAside(queueId);
  if (isHeld) return { key, status: "Suspended" };
  const isRetry = dueMs > state.nowMs || state.queues.get(queueId)?.status === "Retry";
  return { key, status: isRetry ? "Retry" : "Ready" };
}

const BY_URGENCY: readonly MessageStatus[] = [
  "PendingRemove",
  "PendingSuspend",
  "Active",
  "Retry",
  "Ready",
  "Suspended",
];

function statusOf(recipients: readonly LocatedRecipient[]): MessageStatus {
  return BY_URGENCY.find((status) => recipients.some((one) => one.status === status)) ?? "Ready";
}
