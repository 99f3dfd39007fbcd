import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { HOUR } from "../base/units.ts";
import type { FigureChange, FigureEntry, FigureSpan, FigureStore } from "../store/figure-store.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { DayCalendar } from "./day-calendar.ts";
import {
  type FigureRow,
  type Figures,
  RESOLUTIONS,
  type Resolution,
  spanStartMs,
  sumFigures,
} from "./figures.ts";
import {
  TOP_CATEGORIES,
  TOP_SPANS,
  type TopCategory,
  type TopSpan,
  topSeries,
} from "./top-categories.ts";
import type { TopCount } from "./top-counts.ts";

/** What was gathered in a minute, on its way to be kept. */
export interface FigureSample {
  /** Which run of the server it is of, and its number there: none is kept twice. */
  readonly run: string;
  readonly sequence: number;
  /** Epoch ms at which it began. */
  readonly startMs: number;
  readonly figures: Figures;
}

/** Lists of the most frequent names that take the place of those kept. */
export interface TopChange {
  readonly lists: readonly {
    readonly category: TopCategory;
    readonly span: TopSpan;
    readonly startMs: number;
    readonly tops: readonly TopCount[];
  }[];
  /** How far the log was read for them. */
  readonly position: string;
}

/** From one moment to before another, epoch ms. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the keeper works with. */
export interface FigureKeeperParts {
  /** Opens the store, or begins a new one. @throws StoreFailure */
  readonly open: () => FigureStore;
  /** Puts the closed store out of the way: it is damaged. */
  readonly setAside: () => void;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

const RESOLUTION_NAMES = Object.keys(RESOLUTIONS) as Resolution[];
const TOP_SPAN_NAMES = Object.keys(TOP_SPANS) as TopSpan[];
const POSITION = "tracking log";
const LAST_SAMPLE = "last sample";
const PRUNE_INTERVAL_MS = HOUR;
const PRUNED_FROM = "pruned from";
/**
 * Age is counted from a moment that follows the clock, but only so many times as fast as the server
 * runs: a clock that is far ahead for an hour costs what a few hours would have.
 */
const CATCHING_UP_TIMES = 4;

/**
 * Keeps figures of mail flow. A sample is added to the rows of all resolutions at once, in one
 * transaction: coarse rows need no job that makes them of fine ones, and lose nothing.
 */
export class FigureKeeper {
  readonly #parts: FigureKeeperParts;
  #store: FigureStore | undefined;
  /** On the clock that nobody sets. */
  #prunedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: FigureKeeperParts) {
    this.#parts = parts;
  }

