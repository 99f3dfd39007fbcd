import { METRICS, type MetricDefinition } from "./metric-table.ts";

type Table = typeof METRICS;
type Named<Kind> = {
  [Name in keyof Table]: Table[Name] extends { readonly kind: Kind } ? Name : never;
}[keyof Table];
type Series<Name extends keyof Table> = Name extends keyof Table
  ? Table[Name] extends { readonly label: { readonly values: readonly (infer Value)[] } }
    ? `${Name}:${Value & string}`
    : Name
  : never;

/** A counter: its name, and after a colon the value of its label where it has one. */
export type CounterName = Series<Named<"counter">>;
/** A gauge, named as a counter is. */
export type GaugeName = Series<Named<"gauge">>;
/** A histogram; these have no labels. */
export type HistogramName = Named<"histogram">;

/** Counts on one counter: what a room takes as an argument when it only counts. */
export type Count = (metric: CounterName, by?: number) => void;

/** Plain numbers of one thread. A key is a series name, or `name|sum`, `name|0`, `name|1` … */
export interface MetricsSnapshot {
  readonly thread: string;
  readonly values: Readonly<Record<string, number>>;
}

/** The figures of one thread; nothing here waits, allocates or throws. */
export interface Metrics {
  readonly add: Count;
  readonly set: (metric: GaugeName, value: number) => void;
  readonly observe: (metric: HistogramName, value: number) => void;
  /** A copy that may be sent to another thread. */
  readonly snapshot: () => MetricsSnapshot;
}

/** The figures of one thread, all series present from the start and zero. */
export function createMetrics(thread = "main"): Metrics {
  const values: Record<string, number> = {};
  for (const name of Object.keys(METRICS)) {
    for (const key of seriesKeys(name)) values[key] = 0;
  }
  return {
    add(metric, by = 1) {
      values[metric] = (values[metric] ?? 0) + by;
    },
    set(metric, value) {
      values[metric] = value;
    },
    observe(metric, value) {
      const { buckets } = METRICS[metric];
      let index = 0;
      while (index < buckets.length && value > (buckets[index] ?? 0)) index += 1;
      const bucket = `${metric}|${index}`;
      values[bucket] = (values[bucket] ?? 0) + 1;
      values[`${metric}|sum`] = (values[`${metric}|sum`] ?? 0) + value;
    },
    snapshot: () => ({ thread, values: { ...values } }),
  };
}

/** One line of figures as Prometheus shows them. */
export interface Sample {
  /** Added to the metric's name: `_bucket`, `_sum`, `_count` or nothing. */
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with its figures from all threads. */
export interface MetricFamily {
  readonly name: string;
  readonly kind: MetricDefinition["kind"];
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * Puts the figures of all threads together: counters and histograms add up, a gauge adds up, takes
 * the largest, or stays apart by thread, as its table entry says.
 */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): readonly MetricFamily[] {
  return definitions().map(([name, definition]) => ({
    name,
    kind: definition.kind,
    help: definition.help,
    samples:
      definition.kind === "histogram"
        ? histogramSamples(name, definition.buckets, snapshots)
        : labelValues(definition).flatMap((value) => plainSamples(name, value, snapshots)),
  }));
}

function definitions(): readonly (readonly [string, MetricDefinition])[] {
  return Object.entries<MetricDefinition>(METRICS);
}

function labelValues(definition: MetricDefinition): readonly (string | undefined)[] {
  return definition.kind !== "histogram" && definition.label !== undefined
    ? definition.label.values
    : [undefined];
}

function seriesKeys(name: string): readonly string[] {
  const table: Readonly<Record<string, MetricDefinition>> = METRICS;
  const definition = table[name];
  if (definition === undefined) return [];
  if (definition.kind === "histogram") {
    const indexes = Array.from({ length: definition.buckets.length + 1 }, (_, index) => index);
    return [`${name}|sum`, ...indexes.map((index) => `${name}|${index}`)];
  }
  return labelValues(definition).map((value) => (value === undefined ? name : `${name}:${value}`));
}

function plainSamples(
  name: string,
  labelValue: string | undefined,
  snapshots: readonly MetricsSnapshot[],
): readonly Sample[] {
  const table: Readonly<Record<string, MetricDefinition>> = METRICS;
  const definition = table[name];
  if (definition === undefined || definition.kind === "histogram") return [];
  const key = labelValue === undefined ? name : `${name}:${labelValue}`;
  const labels: Record<string, string> =
    definition.label !== undefined && labelValue !== undefined
      ? { [definition.label.name]: labelValue }
      : {};
  const merge = definition.kind === "gauge" ? definition.merge : "sum";
  const figures = snapshots.map(({ values }) => values[key] ?? 0);
  switch (merge) {
    case "sum":
      return [{ suffix: "", labels, value: figures.reduce((left, right) => left + right, 0) }];
    case "max":
      return [{ suffix: "", labels, value: Math.max(0, ...figures) }];
    default:
      return snapshots.map(({ thread }, index) => ({
        suffix: "",
        labels: { ...labels, thread },
        value: figures[index] ?? 0,
      }));
  }
}

function histogramSamples(
  name: string,
  buckets: readonly number[],
  snapshots: readonly MetricsSnapshot[],
): readonly Sample[] {
  const total = (key: string) =>
    snapshots.reduce((sum, { values }) => sum + (values[`${name}|${key}`] ?? 0), 0);
  const samples: Sample[] = [];
  let count = 0;
  for (const [index, bound] of [...buckets, Number.POSITIVE_INFINITY].entries()) {
    count += total(String(index));
    const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound);
    samples.push({ suffix: "_bucket", labels: { le }, value: count });
  }
  samples.push({ suffix: "_sum", labels: {}, value: total("sum") });
  samples.push({ suffix: "_count", labels: {}, value: count });
  return samples;
}
