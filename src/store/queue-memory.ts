import {
  decodeRows,
  encodeChange,
  FIXED_QUEUES,
  fixedQueueOf,
  HEALTHY,
  type JoinedRow,
} from "./queue-rows.ts";
import {
  type Change,
  type Keeping,
  type KeptRecipient,
  LEASED_DUE_MS,
  type NewMessage,
  type QueueKey,
  type QueueState,
  type QueueStore,
  type SafetyNetPage,
  type StoredQueue,
  StoreFailure,
  UNREACHABLE_QUEUE_ID,
} from "./queue-store.ts";
import { decodeKept } from "./safety-net-rows.ts";

interface MemoryMessage {
  readonly contentId: number;
  readonly head: string;
  edits: string | null;
  crashes: number;
}

interface MemoryRecipient {
  readonly messageId: number;
  readonly position: number;
  readonly queueId: number;
  readonly dueMs: number;
  readonly noticeMs: number;
  readonly detail: string;
}

interface MemoryKept extends MemoryRecipient, Keeping {
  request: number;
}

/** A queue store for tests: obeys the same contract, forgets all when the process ends. */
export class MemoryQueueStore implements QueueStore {
  #nextId = 1;
  #nextQueueId = 1;
  readonly #messages = new Map<number, MemoryMessage>();
  readonly #recipients = new Map<string, MemoryRecipient>();
  readonly #kept = new Map<string, MemoryKept>();
  readonly #content = new Map<number, Map<number, Uint8Array>>();
  readonly #queues = new Map<number, { readonly key: QueueKey; state: QueueState }>();
  /** All tracking lines committed so far. */
  events = "";

  /** Ids of the contents that are stored, for tests that look for leftovers. */
  get contentIds(): readonly number[] {
    return [...this.#content.keys()];
  }

  /** Number of messages stored, for the same tests. */
  get messageCount(): number {
    return this.#messages.size;
  }

  async reserveIds(count: number): Promise<number> {
    const first = this.#nextId;
    this.#nextId += count;
    return first;
  }

  async appendContent(contentId: number, index: number, bytes: Uint8Array): Promise<void> {
    this.#putContent(contentId, { index, bytes });
  }

  async discardContent(contentId: number): Promise<void> {
    this.#content.delete(contentId);
  }

  async commit(change: Change): Promise<void> {
    const rows = encodeChange(change);
    for (const { message } of change.messages ?? []) {
      if (!this.#messages.has(message.id)) continue;
      throw new StoreFailure(`message ${message.id} exists`, { full: false });
    }
    for (const newMessage of change.messages ?? []) this.#addMessage(newMessage);
    for (const [messageId, position, queueId, dueMs, noticeMs, detail] of rows.recipients) {
      this.#recipients.set(`${messageId}/${position}`, {
        messageId,
        position,
        queueId,
        dueMs,
        noticeMs,
        detail,
      });
    }
    for (const [messageId, edits] of rows.heads) {
      const message = this.#messages.get(messageId);
      if (message !== undefined) message.edits = edits;
    }
    for (const { messageId, position, keeping } of change.removeRecipients ?? []) {
      const key = `${messageId}/${position}`;
      const row = this.#recipients.get(key);
      if (keeping !== undefined && row !== undefined) {
        this.#kept.set(key, { ...row, ...keeping, request: 0 });
      }
      this.#recipients.delete(key);
    }
    for (const { messageId, position, request } of change.resubmitted ?? []) {
      const row = this.#kept.get(`${messageId}/${position}`);
      if (row !== undefined) row.request = request;
    }
    for (const { messageId } of change.removeRecipients ?? []) this.#removeIfDone(messageId);
    for (const { queueId, state } of change.queueStates ?? []) {
      const queue = this.#queues.get(queueId);
      if (queue !== undefined) queue.state = state;
    }
    this.events += rows.events;
  }

  async readContent(contentId: number, index: number): Promise<Uint8Array | undefined> {
    return this.#content.get(contentId)?.get(index);
  }

  async openQueue(key: QueueKey): Promise<StoredQueue> {
    for (const [id, queue] of this.#queues) {
      if (sameKey(queue.key, key)) return this.#describe(id, queue);
    }
    const queue = { key, state: HEALTHY };
    const id = fixedQueueOf(key)?.id ?? this.#nextQueueId++;
    this.#queues.set(id, queue);
    return this.#describe(id, queue);
  }

