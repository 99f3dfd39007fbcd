interface Waiting {
  readonly from: string;
  readonly go: (isTurn: boolean) => void;
}

/**
 * A line before work that must not be done too often at one time: so many at work, so many waiting,
 * and everybody else is sent away. From where most wait, the last one makes room for somebody from
 * elsewhere.
 */
export class WorkLine {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  readonly #waiting: Waiting[] = [];
  #working = 0;

  constructor(limits: { readonly atOnce: number; readonly waitingMax: number }) {
    this.#atOnce = limits.atOnce;
    this.#waitingMax = limits.waitingMax;
  }

  /** Does the work when it is its turn; `undefined` when too many wait. */
  async run<Value>(work: () => Promise<Value>, from = ""): Promise<Value | undefined> {
    if (this.#working < this.#atOnce) this.#working += 1;
    else if (!(await this.#wait(from))) return undefined;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so that nobody who comes just now slips in before.
      if (next === undefined) this.#working -= 1;
      else next.go(true);
    }
  }

  /** False when it is sent away. */
  #wait(from: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push({ from, go: resolve });
    if (this.#waiting.length > this.#waitingMax) this.#sendAway();
    return promise;
  }

  #sendAway(): void {
    const counts = new Map<string, number>();
    for (const { from } of this.#waiting) counts.set(from, (counts.get(from) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const at = this.#waiting.findLastIndex(({ from }) => counts.get(from) === most);
    for (const { go } of this.#waiting.splice(at, 1)) go(false);
  }
}
