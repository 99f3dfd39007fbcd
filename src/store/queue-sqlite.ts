import { QUEUE_MIGRATIONS } from "./queue-migrations.ts";
import {
  type ChangeRows,
  FIXED_QUEUES,
  fixedQueueOf,
  HEALTHY,
  type JoinedRow,
} from "./queue-rows.ts";
import {
  LEASED_DUE_MS,
  type QueueKey,
  type QueuePage,
  type QueueState,
  type SafetyNetPage,
  type StoredQueue,
  type StoreFailure,
} from "./queue-store.ts";
import type { KeptRow } from "./safety-net-rows.ts";
import { SafetyNetSqlite } from "./safety-net-sqlite.ts";
import { openDatabase, type SqliteDatabase } from "./sqlite-database.ts";

/** Pieces that one content can have: 4 GiB at 256 KiB each. */
export const CONTENT_PIECES_MAX = 16_384;

const JOINED = `SELECT m.head AS head, m.edits AS edits, r.message_id AS messageId,
  r.position AS position, r.queue_id AS queueId, r.due_ms AS dueMs, r.detail AS detail
  FROM recipient r JOIN message m ON m.id = r.message_id`;

/**
 * The queue database's statements. Runs inside transactions that the group commit opens; SQLite
 * throws.
 */
export class QueueSqlite {
  readonly #database: SqliteDatabase;
  readonly #safetyNet: SafetyNetSqlite;

