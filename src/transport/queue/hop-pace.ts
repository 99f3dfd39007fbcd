import { MINUTE } from "../../base/units.ts";
import { type LearnedPace, paceAt, slowDown } from "./learned-pace.ts";

/** Messages that follow one another more closely than this go in groups: timers are coarse. */
const GROUP_MS = 100;

/**
 * How fast messages may leave one queue: the connector's limit and what its destination has taught
 * us. Times are monotonic milliseconds. Without a limit it only counts.
 */
export class HopPace {
  /** By configuration, messages per minute. */
  #limit = Number.POSITIVE_INFINITY;
  #learned: LearnedPace | undefined;
  #connectionsMax = Number.POSITIVE_INFINITY;
  /** The smaller of the two. */
  #rate = Number.POSITIVE_INFINITY;
  #nextMs = Number.NEGATIVE_INFINITY;
  /** Messages taken in this minute and in the one before. */
  #count = 0;
  #countBefore = 0;
  #minuteMs = 0;

  /** Connections that the destination takes, as far as is known. */
  get connectionsMax(): number {
    return this.#connectionsMax;
  }

  /** What the destination has taught us and has recovered to; `undefined`: nothing. */
  learnedAt(nowMs: number): Pick<LearnedPace, "connectionsMax" | "messagesPerMinute"> | undefined {
    const pace = paceAt(this.#learned, nowMs);
    if (pace === undefined) return undefined;
    return { connectionsMax: pace.connectionsMax, messagesPerMinute: pace.messagesPerMinute };
  }

  /** Whether the destination has slowed us down and it is not forgotten yet. */
  get isSlowed(): boolean {
    return this.#learned !== undefined;
  }

  /** Milliseconds until the next message may go; 0: now. */
  waitMs(nowMs: () => number): number {
    return this.#rate === Number.POSITIVE_INFINITY ? 0 : Math.max(0, this.#nextMs - nowMs());
  }

  /** A message goes. */
  taken(nowMs: () => number): void {
    this.#count += 1;
    if (this.#rate === Number.POSITIVE_INFINITY) return;
    const intervalMs = MINUTE / this.#rate;
    const missedMs = intervalMs < GROUP_MS ? GROUP_MS : 0;
    this.#nextMs = Math.max(this.#nextMs, nowMs() - missedMs) + intervalMs;
  }

  /** About once a second, and when the configuration may have changed. */
  refresh(nowMs: number, limit: number): void {
    if (nowMs - this.#minuteMs >= MINUTE) {
      this.#countBefore = nowMs - this.#minuteMs < 2 * MINUTE ? this.#count : 0;
      this.#count = 0;
      this.#minuteMs = nowMs;
    }
    this.#limit = limit;
    const pace = paceAt(this.#learned, nowMs);
    if (pace === undefined) this.#learned = undefined;
    this.#setRate(pace);
  }

  /** The destination finds us too fast. Returns whether that is news. */
  slowed(nowMs: number, connections: number): boolean {
    const messagesPerMinute = Math.max(this.#count, this.#countBefore);
    const before = this.#learned;
    this.#learned = slowDown(before, { nowMs, connections, messagesPerMinute });
    this.#setRate(this.#learned);
    return this.#learned !== before;
  }

  #setRate(pace: LearnedPace | undefined): void {
    const rate = Math.min(this.#limit, pace?.messagesPerMinute ?? Number.POSITIVE_INFINITY);
    this.#rate = rate;
    this.#connectionsMax = pace?.connectionsMax ?? Number.POSITIVE_INFINITY;
  }
}
