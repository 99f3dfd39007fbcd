import { rmSync } from "node:fs";
import { StoreFailure } from "./queue-store.ts";
import { openDatabase, type SqliteDatabase } from "./sqlite-database.ts";
import type { IndexedFile, IndexedSegment, TrackingIndexStore } from "./tracking-index-store.ts";

/** A bucket's row is the segment's number and the bucket's in one: they lie side by side. */
const BUCKETS_MAX = 2 ** 16;

/** A step that changes the form of tokens or buckets empties the tables: they are built again. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE file (
    name TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    head TEXT NOT NULL
  ) WITHOUT ROWID;
  -- AUTOINCREMENT: a search under way must not take another segment for the one it knows.
  CREATE TABLE segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL,
    from_byte INTEGER NOT NULL,
    to_byte INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    events INTEGER NOT NULL,
    bucket_bits INTEGER NOT NULL,
    UNIQUE (file, from_byte)
  );
  -- Apart, so that the list of segments is read without it.
  CREATE TABLE filter (segment_id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE bucket (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  `,
];

/** What may be thrown away and begun anew, as the log has it all. */
const FILES = ["", "-wal", "-shm"] as const;

/**
 * Opens the index, or begins a new one when it cannot be used: damaged, or of a newer version.
 * @throws StoreFailure when not even that is possible
 */
export function openTrackingIndex(
  path: string,
  replaced: (reason: string) => void,
): TrackingIndexStore {
  try {
    return new TrackingIndexSqlite(path);
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.full || /in use/.test(error.message)) throw error;
    replaced(error.message);
    removeTrackingIndex(path);
    return new TrackingIndexSqlite(path);
  }
}

/** Deletes the files of an index that is not open. */
export function removeTrackingIndex(path: string): void {
  for (const suffix of FILES) rmSync(path + suffix, { force: true });
}

class TrackingIndexSqlite implements TrackingIndexStore {
  readonly #database: SqliteDatabase;

  constructor(path: string) {
    this.#database = openDatabase(path, { name: "tracking index", migrations: MIGRATIONS });
    try {
      // What a damaged file breaks first: its schema and its small tables.
      this.listFiles();
      this.listSegments();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  listFiles(): readonly IndexedFile[] {
    return this.#database.transact(() =>
      this.#database.prepare("SELECT * FROM file ORDER BY name").all().map(indexedFile),
    );
  }

  putFile({ name, bytes, modifiedMs, head }: IndexedFile): void {
    this.#database.transact(() =>
      this.#database
        .prepare("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)")
        .run(name, bytes, modifiedMs, head),
    );
  }

  listSegments(): readonly IndexedSegment[] {
    return this.#database.transact(() =>
      this.#database
        .prepare("SELECT * FROM segment ORDER BY file, from_byte")
        .all()
        .map(indexedSegment),
    );
  }

  addSegment(
    segment: Omit<IndexedSegment, "id">,
    { buckets, filter }: { readonly buckets: readonly Uint8Array[]; readonly filter: Uint8Array },
  ): IndexedSegment {
    return this.#database.transact(() => {
      const { file, fromByte, toByte, firstMs, lastMs, events, bucketBits } = segment;
      const added = this.#database
        .prepare(`INSERT INTO segment
          (file, from_byte, to_byte, first_ms, last_ms, events, bucket_bits)
          VALUES (?, ?, ?, ?, ?, ?, ?)`)
        .run(file, fromByte, toByte, firstMs, lastMs, events, bucketBits);
      const id = Number(added.lastInsertRowid);
      const insert = this.#database.prepare("INSERT INTO bucket VALUES (?, ?)");
      this.#database.prepare("INSERT INTO filter VALUES (?, ?)").run(id, filter);
      for (const [at, data] of buckets.entries()) insert.run(id * BUCKETS_MAX + at, data);
      return { id, ...segment };
    });
  }

  readFilter(segmentId: number): Uint8Array | undefined {
    return this.#readData("SELECT data FROM filter WHERE segment_id = ?", segmentId);
  }

  readBucket(segmentId: number, bucket: number): Uint8Array | undefined {
    const id = segmentId * BUCKETS_MAX + bucket;
    return this.#readData("SELECT data FROM bucket WHERE id = ?", id);
  }

  #readData(sql: string, id: number): Uint8Array | undefined {
    try {
      const data = this.#database.prepare(sql).get(id)?.["data"];
      return data instanceof Uint8Array ? data : undefined;
    } catch (error) {
      throw this.#database.failure(error);
    }
  }

  removeFile(name: string): void {
    this.#database.transact(() => {
      const segments = this.#database.prepare("SELECT id FROM segment WHERE file = ?").all(name);
      const remove = this.#database.prepare("DELETE FROM bucket WHERE id >= ? AND id < ?");
      for (const row of segments) {
        const id = Number(row["id"]);
        remove.run(id * BUCKETS_MAX, (id + 1) * BUCKETS_MAX);
        this.#database.prepare("DELETE FROM filter WHERE segment_id = ?").run(id);
      }
      this.#database.prepare("DELETE FROM segment WHERE file = ?").run(name);
      this.#database.prepare("DELETE FROM file WHERE name = ?").run(name);
    });
  }

  bytes(): number {
    return this.#database.transact(() => {
      const pages = this.#database.prepare("PRAGMA page_count").get();
      const size = this.#database.prepare("PRAGMA page_size").get();
      return Number(pages?.["page_count"]) * Number(size?.["page_size"]);
    });
  }

  close(): void {
    this.#database.close();
  }
}

function indexedFile(row: Readonly<Record<string, unknown>>): IndexedFile {
  return {
    name: String(row["name"]),
    bytes: Number(row["bytes"]),
    modifiedMs: Number(row["modified_ms"]),
    head: String(row["head"]),
  };
}

function indexedSegment(row: Readonly<Record<string, unknown>>): IndexedSegment {
  return {
    id: Number(row["id"]),
    file: String(row["file"]),
    fromByte: Number(row["from_byte"]),
    toByte: Number(row["to_byte"]),
    firstMs: Number(row["first_ms"]),
    lastMs: Number(row["last_ms"]),
    events: Number(row["events"]),
    bucketBits: Number(row["bucket_bits"]),
  };
}
