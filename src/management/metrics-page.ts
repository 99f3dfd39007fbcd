import type { Registry } from "prom-client";
import { lateLibrary } from "../base/late-library.ts";
import { type MetricsSnapshot, mergeSnapshots } from "../base/metrics.ts";

/** The media type of the page (Prometheus text format). */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const prometheus = lateLibrary<typeof import("prom-client")>("prom-client");

/** Shows the figures of all threads, and those of the process itself, as Prometheus reads them. */
export interface MetricsPage {
  format(snapshots: readonly MetricsSnapshot[]): Promise<string>;
}

/** The library looks a hundred times a second otherwise, also at a process that does nothing. */
const LOOP_DELAY_RESOLUTION_MS = 100;

/**
 * The process itself (memory, processor time, garbage collection) is watched from the first page
 * on; one per process.
 */
export function createMetricsPage(): MetricsPage {
  let watched: Registry | undefined;
  return {
    async format(snapshots) {
      const { AggregatorRegistry } = prometheus();
      watched ??= watchProcess();
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
      return `${ours}\n${await watched.metrics()}`;
    },
  };
}

function watchProcess(): Registry {
  const { collectDefaultMetrics, Registry } = prometheus();
  const register = new Registry();
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: LOOP_DELAY_RESOLUTION_MS });
  return register;
}
