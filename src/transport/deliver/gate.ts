/** Lets a limited number of jobs run at once; the others wait in the order they came. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #runningCount = 0;

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#runningCount === 0 && this.#waiting.length === 0;
  }

  /** Runs `job` once fewer than `limit` run. Those who may wait are limited by their lanes. */
  async run<Result>(limit: number, job: () => Promise<Result>): Promise<Result> {
    // A slot that is freed goes to the first who waits, so nobody may overtake.
    if (this.#runningCount >= limit || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#runningCount += 1;
    }
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#runningCount -= 1;
      else next();
    }
  }
}
