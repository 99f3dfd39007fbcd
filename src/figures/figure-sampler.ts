import type { MetricsSnapshot } from "../base/metrics.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import { COUNT_SERIES, DEPTH, LEVEL_SERIES, type SeenLevel } from "./figure-table.ts";
import type { Figures, Level } from "./figures.ts";

/** How far back rates go. */
const RATE_SPAN_MS = MINUTE;
/** Looks that are remembered for them, at most. */
const LOOKS_MAX = 120;

/** What is so at this moment. */
export interface Look {
  /** On the monotonic clock. */
  readonly atMs: number;
  /** All that was counted since the start. */
  readonly counts: Readonly<Record<string, number>>;
  readonly levels: Readonly<Record<SeenLevel, number>>;
}

/**
 * Makes figures of what the threads have counted: of every look at their counters it takes what
 * was added since the one before. A thread that was started anew counts from nought again.
 */
export class FigureSampler {
  readonly #known = new Map<string, Readonly<Record<string, number>>>();
  readonly #totals: Record<string, number> = {};
  #looks: Look[] = [];
  #counts: Record<string, number> = {};
  #levels: Record<string, Level> = {};
  #lookCount = 0;

  /** Takes one look: the figures of every thread that has answered. */
  observe(
    snapshots: readonly MetricsSnapshot[],
    at: { readonly monotonicMs: number; readonly oldestMs: number },
  ): void {
    for (const { thread, values } of snapshots) this.#add(thread, values);
    const levels = levelsOf(snapshots, at.oldestMs);
    for (const [name, value] of Object.entries(levels)) {
      const { sum, max } = this.#levels[name] ?? { sum: 0, max: 0 };
      this.#levels[name] = { sum: sum + value, max: Math.max(max, value) };
    }
    this.#lookCount += 1;
    const look = { atMs: at.monotonicMs, counts: { ...this.#totals }, levels };
    const since = at.monotonicMs - RATE_SPAN_MS;
    const recent = this.#looks.filter(({ atMs }) => atMs >= since);
    this.#looks = [...recent, look].slice(-LOOKS_MAX);
  }

  /** One sample of all since the last call, levels as means. `undefined`: no look was taken. */
  take(): Figures | undefined {
    const looks = this.#lookCount;
    if (looks === 0) return undefined;
    const levels = Object.entries(this.#levels)
      .filter(([, { max }]) => max > 0)
      .map(([name, { sum, max }]) => [name, { sum: sum / looks, max }]);
    const figures = { samples: 1, counts: this.#counts, levels: Object.fromEntries(levels) };
    this.#counts = {};
    this.#levels = {};
    this.#lookCount = 0;
    return figures;
  }

  /** The latest look; `undefined` before the first. */
  get latest(): Look | undefined {
    return this.#looks.at(-1);
  }

  /**
   * How many a second of these counts together, over the last minute; a name that ends in a dot is
   * all of its family.
   */
  rate(names: readonly string[]): number {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    const isWanted = (name: string) =>
      names.some((one) => (one.endsWith(".") ? name.startsWith(one) : name === one));
    const counted = Object.entries(last.counts).filter(([name]) => isWanted(name));
    const added = counted.reduce(
      (sum, [name, count]) => sum + count - (first.counts[name] ?? 0),
      0,
    );
    return added / ((last.atMs - first.atMs) / SECOND);
  }

  #add(thread: string, values: Readonly<Record<string, number>>): void {
    const known = this.#known.get(thread);
    for (const [name, series] of COUNT_SERIES) {
      const [value, before] = [values[series] ?? 0, known?.[series] ?? 0];
      const added = value >= before ? value - before : value;
      if (added === 0) continue;
      this.#counts[name] = (this.#counts[name] ?? 0) + added;
      this.#totals[name] = (this.#totals[name] ?? 0) + added;
    }
    this.#known.set(thread, values);
  }
}

function levelsOf(
  snapshots: readonly MetricsSnapshot[],
  oldestMs: number,
): Readonly<Record<SeenLevel, number>> {
  const levels: Partial<Record<SeenLevel, number>> = {};
  for (const [name, series] of LEVEL_SERIES) {
    levels[name] = snapshots.reduce((sum, { values }) => sum + (values[series] ?? 0), 0);
  }
  const depth = DEPTH.reduce((sum, name) => sum + (levels[name] ?? 0), 0);
  // LEVEL_SERIES has all the others.
  return { ...levels, depth, oldestSeconds: oldestMs / SECOND } as Record<SeenLevel, number>;
}
