import type { Clock } from "../base/clock.ts";

/** Things that are asked of a client once, and answered within a short time or not at all. */
export class Challenges<About> {
  readonly #clock: Clock;
  readonly #limits: { readonly lifetimeMs: number; readonly countMax: number };
  /** The oldest first. */
  readonly #open = new Map<string, { readonly about: About; readonly endMs: number }>();

  constructor(clock: Clock, limits: { readonly lifetimeMs: number; readonly countMax: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Remembers one; when there are too many, the oldest is forgotten. */
  add(challenge: string, about: About): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, { endMs }] of this.#open) {
      if (endMs > nowMs && this.#open.size < this.#limits.countMax) break;
      this.#open.delete(key);
    }
    this.#open.set(challenge, { about, endMs: nowMs + this.#limits.lifetimeMs });
  }

  /** What it was about; asking uses it up. `undefined`: there is none, or its time is over. */
  take(challenge: string): About | undefined {
    const found = this.#open.get(challenge);
    this.#open.delete(challenge);
    if (found === undefined || found.endMs <= this.#clock.monotonicMs()) return undefined;
    return found.about;
  }
}