  /** Adds a sample, unless it was added before. @throws StoreFailure; then it was not */
  keep(sample: FigureSample): void {
    this.#guard((store) => {
      const last = lastSample(store);
      if (last?.run === sample.run && last.sequence >= sample.sequence) return;
      const entries = RESOLUTION_NAMES.map((resolution): FigureEntry => {
        const startMs = spanStartMs(sample.startMs, RESOLUTIONS[resolution].spanMs);
        const [row] = store.read({ series: resolution, fromMs: startMs, toMs: startMs + 1 });
        const known = row === undefined ? [] : [readFigures(row)];
        const figures = sumFigures([...known, sample.figures]);
        return { series: resolution, startMs, json: JSON.stringify(figures) };
      });
      const { run, sequence } = sample;
      const pruned = this.#prune(store);
      const marks = { [LAST_SAMPLE]: JSON.stringify({ run, sequence }), ...pruned.marks };
      store.write({ entries, marks, removed: pruned.removed });
    });
  }

  /** Rows that begin in that span, in order. @throws StoreFailure */
  rows(resolution: Resolution, span: TimeSpan): readonly FigureRow[] {
    const { spanMs } = RESOLUTIONS[resolution];
    return this.#guard((store) =>
      store.read({ series: resolution, ...span }).map((entry) => {
        const { startMs } = entry;
        return { startMs, endMs: startMs + spanMs, figures: readFigures(entry) };
      }),
    );
  }

  /**
   * Days that the span touches, of the hours that begin in them; none where there was nothing. A
   * year is a quarter of a second of work, so others get their turn in between.
   * Rejects with StoreFailure.
   */
  async days(calendar: DayCalendar, { fromMs, toMs }: TimeSpan): Promise<readonly FigureRow[]> {
    const days: FigureRow[] = [];
    // Before that there is nothing, however long ago it is that was asked for.
    const keptFromMs = this.#parts.clock.nowMs() - 2 * RESOLUTIONS.Hour.keptMs;
    let day = calendar.dayOf(Math.max(fromMs, keptFromMs));
    for (; day.startMs < toMs; day = calendar.dayOf(day.endMs)) {
      const { startMs, endMs } = day;
      const rows = this.rows("Hour", { fromMs: startMs, toMs: Math.min(endMs, toMs) });
      const figures = sumFigures(rows.map((row) => row.figures));
      if (rows.length > 0) days.push({ startMs, endMs, figures });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return days;
  }

  /** The lists of the spans that begin in that time, in order. @throws StoreFailure */
  tops(
    category: TopCategory,
    { span, fromMs, toMs }: TimeSpan & { readonly span: TopSpan },
  ): readonly (readonly TopCount[])[] {
    const series = topSeries(category, span);
    return this.#guard((store) => store.read({ series, fromMs, toMs }).map(readTops));
  }

  /** How far the log was read for the lists; `undefined`: nothing was. @throws StoreFailure */
  position(): string | undefined {
    return this.#guard((store) => store.mark(POSITION));
  }

  /** Keeps lists, and with them how far the log was read. @throws StoreFailure */
  keepTops({ lists, position }: TopChange): void {
    const entries = lists.map(({ category, span, startMs, tops }) => ({
      series: topSeries(category, span),
      startMs,
      json: JSON.stringify(tops.map(({ name, count, excess }) => [name, count, excess])),
    }));
    this.#guard((store) => store.write({ entries, marks: { [POSITION]: position } }));
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  #prune(store: FigureStore): Required<Pick<FigureChange, "removed" | "marks">> {
    const { clock } = this.#parts;
    const monotonicMs = clock.monotonicMs();
    const ranMs = Math.max(monotonicMs - this.#prunedMs, 0);
    if (ranMs < PRUNE_INTERVAL_MS) return { removed: [], marks: {} };
    this.#prunedMs = monotonicMs;
    const known = Number(store.mark(PRUNED_FROM) ?? Number.NaN);
    const since = Number.isFinite(ranMs) ? ranMs : PRUNE_INTERVAL_MS;
    const reachedMs = known + CATCHING_UP_TIMES * since;
    const nowMs = Number.isNaN(known) ? clock.nowMs() : Math.min(clock.nowMs(), reachedMs);
    const before = (series: string, keptMs: number): FigureSpan => ({
      series,
      fromMs: 0,
      toMs: nowMs - keptMs,
    });
    const figures = RESOLUTION_NAMES.map((name) => before(name, RESOLUTIONS[name].keptMs));
    const tops = TOP_CATEGORIES.flatMap((category) =>
      TOP_SPAN_NAMES.map((span) => before(topSeries(category, span), TOP_SPANS[span].keptMs)),
    );
    return { removed: [...figures, ...tops], marks: { [PRUNED_FROM]: String(nowMs) } };
  }

  /** Damage is told and the store begun anew; whoever asked may ask again. */
  #guard<Value>(work: (store: FigureStore) => Value): Value {
    this.#store ??= this.#parts.open();
    try {
      return work(this.#store);
    } catch (error) {
      const isDamage =
        error instanceof Damage || (error instanceof StoreFailure && saysDamage(error));
      if (!isDamage) throw error;
      const reason = error.message;
      this.#parts.diagnostics.warn("figures-set-aside", { reason });
      this.close();
      this.#parts.setAside();
      throw new StoreFailure(`figures: ${reason}`, { full: false });
    }
  }
}

/** SQLite's words for SQLITE_CORRUPT and SQLITE_NOTADB; anything else may pass. */
function saysDamage({ message }: StoreFailure): boolean {
  return /malformed|not a database/.test(message);
}

/** A row that this keeper cannot have written. */
class Damage extends Error {}

function lastSample(store: FigureStore): Pick<FigureSample, "run" | "sequence"> | undefined {
  const text = store.mark(LAST_SAMPLE);
  return text === undefined
    ? undefined
    : (readJson(text) as Pick<FigureSample, "run" | "sequence">);
}

function readFigures({ json }: FigureEntry): Figures {
  const value = readJson(json) as Partial<Figures> | null;
  const { samples, counts, levels } = value ?? {};
  if (typeof samples !== "number" || counts === undefined || levels === undefined) {
    throw new Damage("a row is not of figures");
  }
  return { samples, counts, levels };
}

function readTops({ json }: FigureEntry): readonly TopCount[] {
  const value = readJson(json);
  if (!Array.isArray(value)) throw new Damage("a row is no list of names");
  return (value as [string, number, number][]).map(([name, count, excess]) => ({
    name,
    count,
    excess,
  }));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Damage("a row is no JSON");
  }
}
