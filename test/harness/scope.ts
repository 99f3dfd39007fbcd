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

const stacks = new WeakMap<Scope, CleanupScope>();

/**
 * Asks for a cleanup that runs before those asked for earlier: a server ends before its folder
 * goes. The test runner's own hooks run in the other order, and stop at the first fault.
 */
export function later(scope: Scope, cleanup: () => Promise<void> | void): void {
  let stack = stacks.get(scope);
  if (stack === undefined) {
    const created = new CleanupScope();
    scope.after(() => created.close());
    stacks.set(scope, created);
    stack = created;
  }
  stack.after(cleanup);
}
