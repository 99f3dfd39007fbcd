import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";

/** Sources that are remembered; those that have been silent longest are forgotten first. */
const SOURCES_MAX = 10_000;

/** How often one source may ask for something. */
export class SourceLimit {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #sources = new Map<string, { left: number; atMs: number }>();

  constructor(
    clock: Pick<Clock, "monotonicMs">,
    limits: { readonly burst: number; readonly perSecond: number },
  ) {
    this.#clock = clock;
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
  }

  /** Counts one; false when it is too many. */
  take(source: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#sources.get(source) ?? { left: this.#burst, atMs: nowMs };
    const grown = known.left + ((nowMs - known.atMs) / SECOND) * this.#perSecond;
    const left = Math.min(this.#burst, grown);
    const isTaken = left >= 1;
    // Put behind all others.
    this.#sources.delete(source);
    this.#sources.set(source, { left: isTaken ? left - 1 : left, atMs: nowMs });
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > SOURCES_MAX && oldest !== undefined) this.#sources.delete(oldest);
    return isTaken;
  }
}
