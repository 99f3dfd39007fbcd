/** A row of Get-MailTrafficReport, as far as charts need it. */
export interface TrafficRow {
  readonly StartDate: string | null;
  readonly EndDate: string | null;
  readonly Received: number | null;
  readonly Refused: number | null;
  readonly Delivered: number | null;
  readonly Relayed: number | null;
  readonly Deferred: number | null;
  readonly Failed: number | null;
  readonly QueueDepth: number | null;
  readonly QueueDepthMaximum: number | null;
  readonly Details: unknown;
}

/** What a chart may draw over time. */
export type Measure = Exclude<keyof TrafficRow, "StartDate" | "EndDate" | "Details">;

/** A span of time with its figures; `isGap`: the server did not run. */
export interface TrafficPoint {
  readonly startMs: number;
  readonly endMs: number;
  readonly isGap: boolean;
  readonly values: Readonly<Record<Measure, number>>;
}

const MEASURES: readonly Measure[] = [
  "Received",
  "Refused",
  "Delivered",
  "Relayed",
  "Deferred",
  "Failed",
  "QueueDepth",
  "QueueDepthMaximum",
];

/** More are no chart any more; the server chooses rows so that there are fewer. */
const POINTS_MAX = 450;

/**
 * The rows as points, in order. Where rows are missing stand two points that say so, at the ends
 * of what is missing, so that no line is drawn over it as if it had been measured.
 */
export function pointsOf(rows: readonly TrafficRow[]): readonly TrafficPoint[] {
  const points: TrafficPoint[] = [];
  for (const row of rows) {
    const [startMs, endMs] = [Date.parse(row.StartDate ?? ""), Date.parse(row.EndDate ?? "")];
    if (Number.isNaN(startMs) || Number.isNaN(endMs)) continue;
    const before = points.at(-1);
    if (before !== undefined && startMs > before.endMs) {
      const spanMs = endMs - startMs;
      points.push(gapAt(before.endMs, spanMs));
      if (startMs - before.endMs > spanMs) points.push(gapAt(startMs - spanMs, spanMs));
    }
    const values = Object.fromEntries(MEASURES.map((name) => [name, row[name] ?? 0]));
    points.push({ startMs, endMs, isGap: false, values: values as TrafficPoint["values"] });
  }
  return points.slice(-POINTS_MAX);
}

function gapAt(startMs: number, spanMs: number): TrafficPoint {
  const values = Object.fromEntries(MEASURES.map((name) => [name, 0]));
  const endMs = startMs + spanMs;
  return { startMs, endMs, isGap: true, values: values as TrafficPoint["values"] };
}

/** The sum of a measure over all rows. */
export function totalOf(rows: readonly TrafficRow[], measure: Measure): number {
  return rows.reduce((sum, row) => sum + (row[measure] ?? 0), 0);
}

/** A name with how often it was counted. */
export interface Counted {
  readonly name: string;
  readonly count: number;
}

/** The sums of one category of Details over all rows, the greatest first. */
export function detailsOf(rows: readonly TrafficRow[], category: string): readonly Counted[] {
  const sums = new Map<string, number>();
  for (const { Details } of rows) {
    for (const [name, count] of Object.entries(recordOf(recordOf(Details)[category]))) {
      if (typeof count === "number") sums.set(name, (sums.get(name) ?? 0) + count);
    }
  }
  return [...sums]
    .map(([name, count]) => ({ name, count }))
    .sort((left, right) => right.count - left.count || (left.name < right.name ? -1 : 1));
}

/**
 * Those that begin with a word and `_`, without it: `spf_pass` is `pass` of `spf`. In the order
 * that is given; what is nought is left out.
 */
export function sharesOf(
  counted: readonly Counted[],
  family: string,
  order: readonly string[],
): readonly Counted[] {
  return order.flatMap((name) => {
    const count = counted.find((one) => one.name === `${family}_${name}`)?.count ?? 0;
    return count === 0 ? [] : [{ name, count }];
  });
}

/** The sums of what ends in `_` and a word: `password_failed` and `ntlm_failed` are `failed`. */
export function sumsBySuffix(counted: readonly Counted[]): readonly Counted[] {
  return sums(counted, (name) => name.slice(name.lastIndexOf("_") + 1));
}

/** The sums of what begins with a word and `_`: `password_failed` is `password`. */
export function sumsByPrefix(counted: readonly Counted[]): readonly Counted[] {
  return sums(counted, (name) => name.slice(0, name.lastIndexOf("_")));
}

function sums(counted: readonly Counted[], keyOf: (name: string) => string): readonly Counted[] {
  const groups = Map.groupBy(counted, ({ name }) => keyOf(name));
  return [...groups]
    .map(([name, all]) => ({ name, count: all.reduce((sum, { count }) => sum + count, 0) }))
    .sort((left, right) => right.count - left.count);
}

/** An object of JSON; anything else has nothing in it. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}

/** A list of objects of JSON. */
export function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}
