import { MINUTE, SECOND } from "../../base/units.ts";

/** A minute is counted in so many slices; the oldest falls out whole. */
const SLICES = 20;
const SLICE_MS = MINUTE / SLICES;

/** How often something has happened in the last minute. Counting costs a few nanoseconds. */
export class MinuteRate {
  readonly #counts: number[] = [];
  /** Number of the slice that was counted in last. */
  #slice = 0;

  add(monotonicMs: number): void {
    const index = this.#moveTo(monotonicMs) % SLICES;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  /** Times per second, averaged over the last minute. */
  perSecond(monotonicMs: number): number {
    this.#moveTo(monotonicMs);
    let sum = 0;
    for (const count of this.#counts) sum += count;
    return sum / (MINUTE / SECOND);
  }

  #moveTo(monotonicMs: number): number {
    const slice = Math.floor(monotonicMs / SLICE_MS);
    if (slice === this.#slice) return slice;
    if (slice - this.#slice >= SLICES || this.#counts.length === 0) {
      for (let index = 0; index < SLICES; index += 1) this.#counts[index] = 0;
    } else {
      for (let old = this.#slice + 1; old <= slice; old += 1) this.#counts[old % SLICES] = 0;
    }
    this.#slice = slice;
    return slice;
  }
}
