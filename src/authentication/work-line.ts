/**
 * A line before work that must not be done too often at one time: so many at work, so many waiting,
 * and everybody else is sent away.
 */
export class WorkLine {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(limits: { readonly atOnce: number; readonly waitingMax: number }) {
    this.#atOnce = limits.atOnce;
    this.#waitingMax = limits.waitingMax;
  }

  /** Does the work when it is its turn; `undefined` when too many wait already. */
  run<Value>(work: () => Promise<Value>): Promise<Value> | undefined {
    if (this.#working >= this.#atOnce && this.#waiting.length >= this.#waitingMax) return undefined;
    return this.#runInTurn(work);
  }

  async #runInTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#working < this.#atOnce) this.#working += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so that nobody who comes just now slips in before.
      if (next === undefined) this.#working -= 1;
      else next();
    }
  }
}
