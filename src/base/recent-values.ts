import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";
import { SECOND } from "./units.ts";

/** What is made faster than this is made anew each time. */
const CHEAP_MS = 50;
/** A value is kept for so many times as long as it took to make. */
const KEPT_TIMES = 10;

interface Made<Value> {
  readonly value: Value;
  readonly until: number;
}

/**
 * Values that are long in the making and asked for again and again, as by pages that refresh
 * themselves: a costly one is shown again for a while, so that no more than a tenth of the time
 * goes into making it, and those who ask at one moment wait for one making.
 */
export class RecentValues<Value extends object> {
  readonly #clock: Clock;
  readonly #keptMsMax: number;
  readonly #made: LRUCache<string, Made<Value>>;
  readonly #making = new Map<string, Promise<Value>>();
  #epoch = 0;

  constructor(
    clock: Clock,
    {
      countMax,
      keptMsMax = 5 * SECOND,
    }: { readonly countMax: number; readonly keptMsMax?: number },
  ) {
    this.#clock = clock;
    this.#keptMsMax = keptMsMax;
    this.#made = new LRUCache({ max: countMax });
  }

  /** One that was made a little while ago, or else is made now. Rejects as `make`. */
  recent(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#made.get(key);
    if (known !== undefined && known.until > this.#clock.monotonicMs()) {
      return Promise.resolve(known.value);
    }
    return this.#making.get(key) ?? this.fresh(key, make);
  }

  /** One that is made from now on. Rejects as `make`. */
  fresh(key: string, make: () => Promise<Value>): Promise<Value> {
    const making = this.#make(key, make).finally(() => {
      if (this.#making.get(key) === making) this.#making.delete(key);
    });
    this.#making.set(key, making);
    return making;
  }

  /** Something has changed: what was made before, or is being made, is not shown again. */
  forget(): void {
    this.#epoch += 1;
    this.#made.clear();
    this.#making.clear();
  }

  async #make(key: string, make: () => Promise<Value>): Promise<Value> {
    const epoch = this.#epoch;
    const begunMs = this.#clock.monotonicMs();
    const value = await make();
    const nowMs = this.#clock.monotonicMs();
    const costMs = nowMs - begunMs;
    if (costMs < CHEAP_MS || epoch !== this.#epoch) return value;
    const until = nowMs + Math.min(KEPT_TIMES * costMs, this.#keptMsMax);
    this.#made.set(key, { value, until });
    return value;
  }
}
