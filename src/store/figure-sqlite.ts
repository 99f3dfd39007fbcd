import { existsSync, renameSync, rmSync } from "node:fs";
import type { FigureChange, FigureEntry, FigureSpan, FigureStore } from "./figure-store.ts";
import { StoreFailure } from "./queue-store.ts";
import { openDatabase, type SqliteDatabase } from "./sqlite-database.ts";

/** Steps to the format of today. */
export const FIGURE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE entry (
    series TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (series, start_ms)
  ) WITHOUT ROWID;
  CREATE TABLE mark (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
  `,
];

/**
 * Opens the database of figures. One that cannot be used is set aside as `….damaged`, in place of
 * an earlier one, and a new one is begun.
 * @throws StoreFailure when not even that is possible
 */
export function openFigureStore(path: string, setAside: (reason: string) => void): FigureStore {
  try {
    return new FigureSqlite(path);
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.full || /in use/.test(error.message)) throw error;
    setAside(error.message);
    setAsideFigures(path);
    return new FigureSqlite(path);
  }
}

/** Puts the files of a closed database of figures out of the way. */
export function setAsideFigures(path: string): void {
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  if (existsSync(path)) renameSync(path, `${path}.damaged`);
}

class FigureSqlite implements FigureStore {
  readonly #database: SqliteDatabase;

  constructor(path: string) {
    this.#database = openDatabase(path, {
      name: "figures",
      readers: "thread",
      migrations: FIGURE_MIGRATIONS,
    });
    try {
      // What a damaged file breaks first.
      this.mark("");
      this.read({ series: "", fromMs: 0, toMs: 0 });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  read({ series, fromMs, toMs }: FigureSpan): readonly FigureEntry[] {
    return this.#database.transact(() =>
      this.#database
        .prepare(
          `SELECT start_ms, json FROM entry WHERE series = ? AND start_ms >= ? AND start_ms < ?
           ORDER BY start_ms`,
        )
        .all(series, fromMs, toMs)
        .map((row) => ({ series, startMs: Number(row["start_ms"]), json: String(row["json"]) })),
    );
  }

  mark(name: string): string | undefined {
    return this.#database.transact(() => {
      const text = this.#database.prepare("SELECT text FROM mark WHERE name = ?").get(name)?.[
        "text"
      ];
      return typeof text === "string" ? text : undefined;
    });
  }

  write({ entries = [], marks = {}, removed = [] }: FigureChange): void {
    this.#database.transact(() => {
      const put = this.#database.prepare("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)");
      for (const { series, startMs, json } of entries) put.run(series, startMs, json);
      const mark = this.#database.prepare("INSERT OR REPLACE INTO mark VALUES (?, ?)");
      for (const [name, text] of Object.entries(marks)) mark.run(name, text);
      const remove = this.#database.prepare(
        "DELETE FROM entry WHERE series = ? AND start_ms >= ? AND start_ms < ?",
      );
      for (const { series, fromMs, toMs } of removed) remove.run(series, fromMs, toMs);
    });
  }

  close(): void {
    this.#database.close();
  }
}
