import { existsSync } from "node:fs";
import type { Clock, Timer } from "../base/clock.ts";
import { HOUR, SECOND } from "../base/units.ts";

const LOOK_INTERVAL_MS = 10 * SECOND;
/** systemd-timesyncd keeps this file while the clock is synchronized. */
const TIMESYNC_DIRECTORY = "/run/systemd/timesync";

/** Watches the wall clock for steps: retries, expiry and the logs go by it. */
export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;
  /** Steps of the last hour. */
  #jumps: readonly { readonly atMs: number; readonly jumpMs: number }[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.nowMs() - clock.monotonicMs();
  }

  /** Looks every 10 seconds from now on. */
  start(): void {
    this.#timer = this.#clock.startTimer(LOOK_INTERVAL_MS, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Largest step of the last hour, and what the system says of its time service. */
  get state(): { readonly jumpMs: number; readonly isSynchronized: boolean | undefined } {
    this.#look();
    const isSynchronized = existsSync(TIMESYNC_DIRECTORY)
      ? existsSync(`${TIMESYNC_DIRECTORY}/synchronized`)
      : undefined;
    return { jumpMs: Math.max(0, ...this.#jumps.map(({ jumpMs }) => jumpMs)), isSynchronized };
  }

  #look(): void {
    const atMs = this.#clock.monotonicMs();
    const offsetMs = this.#clock.nowMs() - atMs;
    const jumpMs = Math.abs(offsetMs - this.#offsetMs);
    this.#offsetMs = offsetMs;
    // A clock that is slewed moves by milliseconds between two looks: no step.
    const jumps = jumpMs >= SECOND ? [...this.#jumps, { atMs, jumpMs }] : this.#jumps;
    this.#jumps = jumps.filter((jump) => atMs - jump.atMs <= HOUR).slice(-100);
  }
}
