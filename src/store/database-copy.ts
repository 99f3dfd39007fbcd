import { closeSync, fsyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { FIGURE_MIGRATIONS } from "./figure-sqlite.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { QUEUE_MIGRATIONS } from "./queue-migrations.ts";
import { StoreFailure } from "./queue-store.ts";
import { type Readers, wayIn } from "./sqlite-database.ts";

/** The databases that cannot be made anew from anything else. */
export const KEPT_DATABASES = ["queue.db", "organization.db", "figures.db"] as const;
/** A name out of KEPT_DATABASES. */
export type KeptDatabase = (typeof KEPT_DATABASES)[number];

/** What a backup may do without: a damaged one is begun anew by itself, and mail needs it not. */
export function isOptional(name: KeptDatabase): boolean {
  return name === "figures.db";
}

/** What a copy holds, as read from the copy itself. */
export interface DatabaseFacts {
  /** `PRAGMA user_version`: how many migrations it has had. */
  readonly format: number;
  /** Rows of the tables that matter. */
  readonly rows: Readonly<Record<string, number>>;
}

const KNOWN: Readonly<
  Record<
    KeptDatabase,
    { readonly formats: number; readonly readers: Readers; readonly tables: readonly string[] }
  >
> = {
  "queue.db": {
    formats: QUEUE_MIGRATIONS.length,
    readers: "thread",
    tables: ["message", "recipient", "queue"],
  },
  "organization.db": {
    formats: ORGANIZATION_MIGRATIONS.length,
    readers: "process",
    tables: ["object", "recipient"],
  },
  "figures.db": { formats: FIGURE_MIGRATIONS.length, readers: "thread", tables: ["entry"] },
};

/** How long the copy waits for the moment in which the write-ahead log starts anew. */
const WAIT_MS = 10_000;

/**
 * Copies a database that is in use into a new file, as it stands at one moment, and flushes it.
 * Writers go on meanwhile. Blocks its thread; @throws StoreFailure
 */
export function copyDatabase(source: string, target: string, name: KeptDatabase): void {
  // SQLite takes an empty file for none; one that it makes may be read by others while it grows.
  closeSync(openSync(target, "wx", 0o600));
  // Not `openReader`: what only reads may not write another file either.
  onFile(wayIn(source, KNOWN[name].readers), { readOnly: true, timeout: WAIT_MS }, (database) =>
    database.prepare("VACUUM INTO ?").run(target),
  );
  flush(target);
}

/**
 * Reads a copy from end to end. Blocks its thread.
 * @throws StoreFailure when it is damaged, of a newer release, or no such database
 */
export function verifyDatabase(path: string, name: KeptDatabase): DatabaseFacts {
  return onFile(path, { readOnly: true }, (database) => {
    const found = database.prepare("PRAGMA integrity_check(1)").get();
    const verdict = String(found?.["integrity_check"]);
    if (verdict !== "ok") throw new Error(`is damaged: ${verdict}`);
    const format = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    const { formats, tables } = KNOWN[name];
    if (format > formats) throw new Error(`has format ${format}, this Postrider knows ${formats}`);
    const rows = tables.map((table) => {
      const count = database.prepare(`SELECT count(*) AS count FROM "${table}"`).get()?.["count"];
      return [table, Number(count)] as const;
    });
    return { format, rows: Object.fromEntries(rows) };
  });
}

/** Recipients in a queue that no server has open; 0 when it is damaged. Blocks its thread. */
export function countRecipients(path: string): number {
  try {
    return onFile(path, { readOnly: false }, (database) =>
      Number(database.prepare("SELECT count(*) AS n FROM recipient").get()?.["n"]),
    );
  } catch (error) {
    if (error instanceof StoreFailure) return 0;
    throw error;
  }
}

/** Ids that a restored queue passes over: more than any server hands out between two backups. */
const IDS_SKIPPED = 2 ** 32;

/**
 * Makes a restored queue fit for use. Every recipient is marked: what was in it at the backup may
 * have been delivered since (design §4.4). Ids go on far above, because those handed out since must
 * not come again: a Maildir takes a message with a known id for delivered. Tracking lines of then
 * are in the log already, and would now go to places that others have taken. Returns how many
 * recipients there are. Done again, nothing is lost. Blocks its thread; @throws StoreFailure
 */
export function markRestored(path: string): number {
  const count = onFile(path, { readOnly: false }, (database) => {
    database.exec("BEGIN IMMEDIATE");
    const marked = database
      .prepare("UPDATE recipient SET detail = json_set(detail, '$.attemptUnknown', json('true'))")
      .run();
    database.prepare("UPDATE sequence SET next = next + ?").run(IDS_SKIPPED);
    database.exec("DELETE FROM journal; COMMIT");
    return Number(marked.changes);
  });
  flush(path);
  return count;
}

/**
 * Carries what the audit log of `present` has since a backup into the copy `restored`: to restore
 * must not be a way to have forgotten who has done what. Returns how many entries that were; done
 * again, it is none. Blocks its thread; @throws StoreFailure
 */
export function keepAudit(present: string, restored: string): number {
  const count = onFile(restored, { readOnly: false }, (database) => {
    database.prepare("ATTACH ? AS present").run(present);
    const columns =
      "at_ms, caller, via, address, cmdlet, object, parameters, succeeded, error, changes";
    const kept = database
      .prepare(`INSERT INTO main.audit (${columns}) SELECT ${columns} FROM present.audit
        WHERE at_ms > (SELECT coalesce(max(at_ms), 0) FROM main.audit) ORDER BY id`)
      .run();
    return Number(kept.changes);
  });
  flush(restored);
  return count;
}

/**
 * Carries the figures since a backup, and how far the log was read for them, into the copy
 * `restored`. Done again, nothing changes. Blocks its thread; @throws StoreFailure
 */
export function keepFigures(present: string, restored: string): void {
  onFile(restored, { readOnly: false }, (database) => {
    database.prepare("ATTACH ? AS present").run(present);
    database.exec(`BEGIN IMMEDIATE;
      INSERT OR REPLACE INTO main.entry SELECT series, start_ms, json FROM present.entry;
      INSERT OR REPLACE INTO main.mark SELECT name, text FROM present.mark;
      COMMIT;`);
  });
  flush(restored);
}

function onFile<Value>(
  path: string | URL,
  options: { readonly readOnly: boolean; readonly timeout?: number },
  work: (database: DatabaseSync) => Value,
): Value {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, options);
    return work(database);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const shown = path instanceof URL ? path.pathname : path;
    throw new StoreFailure(`${shown} ${reason}`, { full: false });
  } finally {
    database?.close();
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
