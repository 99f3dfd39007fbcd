import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { Progress } from "./cmdlet.ts";
import type { ExecutionRecord } from "./execution.ts";

/** Between two reports of progress while nothing else happens. */
const PROGRESS_INTERVAL_MS = SECOND / 5;
/** Warnings of one run; the rest is counted. */
const WARNINGS_MAX = 1000;

/**
 * What a handler reports besides its output, until the caller takes it. Bounded: of progress only
 * the newest is kept, and of too many warnings their number.
 */
export class ReportBuffer {
  readonly #clock: Clock;
  #warnings: string[] = [];
  #warningCount = 0;
  #progress: Progress | undefined;
  #progressMs = Number.NEGATIVE_INFINITY;
  #alarm = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  progress(progress: Progress): void {
    this.#progress = progress;
    // In between it waits for the next report, object or end.
    if (this.#clock.monotonicMs() - this.#progressMs >= PROGRESS_INTERVAL_MS) this.wake();
  }

  warn(text: string): void {
    this.#warningCount += 1;
    if (this.#warningCount <= WARNINGS_MAX) this.#warnings.push(text);
    else if (this.#warningCount === WARNINGS_MAX + 1) {
      this.#warnings.push("There are more warnings, which are not shown.");
    }
    this.wake();
  }

  /** Lets `woken` resolve. */
  wake(): void {
    this.#alarm.resolve();
  }

  /** Resolves once there is something to take, or `wake` was called. */
  async woken(): Promise<void> {
    await this.#alarm.promise;
    this.#alarm = Promise.withResolvers();
  }

  /** What has been reported since the last time. */
  *take(): Generator<ExecutionRecord> {
    const warnings = this.#warnings;
    const progress = this.#progress;
    this.#warnings = [];
    this.#progress = undefined;
    for (const text of warnings) yield { kind: "warning", text };
    if (progress === undefined) return;
    this.#progressMs = this.#clock.monotonicMs();
    yield { kind: "progress", progress };
  }
}

/** A step of an iterator that wakes the one who waits for reports when it is made. */
export class PendingStep<Value> {
  readonly result: Promise<Value>;
  #isSettled = false;

  constructor(result: Promise<Value>, reports: ReportBuffer) {
    this.result = result;
    const settle = () => {
      this.#isSettled = true;
      reports.wake();
    };
    // Whoever awaits `result` gets the failure; here it only ends the waiting.
    result.then(settle, settle);
  }

  /** Whether `result` has a value or has failed. */
  get isSettled(): boolean {
    return this.#isSettled;
  }
}
