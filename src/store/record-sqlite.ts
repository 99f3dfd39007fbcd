import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreFailure } from "./queue-store.ts";
import { checkPage, checkRecords } from "./record-limits.ts";
import {
  RECORDS_OF_KIND_MAX,
  type RecordPage,
  type RecordStore,
  type StoredRecord,
} from "./record-store.ts";
import { storeFailure } from "./sqlite-database.ts";

const WHAT = "the organization database";

/** Records in the organization database. Blocks its thread, which is the store's. */
export class RecordSqlite implements RecordStore {
  readonly #database: DatabaseSync;
  readonly #recordsMax: number;
  readonly #statements = new Map<string, StatementSync>();

  /** @param database with the organization's migrations; closed by whoever opened it */
  constructor(database: DatabaseSync, recordsMax = RECORDS_OF_KIND_MAX) {
    this.#database = database;
    this.#recordsMax = recordsMax;
  }

  async read(kind: string, key: string): Promise<StoredRecord | undefined> {
    return this.#transact(() => {
      const row = this.#prepare("SELECT * FROM record WHERE kind = ? AND key = ?").get(kind, key);
      return row === undefined ? undefined : storedRecord(row);
    });
  }

  async list(kind: string, page: RecordPage): Promise<readonly StoredRecord[]> {
    checkPage(page);
    return this.#transact(() =>
      this.#prepare("SELECT * FROM record WHERE kind = ? AND key > ? ORDER BY key LIMIT ?")
        .all(kind, page.after, page.limit)
        .map(storedRecord),
    );
  }

  async write(records: readonly StoredRecord[]): Promise<void> {
    checkRecords(records);
    this.#transact(() => {
      const put = this.#prepare("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)");
      for (const { kind, key, json, expiresMs } of records) put.run(kind, key, json, expiresMs);
      for (const kind of new Set(records.map((record) => record.kind))) this.#bound(kind);
    });
  }

  async remove(kind: string, keys: readonly string[]): Promise<void> {
    this.#transact(() => {
      const remove = this.#prepare("DELETE FROM record WHERE kind = ? AND key = ?");
      for (const key of keys) remove.run(kind, key);
    });
  }

  async prune(nowMs: number): Promise<number> {
    return this.#transact(() => {
      const removed = this.#prepare("DELETE FROM record WHERE expires_ms <= ?").run(nowMs);
      return Number(removed.changes);
    });
  }

  #bound(kind: string): void {
    const counted = this.#prepare("SELECT count(*) AS n FROM record WHERE kind = ?").get(kind);
    const excess = Number(counted?.["n"]) - this.#recordsMax;
    if (excess <= 0) return;
    this.#prepare(`DELETE FROM record WHERE kind = ? AND key IN
      (SELECT key FROM record WHERE kind = ? ORDER BY expires_ms LIMIT ?)`).run(kind, kind, excess);
  }

  #transact<Value>(work: () => Value): Value {
    try {
      this.#prepare("BEGIN").run();
      const value = work();
      this.#prepare("COMMIT").run();
      return value;
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error instanceof StoreFailure ? error : storeFailure(error, WHAT);
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
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
