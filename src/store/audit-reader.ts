import { checkAuditPage } from "./access-limits.ts";
import type { AuditPage, AuditReading, AuditSlice, StoredAuditRow } from "./access-store.ts";
import { openReader, type SqliteDatabase } from "./sqlite-database.ts";

/** Entries that one slice looks at: a few milliseconds of work. */
const LOOK_ENTRIES = 2_000;

/** Reads the audit log beside the store thread: each call is two short statements. */
export class AuditReader implements AuditReading {
  readonly #path: string;
  #opened: SqliteDatabase | undefined;

  /** @param path the organization database; the store must have opened it before the first call */
  constructor(path: string) {
    this.#path = path;
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  async readAudit(page: AuditPage): Promise<AuditSlice> {
    this.#opened ??= openReader(this.#path, {
      name: "the organization database",
      readers: "process",
    });
    checkAuditPage(page);
    const { beforeId, fromMs, toMs, limit } = page;
    const looked = this.#opened
      .prepare(`SELECT min(id) AS first, count(*) AS n FROM
        (SELECT id FROM audit WHERE id < ? ORDER BY id DESC LIMIT ${LOOK_ENTRIES})`)
      .get(beforeId);
    const first = Number(looked?.["first"]);
    const rows = this.#opened
      // The plus: by the index of times, SQLite would sort all of the log for each slice.
      .prepare(`SELECT * FROM audit WHERE id < ? AND id >= ? AND +at_ms >= ? AND +at_ms < ?
        ORDER BY id DESC LIMIT ?`)
      .all(beforeId, first, fromMs, toMs, limit)
      .map(auditRow);
    const last = rows.at(-1);
    if (rows.length === limit && last !== undefined) {
      const examined = this.#opened
        .prepare("SELECT count(*) AS n FROM audit WHERE id < ? AND id >= ?")
        .get(beforeId, last.id);
      return { rows, examinedCount: Number(examined?.["n"]), next: last.id };
    }
    const examinedCount = Number(looked?.["n"]);
    return { rows, examinedCount, ...(examinedCount === LOOK_ENTRIES && { next: first }) };
  }
}

function auditRow(row: Readonly<Record<string, unknown>>): StoredAuditRow {
  return {
    id: Number(row["id"]),
    atMs: Number(row["at_ms"]),
    caller: String(row["caller"]),
    via: String(row["via"]),
    address: String(row["address"]),
    cmdlet: String(row["cmdlet"]),
    object: String(row["object"]),
    parameters: String(row["parameters"]),
    succeeded: row["succeeded"] === 1,
    error: String(row["error"]),
    changes: String(row["changes"]),
  };
}