  constructor(path: string) {
    this.#database = openDatabase(path, {
      name: "the queue database",
      migrations: QUEUE_MIGRATIONS,
      readers: "thread",
    });
    this.#safetyNet = new SafetyNetSqlite(this.#database);
    this.#removeStagedContent();
  }

  begin(): void {
    this.#database.prepare("BEGIN IMMEDIATE").run();
  }

  commit(): void {
    this.#database.prepare("COMMIT").run();
  }

  /** After a failed COMMIT or statement. */
  rollback(): void {
    this.#database.rollback();
  }

  /** What SQLite threw, as the store's own failure. */
  failure(error: unknown): StoreFailure {
    return this.#database.failure(error);
  }

  close(): void {
    this.#database.close();
  }

  reserveIds(count: number): number {
    const row = this.#database
      .prepare("UPDATE sequence SET next = next + ? WHERE name = 'message' RETURNING next")
      .get(count);
    return Number(row?.["next"]) - count;
  }

  appendContent(contentId: number, index: number, bytes: Uint8Array): void {
    if (index === 0)
      this.#database.prepare("INSERT OR IGNORE INTO staged VALUES (?)").run(contentId);
    this.#putContent(contentId, index, bytes);
  }

  discardContent(contentId: number): void {
    this.#database
      .prepare("DELETE FROM content WHERE piece >= ? AND piece < ?")
      .run(contentId * CONTENT_PIECES_MAX, (contentId + 1) * CONTENT_PIECES_MAX);
    this.#database.prepare("DELETE FROM staged WHERE content_id = ?").run(contentId);
  }

  applyChange(change: ChangeRows): void {
    for (const [id, contentId, head, priority, firstChunk, content] of change.messages) {
      this.#database
        .prepare("INSERT INTO message (id, content_id, head, priority) VALUES (?, ?, ?, ?)")
        .run(id, contentId, head, priority);
      content.forEach((bytes, index) => {
        this.#putContent(contentId, firstChunk + index, bytes);
      });
      if (firstChunk > 0) {
        this.#database.prepare("DELETE FROM staged WHERE content_id = ?").run(contentId);
      }
    }
    for (const row of change.recipients) {
      this.#database
        .prepare("INSERT OR REPLACE INTO recipient VALUES (?, ?, ?, ?, ?, ?)")
        .run(...row);
    }
    for (const [messageId, edits] of change.heads) {
      this.#database.prepare("UPDATE message SET edits = ? WHERE id = ?").run(edits, messageId);
    }
    for (const [messageId, position, ...keeping] of change.kept) {
      this.#safetyNet.keep([messageId, position], keeping);
    }
    const { resubmitted } = change;
    for (let index = 0; index < resubmitted.length; index += 3) {
      const [messageId = -1, position = -1, request = 0] = resubmitted.slice(index, index + 3);
      this.#safetyNet.resubmitted(messageId, position, request);
    }
    this.#removeRecipients(change.removals);
    for (const [queueId, state] of change.queueStates) {
      this.#database.prepare("UPDATE queue SET state = ? WHERE id = ?").run(state, queueId);
    }
  }

  openQueue(key: QueueKey): StoredQueue {
    const text = queueKeyText(key);
    this.#database
      .prepare("INSERT OR IGNORE INTO queue (id, key, state) VALUES (?, ?, ?)")
      .run(fixedQueueOf(key)?.id ?? null, text, JSON.stringify(HEALTHY));
    const row = this.#database.prepare("SELECT id, state FROM queue WHERE key = ?").get(text);
    const id = Number(row?.["id"]);
    return { id, key, state: parseState(row?.["state"]), recipientCount: this.#count(id) };
  }

  removeQueue(queueId: number): void {
    const row = this.#database.prepare("SELECT state FROM queue WHERE id = ?").get(queueId);
    if (row === undefined || parseState(row["state"]).suspended) return;
    this.#database
      .prepare(
        `DELETE FROM queue WHERE id = ?1
       AND NOT EXISTS (SELECT 1 FROM recipient WHERE queue_id = ?1)`,
      )
      .run(queueId);
  }

  recordCrash(messageIds: readonly number[]): { messageId: number; count: number }[] {
    const update = this.#database.prepare(
      "UPDATE message SET crashes = crashes + 1 WHERE id = ? RETURNING crashes",
    );
    return messageIds.flatMap((messageId) => {
      const row = update.get(messageId);
      return row === undefined ? [] : [{ messageId, count: Number(row["crashes"]) }];
    });
  }

  readContent(contentId: number, index: number): Uint8Array | undefined {
    const row = this.#database
      .prepare("SELECT bytes FROM content WHERE piece = ?")
      .get(contentId * CONTENT_PIECES_MAX + index);
    const bytes = row?.["bytes"];
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  listQueues(): readonly StoredQueue[] {
    const counts = new Map<number, number>();
    for (const row of this.#database
      .prepare("SELECT queue_id, count(*) AS n FROM recipient GROUP BY queue_id")
      .all()) {
      counts.set(Number(row["queue_id"]), Number(row["n"]));
    }
    const queues: StoredQueue[] = this.#database
      .prepare("SELECT id, key, state FROM queue ORDER BY id")
      .all()
      .map((row) => ({
        id: Number(row["id"]),
        key: JSON.parse(String(row["key"])) as QueueKey,
        state: parseState(row["state"]),
        recipientCount: counts.get(Number(row["id"])) ?? 0,
      }));
    for (const fixed of FIXED_QUEUES) {
      const recipientCount = counts.get(fixed.id) ?? 0;
      const isListed = queues.some(({ id }) => id === fixed.id);
      if (recipientCount > 0 && !isListed)
        queues.push({ ...fixed, state: HEALTHY, recipientCount });
    }
    return queues;
  }

  readQueue(queueId: number, page: QueuePage): JoinedRow[] {
    const after = page.after ?? { dueMs: -1, messageId: -1, position: -1 };
    return this.#read(
      `${JOINED} WHERE r.queue_id = ? AND r.due_ms <= ?
       AND (r.due_ms, r.message_id, r.position) > (?, ?, ?)
       ORDER BY r.due_ms, r.message_id, r.position LIMIT ?`,
      [queueId, page.dueMs, after.dueMs, after.messageId, after.position, page.limit],
    );
  }

  readMessage(messageId: number): JoinedRow[] {
    return this.#read(`${JOINED} WHERE r.message_id = ? ORDER BY r.position`, [messageId]);
  }

  nextDueMs(queueId: number, afterMs: number): number | undefined {
    const row = this.#database
      .prepare("SELECT min(due_ms) AS due FROM recipient WHERE queue_id = ? AND due_ms > ?")
      .get(queueId, afterMs);
    const due = row?.["due"];
    return due === null || due === undefined ? undefined : Number(due);
  }

  readNotices(page: { readonly dueMs: number; readonly limit: number }): JoinedRow[] {
    return this.#read(
      `${JOINED} WHERE r.notice_ms <= ? AND (r.queue_id > 0 OR r.queue_id = -1)
       AND r.due_ms <> ${LEASED_DUE_MS}
       ORDER BY r.notice_ms LIMIT ?`,
      [page.dueMs, page.limit],
    );
  }

  readSafetyNet(page: SafetyNetPage): readonly KeptRow[] {
    return this.#safetyNet.read(page);
  }

  expireSafetyNet(keptUntilMs: number, limit: number): number {
    const { count, messageIds } = this.#safetyNet.expire(keptUntilMs, limit);
    for (const messageId of messageIds) this.#removeMessageIfDone(messageId);
    return count;
  }

  /** Recipients that wait in a queue. */
  countRecipients(queueId: number): number {
    return this.#count(queueId);
  }

  /** Bytes inside the file that deleted mail has left free. */
  freeBytes(): number {
    const pages = this.#database.prepare("PRAGMA freelist_count").get();
    const size = this.#database.prepare("PRAGMA page_size").get();
    return Number(pages?.["freelist_count"] ?? 0) * Number(size?.["page_size"] ?? 0);
  }

  addJournal(entry: {
    readonly file: string;
    readonly offset: number;
    readonly text: string;
  }): number {
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO journal (file, offset, text) VALUES (?, ?, ?)")
      .run(entry.file, entry.offset, entry.text);
    return Number(lastInsertRowid);
  }

  removeJournal(throughSeq: number): void {
    this.#database.prepare("DELETE FROM journal WHERE seq <= ?").run(throughSeq);
  }

  /** Gives an entry a place, or another one. */
  placeJournal(seq: number, place: { readonly file: string; readonly offset: number }): void {
    this.#database
      .prepare("UPDATE journal SET file = ?, offset = ? WHERE seq = ?")
      .run(place.file, place.offset, seq);
  }

  /** The first entries, in the order in which they were written. */
  readJournal(
    limit: number,
  ): readonly { seq: number; file: string; offset: number; text: string }[] {
    return this.#database
      .prepare("SELECT seq, file, offset, text FROM journal ORDER BY seq LIMIT ?")
      .all(limit)
      .map((row) => ({
        seq: Number(row["seq"]),
        file: String(row["file"]),
        offset: Number(row["offset"]),
        text: String(row["text"]),
      }));
  }

  #read(sql: string, values: readonly number[]): JoinedRow[] {
    return this.#database
      .prepare(sql)
      .all(...values)
      .map((row) => ({
        head: String(row["head"]),
        edits: row["edits"] === null ? null : String(row["edits"]),
        messageId: Number(row["messageId"]),
        position: Number(row["position"]),
        queueId: Number(row["queueId"]),
        dueMs: Number(row["dueMs"]),
        detail: String(row["detail"]),
      }));
  }

  #putContent(contentId: number, index: number, bytes: Uint8Array): void {
    this.#database
      .prepare("INSERT INTO content VALUES (?, ?)")
      .run(contentId * CONTENT_PIECES_MAX + index, bytes);
  }

  #removeRecipients(keys: readonly number[]): void {
    const remove = this.#database.prepare(
      "DELETE FROM recipient WHERE message_id = ? AND position = ?",
    );
    let last = -1;
    for (let index = 0; index < keys.length; index += 2) {
      const messageId = keys[index] ?? -1;
      remove.run(messageId, keys[index + 1] ?? -1);
      if (last !== -1 && last !== messageId) this.#removeMessageIfDone(last);
      last = messageId;
    }
    if (last !== -1) this.#removeMessageIfDone(last);
  }

  #removeMessageIfDone(messageId: number): void {
    const rest = this.#database.prepare("SELECT 1 FROM recipient WHERE message_id = ? LIMIT 1");
    if (rest.get(messageId) !== undefined || this.#safetyNet.holds(messageId)) return;
    const row = this.#database
      .prepare("DELETE FROM message WHERE id = ? RETURNING content_id")
      .get(messageId);
    if (row === undefined) return;
    const contentId = Number(row["content_id"]);
    const fork = this.#database.prepare(
      "SELECT 1 FROM message WHERE content_id = ? AND content_id <> id LIMIT 1",
    );
    if (fork.get(contentId) !== undefined) return;
    if (contentId !== messageId) {
      const original = this.#database.prepare("SELECT 1 FROM message WHERE id = ?").get(contentId);
      if (original !== undefined) return;
    }
    this.discardContent(contentId);
  }

  #count(queueId: number): number {
    const row = this.#database
      .prepare("SELECT count(*) AS n FROM recipient WHERE queue_id = ?")
      .get(queueId);
    return Number(row?.["n"] ?? 0);
  }

  #removeStagedContent(): void {
    const staged = this.#database.prepare("SELECT content_id FROM staged").all();
    for (const row of staged) this.discardContent(Number(row["content_id"]));
  }
}

/** One text per key, whatever the order in which its maker wrote the properties. */
function queueKeyText(key: QueueKey): string {
  const { deliveryType, nextHopDomain, nextHopConnector, tlsNotRequired } = key;
  // What is undefined is not in the text: keys are written as they have always been.
  return JSON.stringify({ deliveryType, nextHopDomain, nextHopConnector, tlsNotRequired });
}

function parseState(text: unknown): QueueState {
  return { ...HEALTHY, ...(JSON.parse(String(text)) as Partial<QueueState>) };
}
