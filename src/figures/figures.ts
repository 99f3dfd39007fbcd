import { DAY, HOUR, MINUTE } from "../base/units.ts";

/** How much of something there was: its sum over all samples, and the most of it. */
export interface Level {
  readonly sum: number;
  readonly max: number;
}

/**
 * What was counted and seen in some span of time. Names are families of the figure table, with the
 * label's value after a dot: `outcome.relayed`. What is not there is nought.
 */
export interface Figures {
  /** Samples in it: a level's sum divided by it is its mean. */
  readonly samples: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly levels: Readonly<Record<string, Level>>;
}

/** How finely figures are kept, how long, and the span of one row; all in UTC. */
export const RESOLUTIONS = {
  Minute: { spanMs: MINUTE, keptMs: 2 * DAY },
  TenMinutes: { spanMs: 10 * MINUTE, keptMs: 21 * DAY },
  Hour: { spanMs: HOUR, keptMs: 400 * DAY },
} as const satisfies Readonly<Record<string, { readonly spanMs: number; readonly keptMs: number }>>;

/** A name out of RESOLUTIONS. */
export type Resolution = keyof typeof RESOLUTIONS;

/** A span, and what there was in it. */
export interface FigureRow {
  /** Epoch ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly figures: Figures;
}

/** All together; the order and the grouping in which they are put together do not matter. */
export function sumFigures(all: readonly Figures[]): Figures {
  let samples = 0;
  const counts: Record<string, number> = {};
  const levels: Record<string, Level> = {};
  for (const figures of all) {
    samples += figures.samples;
    for (const [name, count] of Object.entries(figures.counts)) {
      counts[name] = (counts[name] ?? 0) + count;
    }
    for (const [name, { sum, max }] of Object.entries(figures.levels)) {
      const own = levels[name];
      levels[name] = { sum: (own?.sum ?? 0) + sum, max: Math.max(own?.max ?? 0, max) };
    }
  }
  return { samples, counts, levels };
}

/** The beginning of the span of that length in which a moment lies, counted from 1970 in UTC. */
export function spanStartMs(atMs: number, spanMs: number): number {
  return Math.floor(atMs / spanMs) * spanMs;
}

/** How figures may be asked for. */
export const AGGREGATIONS = ["Minute", "TenMinutes", "Hour", "Day"] as const;
/** A name out of AGGREGATIONS. */
export type Aggregation = (typeof AGGREGATIONS)[number];

/** Length of a row of that aggregation. */
export function aggregationMs(aggregation: Aggregation): number {
  return aggregation === "Day" ? DAY : RESOLUTIONS[aggregation].spanMs;
}

/** Rows that a chart shows without becoming a blot. */
const POINTS_MAX = 400;

/**
 * The finest aggregation in which a span is at most 400 rows and that is still kept from its
 * beginning on.
 */
export function suitableAggregation(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  nowMs: number,
): Aggregation {
  const fine = AGGREGATIONS.find((aggregation) => {
    if (aggregation === "Day") return true;
    const { spanMs, keptMs } = RESOLUTIONS[aggregation];
    return (endMs - startMs) / spanMs <= POINTS_MAX && nowMs - startMs <= keptMs;
  });
  return fine ?? "Day";
}
