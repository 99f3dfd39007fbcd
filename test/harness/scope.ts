/** What things started for a while are tied to: a test's context, or a round of the bench. */
export interface Scope {
  after(cleanup: () => Promise<void> | void): void;
}

/** A scope outside the test runner: `close` runs what was asked for, the latest first. */
export class CleanupScope implements Scope {
  readonly #cleanups: (() => Promise<void> | void)[] = [];

  after(cleanup: () => Promise<void> | void): void {
    this.#cleanups.push(cleanup);
  }

  /** Runs every cleanup, even after one has failed; then throws the first fault. */
  async close(): Promise<void> {
    const faults: unknown[] = [];
    for (const cleanup of this.#cleanups.splice(0).toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
