import { AggregatorRegistry, collectDefaultMetrics, Registry } from "prom-client";
import { type MetricsSnapshot, mergeSnapshots } from "../base/metrics.ts";

/** The media type of the page. */
export const METRICS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** Shows the figures of all threads, and those of the process itself, as Prometheus reads them. */
export interface MetricsPage {
  format(snapshots: readonly MetricsSnapshot[]): Promise<string>;
}

/** The library looks a hundred times a second otherwise, also at a process that does nothing. */
const LOOP_DELAY_RESOLUTION_MS = 100;

/** Begins to watch the process (memory, processor time, garbage collection); one per process. */
export function createMetricsPage(): MetricsPage {
  const processRegistry = new Registry();
  collectDefaultMetrics({
    register: processRegistry,
    eventLoopMonitoringPrecision: LOOP_DELAY_RESOLUTION_MS,
  });
  return {
    async format(snapshots) {
      const families = mergeSnapshots(snapshots).map(({ name, kind, help, samples }) => ({
        name,
        type: kind,
        help,
        aggregator: "sum",
        values: samples.map(({ suffix, labels, value }) => ({
          metricName: `${name}${suffix}`,
          labels,
          value,
        })),
      }));
      const ours = await AggregatorRegistry.aggregate([families]).metrics();
      return `${ours}\n${await processRegistry.metrics()}`;
    },
  };
}
