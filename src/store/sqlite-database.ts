import { chmodSync, closeSync, existsSync, openSync, statSync, writeSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { KiB } from "../base/units.ts";
import { StoreFailure } from "./queue-store.ts";

/** SQLite's result codes that mean "no space": SQLITE_FULL and the I/O errors of a full disk. */
const SQLITE_FULL = 13;
/** Another process holds the file. */
const SQLITE_BUSY = 5;

/** Room in the shared-memory file for a write-ahead log of half a gigabyte. */
const SHARED_MEMORY_BYTES = 256 * KiB;

/** Who may read a database while it is open: other threads of this process, or any process. */
export type Readers = "thread" | "process";

/** What a database is called in failures, and the steps that bring it to today's format. */
interface DatabasePlan {
  readonly name: string;
  readonly migrations: readonly string[];
  /** Who may read it through `openReader`; absent: it is this thread's alone. */
  readonly readers?: Readers;
}

/** An open database. Blocks its thread, which is the store's; SQLite throws. */
export class SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * @param database what `openDatabase` has opened; closed with this
   * @param lock what keeps other processes off it, if it does not do so by itself
   */
  constructor(database: DatabaseSync, name: string, lock?: DatabaseSync) {
    this.#database = database;
    this.#name = name;
    this.#lock = lock;
  }

  close(): void {
    this.#database.close();
    this.#lock?.close();
  }

  /** The statement, made when it is asked for first. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs statements that nobody asks for again, or that must not be made before they run. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /**
   * Runs `work` as one transaction, which a failure undoes.
   * @throws StoreFailure with the database's name, whatever SQLite has thrown
   */
  transact<Value>(work: () => Value): Value {
    try {
      this.prepare("BEGIN").run();
      const value = work();
      this.prepare("COMMIT").run();
      return value;
    } catch (error) {
      this.rollback();
      throw error instanceof StoreFailure ? error : this.failure(error);
    }
  }

  /** What SQLite threw, as the store's own failure with the database's name. */
  failure(error: unknown): StoreFailure {
    return storeFailure(error, this.#name);
  }

  /** Undoes the open transaction; after a failure SQLite may have done so by itself. */
  rollback(): void {
    if (this.#database.isOpen && this.#database.isTransaction) this.prepare("ROLLBACK").run();
  }
}

/**
 * Opens a database for this process alone, durable at each commit: WAL with `synchronous=FULL`
 * flushes the log before COMMIT returns. A lock keeps a second server off the data directory; where
 * no other thread reads, it is the database's own. Large pages, because content of 100 KiB costs
 * four system calls per page of it, and a small cache, because the system has one of its own.
 * @throws StoreFailure with the file's name and the cure
 */
export function openDatabase(path: string, plan: DatabasePlan): SqliteDatabase {
  const { readers } = plan;
  const lock = readers === undefined ? undefined : openLock(path);
  let database: DatabaseSync | undefined;
  try {
    makePrivate(path);
    database = new DatabaseSync(wayIn(path, readers), { timeout: 0 });
    database.exec(`PRAGMA locking_mode=${readers === undefined ? "EXCLUSIVE" : "NORMAL"};
      PRAGMA page_size=16384; PRAGMA journal_mode=WAL;
      PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2048; PRAGMA journal_size_limit=67108864;
      PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF;`);
    migrate(database, { path, migrations: plan.migrations });
    if (readers === "process") growSharedMemory(`${path}-shm`);
    return new SqliteDatabase(database, plan.name, lock);
  } catch (error) {
    database?.close();
    lock?.close();
    if (isBusy(error)) throw inUse(path);
    throw error instanceof StoreFailure ? error : storeFailure(error, `cannot open ${path}`);
  }
}

/**
 * A second connection to a database that `openDatabase` has opened for these readers: it sees what
 * is committed and keeps no writer waiting. Keep its transactions short: the write-ahead
 * log cannot start anew while one is open. Blocks its thread; SQLite throws.
 */
export function openReader(
  path: string,
  { name, readers }: { readonly name: string; readonly readers: Readers },
): SqliteDatabase {
  try {
    const options = { readOnly: true, timeout: READER_WAIT_MS };
    const database = new DatabaseSync(wayIn(path, readers), options);
    database.exec("PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY; PRAGMA query_only=1;");
    return new SqliteDatabase(database, name);
  } catch (error) {
    throw storeFailure(error, `cannot open ${path}`);
  }
}

/**
 * What SQLite is given for a database's name: all connections to one must come the same way. For
 * threads alone the index of the write-ahead log is in the process's own memory, which spares the
 * commits a shared file (https://sqlite.org/vfs.html, `unix-excl`).
 */
export function wayIn(path: string, readers: Readers | undefined): string | URL {
  if (readers !== "thread") return path;
  const url = pathToFileURL(path);
  url.searchParams.set("vfs", "unix-excl");
  return url;
}

/** How long a reader waits for the moment in which the log starts anew. */
const READER_WAIT_MS = 1_000;

/** Mail and hashes of passwords are for nobody else, also where others may enter the folder. */
const FILE_MODE = 0o600;

/** SQLite gives the files beside it the mode of the database. */
function makePrivate(path: string): void {
  if (path === ":memory:") return;
  // Only ever created here: to close a file of an open database would end its locks (POSIX).
  if (!existsSync(path)) {
    closeSync(openSync(path, "wx", FILE_MODE));
    return;
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(file)) chmodSync(file, FILE_MODE);
  }
}

/**
 * Keeps every server off a database that is not open. Closed by whoever asked for it.
 * @throws StoreFailure when one runs on it
 */
export function lockDatabase(path: string): { close(): void } {
  return openLock(path);
}

/** An empty database beside the other whose exclusive lock is held as long as it is open. */
function openLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    makePrivate(`${path}-lock`);
    lock = new DatabaseSync(`${path}-lock`, { timeout: 0 });
    lock.exec("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
    return lock;
  } catch (error) {
    lock?.close();
    throw isBusy(error) ? inUse(path) : storeFailure(error, `cannot open ${path}-lock`);
  }
}

/**
 * Takes the disk space of the shared-memory file now: when there is none at the moment it is
 * wanted, writing to mapped memory ends the process.
 */
function growSharedMemory(path: string): void {
  // Never closed: closing any descriptor of a file gives up the locks that the process has on it.
  const file = openSync(path, "r+");
  const { size } = statSync(path);
  if (size < SHARED_MEMORY_BYTES)
    writeSync(file, Buffer.alloc(SHARED_MEMORY_BYTES - size), 0, SHARED_MEMORY_BYTES - size, size);
}

function inUse(path: string): StoreFailure {
  const text = `${path} is in use: another Postrider runs on this data directory; stop it first`;
  return new StoreFailure(text, { full: false });
}

function migrate(
  database: DatabaseSync,
  plan: { readonly path: string; readonly migrations: readonly string[] },
): void {
  const row = database.prepare("PRAGMA user_version").get();
  const version = Number(row?.["user_version"] ?? 0);
  if (version > plan.migrations.length) {
    throw new StoreFailure(
      `${plan.path} was written by a newer Postrider (format ${version}, this one knows ` +
        `${plan.migrations.length}); start that version instead`,
      { full: false },
    );
  }
  for (const [index, step] of plan.migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version=${index + 1}; COMMIT;`);
  }
}

function storeFailure(error: unknown, what: string): StoreFailure {
  const message = error instanceof Error ? error.message : String(error);
  return new StoreFailure(`${what}: ${message}`, { full: resultCode(error) === SQLITE_FULL });
}

function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

/**
 * The primary result code (the low byte of the extended one); `undefined` when it is not SQLite's.
 */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
