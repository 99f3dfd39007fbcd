import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Metrics, MetricsSnapshot } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import type { ResourcePressure } from "../cmdlets/server/services.ts";
import {
  assessPressure,
  PRESSURE_THRESHOLDS,
  type PressureLevel,
  type PressureResource,
  type PressureSample,
  type PressureState,
  RELAXED,
} from "../transport/queue/back-pressure.ts";
import type { PressureGauge } from "../transport/queue/pressure.ts";
import type { ThreadReport } from "./thread-calls.ts";

/** ResourceMeteringInterval (reference §8). */
const POLL_INTERVAL_MS = 2 * SECOND;

const LEVELS: Readonly<Record<PressureLevel, number>> = { Low: 0, Medium: 1, High: 2 };

/** What the monitor works with. */
export interface PressureMonitorParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
  readonly gauge: PressureGauge;
  readonly dataDirectory: string;
  /** Asks all transport threads. */
  readonly poll: () => Promise<readonly ThreadReport[]>;
  /** Asks the store; `freeBytes` are those inside the queue database. */
  readonly askStore: () => Promise<{
    readonly metrics: MetricsSnapshot;
    readonly freeBytes: number;
  }>;
  /** Told what every thread has counted, each time that they were asked. */
  readonly looked?: (snapshots: readonly MetricsSnapshot[]) => void;
}

/** Watches the resources and tells every thread how much mail to let in. */
export class PressureMonitor {
  readonly #parts: PressureMonitorParts;
  #state: PressureState = RELAXED;
  #sample: PressureSample | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: PressureMonitorParts) {
    this.#parts = parts;
  }

  /** Polls from now on. */
  start(): void {
    const again = () => {
      if (this.#isStopped) return;
      this.#timer = this.#parts.clock.startTimer(POLL_INTERVAL_MS, () => {
        void this.#poll().then(again, (error: unknown) => {
          this.#parts.diagnostics.error("pressure-poll-failed", { reason: String(error) });
          again();
        });
      });
    };
    again();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** What presses too hard, in words for readiness; empty when mail is let in. */
  get reasons(): readonly string[] {
    return Object.entries(this.#state.levels).flatMap(([resource, level]) =>
      level === "High" ? [`back pressure: ${resource} is High`] : [],
    );
  }

  /** The levels at the last poll. */
  get levels(): PressureState["levels"] {
    return this.#state.levels;
  }

  /** Each resource as it was at the last poll; without a value before the first one. */
  get readings(): readonly ResourcePressure[] {
    // Object.entries forgets the type of the keys.
    const entries = Object.entries(this.#state.levels) as [PressureResource, PressureLevel][];
    return entries.map(([resource, level]) => {
      const { acts, ...thresholds } = PRESSURE_THRESHOLDS[resource];
      const value = this.#sample && Math.floor(this.#sample[resource]);
      return { resource, level, acts, thresholds, ...(value !== undefined && { value }) };
    });
  }

  async #poll(): Promise<void> {
    const { diagnostics, metrics, gauge } = this.#parts;
    const reports = await this.#parts.poll();
    const store = await this.#parts.askStore();
    this.#parts.looked?.([...reports.map((report) => report.metrics), store.metrics]);
    const figures = reports.map((report) => report.figures);
    const sample = {
      disk: await this.#diskPercent(store.freeBytes),
      memory: (process.memoryUsage.rss() / totalmem()) * 100,
      submission_queue: figures.reduce((sum, { submissionLength }) => sum + submissionLength, 0),
      event_loop: Math.max(0, ...reports.map(({ loopDelayMs }) => loopDelayMs)),
    };
    const { state, pressure, changes } = assessPressure(this.#state, sample);
    this.#state = state;
    this.#sample = sample;
    gauge.set(pressure);
    for (const { resource, from, to, reason } of changes) {
      const rises = LEVELS[to] > LEVELS[from];
      const event = rises ? "pressure-increased" : "pressure-decreased";
      diagnostics[rises ? "error" : "info"](event, { resource, from, to, reason });
    }
    for (const [resource, level] of Object.entries(state.levels)) {
      metrics.set(
        `postrider_back_pressure_level:${resource as keyof PressureState["levels"]}`,
        LEVELS[level],
      );
    }
  }

  /** DatabaseUsedSpace: used = size − free − free space inside the database. */
  async #diskPercent(freeInside: number): Promise<number> {
    const { bsize, blocks, bavail } = await statfs(this.#parts.dataDirectory);
    const total = blocks * bsize;
    const free = bavail * bsize + freeInside;
    return total === 0 ? 0 : ((total - free) / total) * 100;
  }
}
