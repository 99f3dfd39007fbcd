import { StoreFailure } from "./queue-store.ts";
import { checkPage, checkRecords } from "./record-limits.ts";
import {
  RECORDS_OF_KIND_MAX,
  type RecordPage,
  type RecordStore,
  type StoredRecord,
} from "./record-store.ts";

/** Records in memory, for tests. Passes the same contract as the SQLite store. */
export class MemoryRecordStore implements RecordStore {
  #kinds = new Map<string, Map<string, StoredRecord>>();
  readonly #recordsMax: number;
  /** What a test has go wrong: while set, each call is a StoreFailure. */
  failure: string | undefined;

  constructor(recordsMax = RECORDS_OF_KIND_MAX) {
    this.#recordsMax = recordsMax;
  }

  async read(kind: string, key: string): Promise<StoredRecord | undefined> {
    return this.#of(kind).get(key);
  }

  async list(kind: string, page: RecordPage): Promise<readonly StoredRecord[]> {
    checkPage(page);
    return [...this.#of(kind).values()]
      .filter(({ key }) => key > page.after)
      .sort((left, right) => (left.key < right.key ? -1 : 1))
      .slice(0, page.limit);
  }

  async write(records: readonly StoredRecord[]): Promise<void> {
    checkRecords(records);
    for (const record of records) {
      const { kind, key, json, expiresMs } = record;
      this.#of(kind).set(key, { kind, key, json, expiresMs });
    }
    for (const kind of new Set(records.map((record) => record.kind))) this.#bound(this.#of(kind));
  }

  async remove(kind: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#of(kind).delete(key);
  }

  async prune(nowMs: number): Promise<number> {
    this.#check();
    let count = 0;
    for (const records of this.#kinds.values()) {
      for (const { key, expiresMs } of records.values()) {
        if (expiresMs > nowMs) continue;
        records.delete(key);
        count += 1;
      }
    }
    return count;
  }

  #bound(records: Map<string, StoredRecord>): void {
    const excess = records.size - this.#recordsMax;
    if (excess <= 0) return;
    const byExpiry = [...records.values()].sort((left, right) => left.expiresMs - right.expiresMs);
    for (const { key } of byExpiry.slice(0, excess)) records.delete(key);
  }

  #of(kind: string): Map<string, StoredRecord> {
    this.#check();
    let records = this.#kinds.get(kind);
    if (records === undefined) {
      records = new Map();
      this.#kinds.set(kind, records);
    }
    return records;
  }

  #check(): void {
    if (this.failure !== undefined) throw new StoreFailure(this.failure, { full: false });
  }
}
