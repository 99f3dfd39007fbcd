import { assert } from "../base/assert.ts";
import type { HeaderEdit } from "../mail/header-edit.ts";
import {
  type Change,
  type PlacedRecipient,
  POISON_QUEUE_ID,
  type Priority,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  type QueueState,
  type StoredMessage,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "./queue-store.ts";

/** Largest notice time: a recipient that neither expires nor wants a delay notice. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** Priorities in the database. */
export const PRIORITY_CODES: Readonly<Record<Priority, number>> = { High: 2, Normal: 1, Low: 0 };

/** Columns of one message; `content` holds pieces from `firstChunk` on. */
export type MessageRow = readonly [
  id: number,
  contentId: number,
  head: string,
  priority: number,
  firstChunk: number,
  content: readonly Uint8Array[],
];

/** Columns of one recipient. */
export type RecipientRow = readonly [
  messageId: number,
  position: number,
  queueId: number,
  dueMs: number,
  noticeMs: number,
  detail: string,
];

/**
 * A change as rows: flat, few objects and strings, so that it crosses between threads cheaply and
 * the store thread has nothing to do but bind values.
 */
export interface ChangeRows {
  readonly messages: readonly MessageRow[];
  readonly recipients: readonly RecipientRow[];
  /** message id, position, message id, position, … */
  readonly removals: readonly number[];
  /** Of those, the ones that go into the Safety Net. */
  readonly kept: readonly (readonly [
    messageId: number,
    position: number,
    keptMs: number,
    destination: string,
  ])[];
  /** message id, position, request, message id, … */
  readonly resubmitted: readonly number[];
  readonly heads: readonly (readonly [messageId: number, edits: string])[];
  readonly queueStates: readonly (readonly [queueId: number, state: string])[];
  readonly events: string;
}

/** A message and one of its recipients as read. */
export interface JoinedRow {
  readonly head: string;
  readonly edits: string | null;
  readonly messageId: number;
  readonly position: number;
  readonly queueId: number;
  readonly dueMs: number;
  readonly detail: string;
}

/**
 * When the notice sweep has to look at a recipient: at its delay notice, then at its expiry. One
 * that an administrator holds has its time stopped.
 */
export function noticeMsOf(recipient: QueuedRecipient): number {
  if (recipient.suspended) return NEVER_MS;
  return Math.min(recipient.delayNoticeMs ?? NEVER_MS, recipient.expiresMs, NEVER_MS);
}

/** Turns a change into rows, in the caller's thread. */
export function encodeChange(change: Change): ChangeRows {
  const recipients: RecipientRow[] = [];
  const messages: MessageRow[] = [];
  for (const { message, recipients: own, content, firstChunk } of change.messages ?? []) {
    const head = JSON.stringify(message);
    const priority = PRIORITY_CODES[message.priority];
    messages.push([message.id, message.contentId, head, priority, firstChunk, content]);
    for (const placed of own) recipients.push(recipientRow(placed));
  }
  for (const placed of change.putRecipients ?? []) recipients.push(recipientRow(placed));
  const removals: number[] = [];
  const kept: ChangeRows["kept"][number][] = [];
  for (const { messageId, position, keeping } of change.removeRecipients ?? []) {
    removals.push(messageId, position);
    if (keeping === undefined) continue;
    kept.push([messageId, position, keeping.keptMs, keeping.destination]);
  }
  return {
    messages,
    recipients,
    removals,
    kept,
    resubmitted: (change.resubmitted ?? []).flatMap(({ messageId, position, request }) => [
      ...[messageId, position, request],
    ]),
    heads: (change.edits ?? []).map(({ messageId, edits }) => [messageId, JSON.stringify(edits)]),
    queueStates: (change.queueStates ?? []).map(({ queueId, state }) => [
      queueId,
      JSON.stringify(state),
    ]),
    events: change.events ?? "",
  };
}

function recipientRow({ messageId, recipient, placement }: PlacedRecipient): RecipientRow {
  assert(Number.isSafeInteger(messageId), "message ids are integers");
  const detail = JSON.stringify(recipient);
  const noticeMs = noticeMsOf(recipient);
  return [messageId, recipient.position, placement.queueId, placement.dueMs, noticeMs, detail];
}

/**
 * Puts rows of one reading back together; recipients of one message follow its first occurrence.
 */
export function decodeRows(rows: readonly JoinedRow[]): readonly StoredMessage[] {
  const byMessage = new Map<number, { message: QueuedMessage; recipients: PlacedRecipient[] }>();
  for (const row of rows) {
    let entry = byMessage.get(row.messageId);
    if (entry === undefined) {
      entry = { message: decodeHead(row), recipients: [] };
      byMessage.set(row.messageId, entry);
    }
    entry.recipients.push({
      messageId: row.messageId,
      recipient: JSON.parse(row.detail) as QueuedRecipient,
      placement: { queueId: row.queueId, dueMs: row.dueMs },
    });
  }
  return [...byMessage.values()];
}

/** The message of a row: its head with the edits that it has by now. */
export function decodeHead(row: Pick<JoinedRow, "head" | "edits">): QueuedMessage {
  const message = JSON.parse(row.head) as QueuedMessage;
  if (row.edits === null) return message;
  return { ...message, edits: JSON.parse(row.edits) as readonly HeaderEdit[] };
}

/** A queue in good health: what a new one starts with. */
export const HEALTHY: QueueState = {
  suspended: false,
  failureCount: 0,
  firstRetryMs: undefined,
  lastRetryMs: undefined,
  nextRetryMs: undefined,
  lastError: undefined,
};

/**
 * The queues that always exist, as `listQueues` shows them while they hold something. They have a
 * row of their own only from the time on when somebody has suspended them.
 */
export const FIXED_QUEUES: readonly { readonly id: number; readonly key: QueueKey }[] = [
  {
    id: SUBMISSION_QUEUE_ID,
    key: { deliveryType: "Undefined", nextHopDomain: "Submission", nextHopConnector: "" },
  },
  {
    id: UNREACHABLE_QUEUE_ID,
    key: { deliveryType: "Unreachable", nextHopDomain: "Unreachable Domain", nextHopConnector: "" },
  },
  {
    id: POISON_QUEUE_ID,
    key: { deliveryType: "Undefined", nextHopDomain: "Poison Message", nextHopConnector: "" },
  },
  {
    id: QUARANTINE_QUEUE_ID,
    key: { deliveryType: "Undefined", nextHopDomain: "Quarantine", nextHopConnector: "" },
  },
];

/** Whether mail there has been set aside: nothing leaves it, or is attempted, by itself. */
export function isSetAside(queueId: number): boolean {
  return queueId === POISON_QUEUE_ID || queueId === QUARANTINE_QUEUE_ID;
}

/** The fixed queue of that key, if it is one. */
export function fixedQueueOf(key: QueueKey): (typeof FIXED_QUEUES)[number] | undefined {
  return FIXED_QUEUES.find(
    (fixed) =>
      fixed.key.deliveryType === key.deliveryType && fixed.key.nextHopDomain === key.nextHopDomain,
  );
}
