import { checkPage, checkRecords } from "./record-limits.ts";
import {
  RECORDS_OF_KIND_MAX,
  type RecordPage,
  type RecordStore,
  type StoredRecord,
} from "./record-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Records in the organization database. Blocks its thread, which is the store's. */
export class RecordSqlite implements RecordStore {
  readonly #database: SqliteDatabase;
  readonly #recordsMax: number;

  /** @param database with the organization's migrations; closed by whoever opened it */
  constructor(database: SqliteDatabase, recordsMax = RECORDS_OF_KIND_MAX) {
    this.#database = database;
    this.#recordsMax = recordsMax;
  }

  async read(kind: string, key: string): Promise<StoredRecord | undefined> {
    return this.#database.transact(() => {
      const row = this.#database
        .prepare("SELECT * FROM record WHERE kind = ? AND key = ?")
        .get(kind, key);
      return row === undefined ? undefined : storedRecord(row);
    });
  }

  async list(kind: string, page: RecordPage): Promise<readonly StoredRecord[]> {
    checkPage(page);
    return this.#database.transact(() =>
      this.#database
        .prepare("SELECT * FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT ?")
        .all(kind, page.after, page.limit)
        .map(storedRecord),
    );
  }

  async write(records: readonly StoredRecord[]): Promise<void> {
    checkRecords(records);
    this.#database.transact(() => {
      const put = this.#database.prepare("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)");
      for (const { kind, key, json, expiresMs } of records) put.run(kind, key, json, expiresMs);
      for (const kind of new Set(records.map((record) => record.kind))) this.#bound(kind);
    });
  }

  async remove(kind: string, keys: readonly string[]): Promise<void> {
    this.#database.transact(() => {
      const remove = this.#database.prepare("DELETE FROM record WHERE kind = ? AND key = ?");
      for (const key of keys) remove.run(kind, key);
    });
  }

  async prune(nowMs: number): Promise<number> {
    return this.#database.transact(() => {
      const removed = this.#database.prepare("DELETE FROM record WHERE expires_ms <= ?").run(nowMs);
      return Number(removed.changes);
    });
  }

  #bound(kind: string): void {
    const counted = this.#database
      .prepare("SELECT count(*) AS n FROM record WHERE kind = ?")
      .get(kind);
    const excess = Number(counted?.["n"]) - this.#recordsMax;
    if (excess <= 0) return;
    this.#database
      .prepare(`DELETE FROM record WHERE kind = ? AND key IN
      (SELECT key FROM record WHERE kind = ? ORDER BY expires_ms LIMIT ?)`)
      .run(kind, kind, excess);
  }
}

function storedRecord(row: Readonly<Record<string, unknown>>): StoredRecord {
  return {
    kind: String(row["kind"]),
    key: String(row["key"]),
    json: String(row["json"]),
    expiresMs: Number(row["expires_ms"]),
  };
}
