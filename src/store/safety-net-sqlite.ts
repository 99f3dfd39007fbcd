import type { SafetyNetPage } from "./queue-store.ts";
import type { KeptRow } from "./safety-net-rows.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** The statements of the Safety Net, within transactions of the queue database. */
export class SafetyNetSqlite {
  readonly #database: SqliteDatabase;
  /** Whether anything may be in it: while it is off, nobody has to look. */
  #isUsed: boolean;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#isUsed = database.prepare("SELECT 1 FROM safety_net LIMIT 1").get() !== undefined;
  }

  /** Moves a recipient there, as it is stored. */
  keep(
    key: readonly [messageId: number, position: number],
    keeping: readonly [keptMs: number, destination: string],
  ): void {
    this.#isUsed = true;
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO safety_net
         SELECT message_id, position, ?, ?, 0, detail FROM recipient
         WHERE message_id = ? AND position = ?`,
      )
      .run(...keeping, ...key);
  }

  /** Notes which request has sent a recipient's copy. */
  resubmitted(messageId: number, position: number, request: number): void {
    this.#database
      .prepare("UPDATE safety_net SET request = ? WHERE message_id = ? AND position = ?")
      .run(request, messageId, position);
  }

  /** Whether a message is there for anybody. */
  holds(messageId: number): boolean {
    if (!this.#isUsed) return false;
    const rest = this.#database.prepare("SELECT 1 FROM safety_net WHERE message_id = ? LIMIT 1");
    return rest.get(messageId) !== undefined;
  }

  /** @see QueueStore.readSafetyNet */
  read({ fromMs, untilMs, request, limit, after }: SafetyNetPage): readonly KeptRow[] {
    const { keptMs, messageId, position } = after ?? { keptMs: -1, messageId: -1, position: -1 };
    return this.#database
      .prepare(
        `SELECT m.head AS head, m.edits AS edits, s.kept_ms AS keptMs,
         s.destination AS destination, s.detail AS detail
         FROM safety_net s JOIN message m ON m.id = s.message_id
         WHERE s.kept_ms >= ? AND s.kept_ms < ? AND s.request <> ?
         AND (s.kept_ms, s.message_id, s.position) > (?, ?, ?)
         ORDER BY s.kept_ms, s.message_id, s.position LIMIT ?`,
      )
      .all(fromMs, untilMs, request, keptMs, messageId, position, limit)
      .map((row) => ({
        head: String(row["head"]),
        edits: row["edits"] === null ? null : String(row["edits"]),
        keptMs: Number(row["keptMs"]),
        destination: String(row["destination"]),
        detail: String(row["detail"]),
      }));
  }

  /** Removes the oldest that are there since `keptUntilMs` or before; the messages they leave. */
  expire(keptUntilMs: number, limit: number): { count: number; messageIds: readonly number[] } {
    if (!this.#isUsed) return { count: 0, messageIds: [] };
    const rows = this.#database
      .prepare(
        `DELETE FROM safety_net WHERE (message_id, position) IN (
           SELECT message_id, position FROM safety_net INDEXED BY safety_net_time
           WHERE kept_ms <= ? ORDER BY kept_ms LIMIT ?
         ) RETURNING message_id`,
      )
      .all(keptUntilMs, limit);
    const messageIds = new Set(rows.map((row) => Number(row["message_id"])));
    return { count: rows.length, messageIds: [...messageIds] };
  }
}
