import { randomUUID } from "node:crypto";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { RECORD_PAGE_MAX, type RecordStore, type StoredRecord } from "../../store/record-store.ts";

/** What has been counted about a domain on a day; `value` is plain data. */
export interface DayCounts {
  readonly day: string;
  readonly domain: string;
  readonly value: unknown;
}

/** What one kind of report is made of. */
export interface DailyReportParts {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Kind of the records that hold counts, and the name in diagnostics: `tls-counts`, `tls`. */
  readonly countsKind: string;
  readonly name: string;
  /** What has changed since the last call; days before `day` may be forgotten after it. */
  readonly take: (day: string) => readonly DayCounts[];
  /**
   * Sends the report on one domain and day from the values of all threads and runs. `done`: the
   * counts are of no use any more; `later`: a later turn tries again. May reject: later.
   */
  readonly report: (group: ReportGroup, signal: AbortSignal) => Promise<"done" | "later">;
  /** Only one thread of a server composes; the others just bring their counts. */
  readonly composes: boolean;
  /** Our name: servers don't all send at the same time. */
  readonly serverName: () => string;
}

/** The counts of one domain and day. */
export interface ReportGroup {
  readonly day: string;
  readonly domain: string;
  readonly values: readonly unknown[];
}

/** What is not written yet is lost in a crash: counts, not mail. */
const FLUSH_INTERVAL_MS = 1 * MINUTE;
/** RFC 8460 §4.1: not all servers at midnight. */
const DELAY_MS_MAX = 4 * HOUR;
/** RFC 8460 §5.3 and §5.4: tried for a day; then the counts are of no interest any more. */
const KEPT_MS = 2 * DAY;
/** After a turn in which some report found no taker; in between counts are only written. */
const RETRY_MS = 30 * MINUTE;
/** Domains reported to at one time: a slow one must not hold up all behind it. */
const DOMAINS_AT_ONCE = 8;
/** Domains whose counts are written in one transaction. */
const WRITTEN_AT_ONCE = 100;

/** The day that a moment belongs to: `2026-11-21`, in UTC. */
export function reportDayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** First and last millisecond of a day. */
export function spanOfDay(day: string): { readonly startMs: number; readonly endMs: number } {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  return { startMs, endMs: startMs + DAY - 1 };
}

/**
 * Brings the counts of one thread into the store each minute, and once a day has a report made of
 * each domain's: of all threads and runs, some hours after midnight.
 */
export class DailyReports {
  readonly #parts: DailyReportParts;
  /** Counts of one run of one thread: a later run must not overwrite them. */
  readonly #writer = randomUUID();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  /** Monotonic time before which nothing is sent. */
  #sendsFromMs = 0;
  #hasFailed = false;

  constructor(parts: DailyReportParts) {
    this.#parts = parts;
  }

  /** Begins; every minute from now on. */
  start(): void {
    this.#timer = this.#parts.clock.startTimer(FLUSH_INTERVAL_MS, () => {
      this.#running = this.work();
      void this.#running.then(() => {
        if (this.#timer !== undefined) this.start();
      });
    });
  }

  /** Writes what has been counted and ends; a report under way is broken off. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#running;
    await this.#flush();
  }

  /** One turn; never rejects. */
  async work(): Promise<void> {
    await this.#flush();
    const { clock, composes } = this.#parts;
    if (!composes || clock.monotonicMs() < this.#sendsFromMs) return;
    this.#hasFailed = false;
    await this.#reportUntil(clock.nowMs()).catch((error: unknown) => this.#failed(error));
    if (this.#hasFailed) this.#sendsFromMs = clock.monotonicMs() + RETRY_MS;
  }

  /** The counts are still there: a later turn tries again. */
  #failed(error: unknown): void {
    const { diagnostics, name } = this.#parts;
    this.#hasFailed = true;
    diagnostics.warn(`${name}-reports-not-sent`, { reason: String(error) });
  }

  async #flush(): Promise<void> {
    const { take, records, clock, diagnostics, countsKind } = this.#parts;
    const written = take(reportDayOf(clock.nowMs())).map(({ day, domain, value }) => ({
      kind: countsKind,
      key: `${day} ${domain} ${this.#writer}`,
      json: JSON.stringify(value),
      expiresMs: spanOfDay(day).endMs + KEPT_MS,
    }));
    for (let at = 0; at < written.length; at += WRITTEN_AT_ONCE) {
      try {
        await records.write(written.slice(at, at + WRITTEN_AT_ONCE));
      } catch (error) {
        diagnostics.warn(`${countsKind}-not-written`, { reason: String(error) });
      }
    }
  }

  /** Domain by domain, in the order of the keys: days that are over and past their delay. */
  async #reportUntil(nowMs: number): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for await (const group of this.#groupsUntil(nowMs)) {
      if (this.#stop.signal.aborted) break;
      const reported = this.#report(group)
        .catch((error: unknown) => this.#failed(error))
        .finally(() => underWay.delete(reported));
      underWay.add(reported);
      if (underWay.size >= DOMAINS_AT_ONCE) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  /** Counts of one domain and day, of all threads and runs. */
  async *#groupsUntil(nowMs: number): AsyncGenerator<readonly StoredRecord[]> {
    let group: StoredRecord[] = [];
    for await (const record of this.#list()) {
      const [first] = group;
      if (first !== undefined && groupOf(first) !== groupOf(record)) {
        yield group;
        group = [];
      }
      const [day = ""] = record.key.split(" ");
      if (nowMs < spanOfDay(day).endMs + this.#delayMs(day)) break;
      group.push(record);
    }
    if (group.length > 0) yield group;
  }

  async *#list(): AsyncGenerator<StoredRecord> {
    const { records, countsKind } = this.#parts;
    for (let after = ""; ; ) {
      const page = await records.list(countsKind, { after, limit: RECORD_PAGE_MAX });
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < RECORD_PAGE_MAX) return;
      after = last.key;
    }
  }

  /** The same for all of a day's reports, another one each day and on each server. */
  #delayMs(day: string): number {
    let hash = 0;
    for (const character of this.#parts.serverName() + day) {
      hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    }
    return hash % DELAY_MS_MAX;
  }

  async #report(group: readonly StoredRecord[]): Promise<void> {
    const { records, report, countsKind } = this.#parts;
    const [day = "", domain = ""] = group[0]?.key.split(" ") ?? [];
    const values = group.map(({ json }): unknown => JSON.parse(json));
    const result = await report({ day, domain, values }, this.#stop.signal);
    if (result === "later") {
      this.#hasFailed = true;
      return;
    }
    await records.remove(
      countsKind,
      group.map(({ key }) => key),
    );
  }
}

function groupOf({ key }: StoredRecord): string {
  return key.slice(0, key.lastIndexOf(" "));
}
