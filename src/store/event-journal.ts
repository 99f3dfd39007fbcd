import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { SECOND } from "../base/units.ts";
import type { QueueSqlite } from "./queue-sqlite.ts";

/** Where the next bytes of the log belong. */
export interface LogPlace {
  readonly file: string;
  readonly offset: number;
}

/**
 * The message tracking log's files (`openLogDirectory` in base makes one). Calls may throw when the
 * disk fails.
 */
export interface EventLog {
  locate(bytes: number, nowMs: number): LogPlace;
  writeAt(file: string, offset: number, bytes: Uint8Array): void;
  sync(): void;
  prune(nowMs: number): void;
  recover(
    entries: readonly { readonly file: string; readonly offset: number; readonly text: string }[],
  ): void;
}

interface JournalEntry {
  readonly seq: number;
  readonly file: string;
  readonly offset: number;
  readonly text: string;
}

/** Entries without a place yet: the log's disk failed when they were written. */
const NO_PLACE: LogPlace = { file: "", offset: 0 };
const SYNC_INTERVAL_MS = SECOND;
/** Entries of one page when the log catches up, and pages between which the mail has its turn. */
const REPLAY_ENTRIES = 500;
const REPLAY_PAGES = 20;
const PRUNE_INTERVAL_MS = 60 * SECOND;

/**
 * Makes tracking lines as durable as the mail they tell of. They are written into the queue
 * database in the same transaction, together with the place in the log file where they belong; the
 * file follows after the commit, and once it is flushed they leave the database. After a crash they
 * are written again at the same place, so that no line is lost and none is doubled.
 */
export class EventJournal {
  readonly #queue: QueueSqlite;
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  #pending:
    | { readonly seq: number; readonly place: LogPlace; readonly bytes: Uint8Array }
    | undefined;
  /** Last entry that is in the file; last one that is flushed there; last one removed here. */
  #writtenSeq = 0;
  #syncedSeq = 0;
  #removedSeq = 0;
  #behind = false;
  #lastSyncMs = 0;
  #lastPruneMs = 0;

  constructor(parts: {
    readonly queue: QueueSqlite;
    readonly log: EventLog;
    readonly clock: Clock;
    readonly diagnostics: Diagnostics;
  }) {
    this.#queue = parts.queue;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#diagnostics = parts.diagnostics;
    this.#replay();
  }

  /**
   * Inside the transaction: stores the lines with their place, and drops what the file holds
   * safely.
   */
  record(events: string): void {
    this.#pending = undefined;
    if (this.#syncedSeq > this.#removedSeq) this.#queue.removeJournal(this.#syncedSeq);
    if (events === "") return;
    const bytes = Buffer.from(events);
    const place = this.#behind ? NO_PLACE : this.#locate(bytes.byteLength);
    const seq = this.#queue.addJournal({ ...place, text: events });
    this.#pending = { seq, place, bytes };
  }

  /** The transaction is on disk: the file follows. */
  committed(): void {
    this.#removedSeq = this.#syncedSeq;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined || this.#behind) return;
    try {
      this.#log.writeAt(pending.place.file, pending.place.offset, pending.bytes);
      this.#writtenSeq = pending.seq;
    } catch (error) {
      this.#fellBehind(error);
    }
  }

  /** The transaction is gone; so are its lines. The next ones take the same place. */
  rolledBack(): void {
    this.#pending = undefined;
  }

  /** Flushes, prunes and catches up, each when its time has come. */
  maintain(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastSyncMs < SYNC_INTERVAL_MS) return;
    this.#lastSyncMs = nowMs;
    try {
      if (this.#behind) this.#replay(REPLAY_PAGES);
      if (this.#writtenSeq > this.#syncedSeq) {
        this.#log.sync();
        this.#syncedSeq = this.#writtenSeq;
      }
      if (nowMs - this.#lastPruneMs > PRUNE_INTERVAL_MS) {
        this.#lastPruneMs = nowMs;
        this.#log.prune(this.#clock.nowMs());
      }
    } catch (error) {
      this.#fellBehind(error);
    }
  }

  #locate(bytes: number): LogPlace {
    try {
      return this.#log.locate(bytes, this.#clock.nowMs());
    } catch (error) {
      this.#fellBehind(error);
      return NO_PLACE;
    }
  }

  /**
   * Writes every entry that the file may lack, at its own place, those without one at the end,
   * page by page: after hours without the log's disk there can be millions. What is flushed leaves
   * the database.
   */
  #replay(pagesMax = Number.POSITIVE_INFINITY): void {
    let count = 0;
    try {
      for (let page = 0; ; page += 1) {
        const entries = this.#queue.readJournal(REPLAY_ENTRIES);
        const last = entries.at(-1);
        if (last === undefined) break;
        if (page === pagesMax) return;
        this.#log.recover(this.#placeAll(entries));
        this.#log.sync();
        this.#transact(() => this.#queue.removeJournal(last.seq));
        count += entries.length;
      }
    } catch (error) {
      this.#fellBehind(error);
      return;
    }
    // Nothing is left there, so nothing is pending.
    this.#writtenSeq = this.#syncedSeq;
    if (this.#behind) this.#diagnostics.info("tracking-log-caught-up", { entries: count });
    this.#behind = false;
  }

  /**
   * Entries with their places; a place that is chosen now is durable before anything is written to
   * it.
   */
  #placeAll(entries: readonly JournalEntry[]): readonly JournalEntry[] {
    const unplaced = entries.filter(({ file }) => file === NO_PLACE.file);
    if (unplaced.length === 0) return entries;
    const placed = entries.filter(({ file }) => file !== NO_PLACE.file);
    // They come before: the end of the file is where the others go.
    if (placed.length > 0) this.#log.recover(placed);
    const bytes = unplaced.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    const place = this.#log.locate(bytes, this.#clock.nowMs());
    let { offset } = place;
    const chosen = unplaced.map((entry) => {
      const own = { ...entry, file: place.file, offset };
      offset += Buffer.byteLength(entry.text);
      return own;
    });
    this.#transact(() => {
      for (const entry of chosen) this.#queue.placeJournal(entry.seq, entry);
    });
    return [...placed, ...chosen];
  }

  #transact(change: () => void): void {
    this.#queue.begin();
    try {
      change();
      this.#queue.commit();
    } catch (error) {
      this.#queue.rollback();
      throw error;
    }
  }

  #fellBehind(error: unknown): void {
    if (!this.#behind) {
      this.#diagnostics.error("tracking-log-behind", {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    this.#behind = true;
  }
}
