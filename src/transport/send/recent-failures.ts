import type { Clock } from "../../base/clock.ts";

/** How long an address that did not answer goes last (reference §3.4: a failed host is skipped). */
const SKIP_MS = 60_000;
/** Addresses remembered; the oldest is forgotten first. */
const ENTRIES_MAX = 1000;

/**
 * Addresses that failed a moment ago: still tried, but after all others, so that each lane need not
 * wait for them.
 */
export class RecentFailures {
  readonly #clock: Clock;
  /** Endpoint to the monotonic time until which it is avoided; oldest first. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(endpoint: string): void {
    this.#untilMs.delete(endpoint);
    this.#untilMs.set(endpoint, this.#clock.monotonicMs() + SKIP_MS);
    const oldest = this.#untilMs.keys().next();
    if (this.#untilMs.size > ENTRIES_MAX && !oldest.done) this.#untilMs.delete(oldest.value);
  }

  remove(endpoint: string): void {
    this.#untilMs.delete(endpoint);
  }

  has(endpoint: string): boolean {
    const untilMs = this.#untilMs.get(endpoint);
    if (untilMs === undefined) return false;
    if (untilMs > this.#clock.monotonicMs()) return true;
    this.#untilMs.delete(endpoint);
    return false;
  }
}