  async removeQueue(queueId: number): Promise<void> {
    const queue = this.#queues.get(queueId);
    if (queue === undefined || queue.state.suspended) return;
    if (this.#count(queueId) === 0) this.#queues.delete(queueId);
  }

  async listQueues(): Promise<readonly StoredQueue[]> {
    const queues = [...this.#queues].map(([id, queue]) => this.#describe(id, queue));
    for (const { id, key } of FIXED_QUEUES) {
      const recipientCount = this.#count(id);
      if (recipientCount > 0 && !this.#queues.has(id))
        queues.push({ id, key, state: HEALTHY, recipientCount });
    }
    return queues;
  }

  async readQueue(queueId: number, page: Parameters<QueueStore["readQueue"]>[1]) {
    const after = page.after;
    return this.#page(
      (row) =>
        row.queueId === queueId &&
        row.dueMs <= page.dueMs &&
        (after === undefined || compare(row, after) > 0),
      { by: compare, limit: page.limit },
    );
  }

  async readMessage(messageId: number) {
    const own = { by: compare, limit: Number.POSITIVE_INFINITY };
    return this.#page((row) => row.messageId === messageId, own)[0];
  }

  async nextDueMs(queueId: number, afterMs: number): Promise<number | undefined> {
    const due = [...this.#recipients.values()]
      .filter((row) => row.queueId === queueId && row.dueMs > afterMs)
      .map((row) => row.dueMs);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  async readNotices({ dueMs, limit }: { readonly dueMs: number; readonly limit: number }) {
    return this.#page(
      (row) => row.noticeMs <= dueMs && row.dueMs !== LEASED_DUE_MS && expires(row.queueId),
      {
        by: (left, right) => left.noticeMs - right.noticeMs,
        limit,
      },
    );
  }

  async readSafetyNet(page: SafetyNetPage): Promise<readonly KeptRecipient[]> {
    const { after, fromMs, untilMs, request, limit } = page;
    const cursor = after && { ...after, dueMs: after.keptMs };
    return [...this.#kept.values()]
      .filter((row) => row.keptMs >= fromMs && row.keptMs < untilMs && row.request !== request)
      .filter((row) => cursor === undefined || compare(inNet(row), cursor) > 0)
      .sort((left, right) => compare(inNet(left), inNet(right)))
      .slice(0, limit)
      .flatMap((row) => {
        const message = this.#messages.get(row.messageId);
        if (message === undefined) return [];
        return [decodeKept({ ...row, head: message.head, edits: message.edits })];
      });
  }

  async expireSafetyNet({ keptUntilMs, limit }: { keptUntilMs: number; limit: number }) {
    const oldest = [...this.#kept].filter(([, row]) => row.keptMs <= keptUntilMs);
    oldest.sort(([, left], [, right]) => left.keptMs - right.keptMs);
    for (const [key, { messageId }] of oldest.slice(0, limit)) {
      this.#kept.delete(key);
      this.#removeIfDone(messageId);
    }
    return Math.min(oldest.length, limit);
  }

  async recordCrash(messageIds: readonly number[]) {
    return messageIds.flatMap((messageId) => {
      const message = this.#messages.get(messageId);
      if (message === undefined) return [];
      message.crashes += 1;
      return [{ messageId, count: message.crashes }];
    });
  }

  #addMessage({ message, content, firstChunk }: NewMessage): void {
    const head = JSON.stringify(message);
    const row = { contentId: message.contentId, head, edits: null, crashes: 0 };
    this.#messages.set(message.id, row);
    content.forEach((bytes, index) => {
      this.#putContent(message.contentId, { index: firstChunk + index, bytes });
    });
  }

  #putContent(
    contentId: number,
    piece: { readonly index: number; readonly bytes: Uint8Array },
  ): void {
    let pieces = this.#content.get(contentId);
    if (pieces === undefined) {
      pieces = new Map();
      this.#content.set(contentId, pieces);
    }
    pieces.set(piece.index, Uint8Array.from(piece.bytes));
  }

  #removeIfDone(messageId: number): void {
    const message = this.#messages.get(messageId);
    if (message === undefined) return;
    for (const row of this.#recipients.values()) if (row.messageId === messageId) return;
    for (const row of this.#kept.values()) if (row.messageId === messageId) return;
    this.#messages.delete(messageId);
    for (const other of this.#messages.values()) if (other.contentId === message.contentId) return;
    this.#content.delete(message.contentId);
  }

  #page(
    wanted: (row: MemoryRecipient) => boolean,
    order: {
      readonly by: (left: MemoryRecipient, right: MemoryRecipient) => number;
      readonly limit: number;
    },
  ) {
    const rows = [...this.#recipients.values()].filter(wanted).sort(order.by).slice(0, order.limit);
    return decodeRows(
      rows.flatMap((row): JoinedRow[] => {
        const message = this.#messages.get(row.messageId);
        return message === undefined ? [] : [{ ...row, head: message.head, edits: message.edits }];
      }),
    );
  }

  #describe(
    id: number,
    queue: { readonly key: QueueKey; readonly state: QueueState },
  ): StoredQueue {
    return { id, key: queue.key, state: queue.state, recipientCount: this.#count(id) };
  }

  #count(queueId: number): number {
    let count = 0;
    for (const row of this.#recipients.values()) if (row.queueId === queueId) count += 1;
    return count;
  }
}

function expires(queueId: number): boolean {
  return queueId > 0 || queueId === UNREACHABLE_QUEUE_ID;
}

/** In order of the time since when it is kept. */
function inNet(row: MemoryKept): MemoryKept {
  return { ...row, dueMs: row.keptMs };
}

function sameKey(left: QueueKey, right: QueueKey): boolean {
  return (
    left.deliveryType === right.deliveryType &&
    left.nextHopDomain === right.nextHopDomain &&
    left.nextHopConnector === right.nextHopConnector &&
    left.tlsNotRequired === right.tlsNotRequired
  );
}

function compare(
  left: { readonly dueMs: number; readonly messageId: number; readonly position: number },
  right: { readonly dueMs: number; readonly messageId: number; readonly position: number },
): number {
  return (
    left.dueMs - right.dueMs || left.messageId - right.messageId || left.position - right.position
  );
}
