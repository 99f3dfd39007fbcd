import { DatabaseSync } from "node:sqlite";
import { StoreFailure } from "./queue-store.ts";

/** SQLite's result codes that mean "no space": SQLITE_FULL and the I/O errors of a full disk. */
const SQLITE_FULL = 13;
/** Another process holds the file. */
const SQLITE_BUSY = 5;

/**
 * Opens a database for this process alone, durable at each commit: WAL with `synchronous=FULL`
 * flushes the log before COMMIT returns. The exclusive lock keeps a second server off the data
 * directory and spares the shared-memory file, whose growth on a full disk would be fatal. Large
 * pages, because content of 100 KiB costs four system calls per page of it, and a small cache,
 * because the system has one of its own.
 * @throws StoreFailure with the file's name and the cure
 */
export function openDatabase(path: string, migrations: readonly string[]): DatabaseSync {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw storeFailure(error, `cannot open ${path}`);
  }
  try {
    database.exec(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=16384; PRAGMA journal_mode=WAL;
      PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2048; PRAGMA journal_size_limit=67108864;
      PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF;`);
    migrate(database, { path, migrations });
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) {
      throw new StoreFailure(
        `${path} is in use: another Postrider runs on this data directory; stop it first`,
        { full: false },
      );
    }
    throw error instanceof StoreFailure ? error : storeFailure(error, `cannot open ${path}`);
  }
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

/** Turns what SQLite threw into the store's own failure. */
export function storeFailure(error: unknown, what: string): StoreFailure {
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
