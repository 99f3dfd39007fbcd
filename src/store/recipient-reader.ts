import { nameKey } from "./organization-row.ts";
import type { ObjectKey, StoredRecipient } from "./organization-store.ts";
import { storedRecipient } from "./recipient-row.ts";
import { openReader, type SqliteDatabase } from "./sqlite-database.ts";

/**
 * Reads recipients beside the store thread, for searches: each call is one statement. What it gives
 * may have changed by the time it arrives.
 */
export class RecipientReader {
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

  /** How many there are of a kind: a walk along an index. */
  count(kind: ObjectKey["kind"]): number {
    const row = this.#database
      .prepare("SELECT count(*) AS n FROM recipient WHERE kind = ?")
      .get(kind);
    return Number(row?.["n"] ?? 0);
  }

  /** Recipients of a kind in the order of their names, after that one; read as they are taken. */
  *read({ kind, name }: ObjectKey, countMax: number): Generator<StoredRecipient> {
    const rows = this.#database
      .prepare(`SELECT r.kind, r.name, r.json, r.owner, r.member_count AS memberCount,
          r.members_version AS membersVersion
        FROM recipient r WHERE r.kind = ? AND r.name_key > ? ORDER BY r.name_key LIMIT ?`)
      .iterate(kind, nameKey(name), countMax);
    for (const row of rows) yield storedRecipient(row);
  }

  get #database(): SqliteDatabase {
    this.#opened ??= openReader(this.#path, {
      name: "the organization database",
      readers: "process",
    });
    return this.#opened;
  }
}
