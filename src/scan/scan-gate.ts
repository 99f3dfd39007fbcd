/** Scans that one scanner is asked for by one thread at one time; the others wait in line. */
const AT_ONCE_MAX = 20;

/**
 * Keeps scans in line, so that a burst of mail does not become more connections than a scanner
 * takes: one that is full refuses, and mail would be deferred for no reason.
 */
export class ScanGate {
  /** By scanner; one that nobody asks has no entry. */
  readonly #lines = new Map<string, { running: number; waiting: (() => void)[] }>();

  /**
   * Resolves when it is this scan's turn, to what has to be called at its end; `undefined` when the
   * signal came first.
   */
  async enter(scanner: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    const line = this.#lines.get(scanner) ?? { running: 0, waiting: [] };
    this.#lines.set(scanner, line);
    if (line.running >= AT_ONCE_MAX) {
      const isAborted = await new Promise<boolean>((resolve) => {
        const proceed = () => {
          signal.removeEventListener("abort", giveUp);
          resolve(false);
        };
        const giveUp = () => {
          line.waiting = line.waiting.filter((one) => one !== proceed);
          resolve(true);
        };
        signal.addEventListener("abort", giveUp, { once: true });
        line.waiting.push(proceed);
      });
      // Whoever has let us proceed has left us its place.
      if (isAborted) return undefined;
    } else line.running += 1;
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      this.#leave(scanner);
    };
  }

  #leave(scanner: string): void {
    const line = this.#lines.get(scanner);
    if (line === undefined) return;
    const next = line.waiting.shift();
    if (next !== undefined) next();
    else line.running -= 1;
    if (line.running === 0) this.#lines.delete(scanner);
  }
}
