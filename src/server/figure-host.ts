import { randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { MetricsSnapshot } from "../base/metrics.ts";
import { DAY, MINUTE } from "../base/units.ts";
import type { FigureSample } from "../figures/figure-keeper.ts";
import { FigureSampler } from "../figures/figure-sampler.ts";
import { spanStartMs } from "../figures/figures.ts";
import type { LogHost } from "./log-host.ts";
import { OldestWatch } from "./oldest-watch.ts";

/** What the host of figures works with. */
export interface FigureHostParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly logs: Pick<LogHost, "remote">;
  /** Figures of the main thread itself. */
  readonly ownMetrics: () => MetricsSnapshot;
  /** As `TestFaults`; absent: at the end of each minute. */
  readonly figureIntervalMs?: number | undefined;
}

/** Samples that wait for a disk that takes nothing: those of a day. */
const UNSENT_MAX = DAY / MINUTE;

/**
 * Makes figures of the looks that are taken at the threads anyway, and has them kept once a minute.
 * Nobody waits for that: what cannot be kept is tried again at the next look.
 */
export class FigureHost {
  readonly #parts: FigureHostParts;
  /** What is so now, and how fast it goes. */
  readonly sampler: FigureSampler = new FigureSampler();
  readonly oldest: OldestWatch;
  readonly #run = randomUUID();
  #sequence = 0;
  #beganMs: number;
  #unsent: FigureSample[] = [];
  #sending: Promise<void> | undefined;
  #isFailing = false;

  constructor(parts: FigureHostParts) {
    this.#parts = parts;
    this.oldest = new OldestWatch(parts);
    this.#beganMs = parts.clock.nowMs();
  }

  /** Takes in one look at all threads that keep counts; those of the main thread are added. */
  look(snapshots: readonly MetricsSnapshot[]): void {
    const { clock, ownMetrics } = this.#parts;
    const { receivedMs } = this.oldest;
    const oldestMs = receivedMs === undefined ? 0 : Math.max(0, clock.nowMs() - receivedMs);
    const at = { monotonicMs: clock.monotonicMs(), oldestMs };
    this.sampler.observe([...snapshots, ownMetrics()], at);
    this.oldest.refresh();
    if (this.#isOver()) this.#close();
    void this.#send();
  }

  /** Has what was gathered kept; resolves when it was, or could not be. */
  async stop(): Promise<void> {
    this.#close();
    await this.#sending;
    await this.#send();
  }

  #isOver(): boolean {
    const nowMs = this.#parts.clock.nowMs();
    const { figureIntervalMs } = this.#parts;
    if (figureIntervalMs !== undefined) return nowMs - this.#beganMs >= figureIntervalMs;
    return spanStartMs(nowMs, MINUTE) !== spanStartMs(this.#beganMs, MINUTE);
  }

  #close(): void {
    const figures = this.sampler.take();
    const startMs = this.#beganMs;
    this.#beganMs = this.#parts.clock.nowMs();
    if (figures === undefined) return;
    this.#sequence += 1;
    this.#unsent.push({ run: this.#run, sequence: this.#sequence, startMs, figures });
    if (this.#unsent.length > UNSENT_MAX) this.#unsent.shift();
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { logs, diagnostics } = this.#parts;
    for (let sample = this.#unsent[0]; sample !== undefined; sample = this.#unsent[0]) {
      try {
        await logs.remote.ask("keepFigures", sample);
        this.#unsent = this.#unsent.filter((one) => one !== sample);
        if (this.#isFailing) diagnostics.info("figures-kept-again");
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) diagnostics.warn("figures-not-kept", { reason: String(error) });
        this.#isFailing = true;
        return;
      }
    }
  }
}
