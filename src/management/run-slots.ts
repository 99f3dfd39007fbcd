import type { Clock } from "../base/clock.ts";

interface Waiting {
  readonly caller: string;
  readonly go: (release: (() => void) | undefined) => void;
}

/** So many times as many as may run may wait. */
const LINE_PER_PLACE = 4;

/** Bounds how many cmdlets run at one time, in all and for one caller. */
export class RunSlots {
  readonly #inAllMax: number;
  readonly #perCallerMax: number;
  readonly #taken = new Map<string, number>();
  readonly #line = new Set<Waiting>();
  #inAll = 0;

  constructor(limits: { readonly inAll: number; readonly perCaller: number }) {
    this.#inAllMax = limits.inAll;
    this.#perCallerMax = limits.perCaller;
  }

  /** A place for one run, to be given back once; `undefined`: too many run already. */
  take(caller: string): (() => void) | undefined {
    const own = this.#taken.get(caller) ?? 0;
    if (this.#inAll >= this.#inAllMax || own >= this.#perCallerMax) return undefined;
    this.#inAll += 1;
    this.#taken.set(caller, own + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#inAll -= 1;
      const left = (this.#taken.get(caller) ?? 1) - 1;
      if (left === 0) this.#taken.delete(caller);
      else this.#taken.set(caller, left);
      this.#callNext();
    };
  }

  /**
   * A place as soon as there is one: a page asks for much at once, and windows open together.
   * `undefined` when there is none within `withinMs`, when `signal` comes first, and at once when
   * too many wait already.
   */
  async wait(
    caller: string,
    until: { readonly clock: Clock; readonly withinMs: number; readonly signal: AbortSignal },
  ): Promise<(() => void) | undefined> {
    const free = this.take(caller);
    if (free !== undefined || until.signal.aborted || this.#isLineFull(caller)) return free;
    const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
    const waiting = { caller, go: resolve };
    const leave = () => {
      // At once: a place that is given to nobody would be lost.
      this.#line.delete(waiting);
      resolve(undefined);
    };
    this.#line.add(waiting);
    const timer = until.clock.startTimer(until.withinMs, leave);
    until.signal.addEventListener("abort", leave);
    try {
      return await promise;
    } finally {
      timer.cancel();
      until.signal.removeEventListener("abort", leave);
    }
  }

  #isLineFull(caller: string): boolean {
    let own = 0;
    for (const waiting of this.#line) if (waiting.caller === caller) own += 1;
    const { size } = this.#line;
    return own >= LINE_PER_PLACE * this.#perCallerMax || size >= LINE_PER_PLACE * this.#inAllMax;
  }

  /** The first in line who may have the place that has become free: his own may all be taken. */
  #callNext(): void {
    for (const waiting of this.#line) {
      const release = this.take(waiting.caller);
      if (release === undefined) continue;
      this.#line.delete(waiting);
      waiting.go(release);
      return;
    }
  }
}
