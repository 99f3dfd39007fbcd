import { assert } from "../base/assert.ts";
import { decodeRows, encodeChange, type JoinedRow } from "./queue-rows.ts";
import type {
  Change,
  QueueKey,
  QueuePage,
  QueueStore,
  StoredMessage,
  StoredQueue,
} from "./queue-store.ts";
import { decodeKept, type KeptRow } from "./safety-net-rows.ts";
import type { QueueResponse, SendRequest } from "./store-request.ts";

/** The QueueStore over any way of carrying requests: within a thread, or to the store thread. */
export function createQueueClient(send: SendRequest): QueueStore {
  return {
    async reserveIds(count) {
      return asNumber(await send({ kind: "reserveIds", count }));
    },
    async appendContent(contentId, index, bytes) {
      await send({ kind: "appendContent", contentId, index, bytes });
    },
    async discardContent(contentId) {
      await send({ kind: "discardContent", contentId });
    },
    async commit(change: Change) {
      await send({ kind: "commit", rows: encodeChange(change) });
    },
    async readContent(contentId, index) {
      const bytes = await send({ kind: "readContent", contentId, index });
      return bytes instanceof Uint8Array ? bytes : undefined;
    },
    async openQueue(key: QueueKey) {
      return (await send({ kind: "openQueue", key })) as StoredQueue;
    },
    async removeQueue(queueId) {
      await send({ kind: "removeQueue", queueId });
    },
    async listQueues() {
      return (await send({ kind: "listQueues" })) as readonly StoredQueue[];
    },
    async readQueue(queueId, page: QueuePage) {
      return decode(await send({ kind: "readQueue", queueId, page }));
    },
    async readMessage(messageId) {
      return decode(await send({ kind: "readMessage", messageId }))[0];
    },
    async nextDueMs(queueId, afterMs) {
      const dueMs = await send({ kind: "nextDueMs", queueId, afterMs });
      return dueMs === undefined ? undefined : asNumber(dueMs);
    },
    async readNotices({ dueMs, limit }) {
      return decode(await send({ kind: "readNotices", dueMs, limit }));
    },
    async readSafetyNet(page) {
      const rows = (await send({ kind: "readSafetyNet", page })) as readonly KeptRow[];
      return rows.map(decodeKept);
    },
    async expireSafetyNet(page) {
      return asNumber(await send({ kind: "expireSafetyNet", ...page }));
    },
    async recordCrash(messageIds) {
      const counts = await send({ kind: "recordCrash", messageIds });
      return counts as readonly { readonly messageId: number; readonly count: number }[];
    },
  };
}

function decode(rows: QueueResponse): readonly StoredMessage[] {
  return decodeRows(rows as readonly JoinedRow[]);
}

function asNumber(value: QueueResponse): number {
  assert(typeof value === "number", "the store answers a number here");
  return value;
}
