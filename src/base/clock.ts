/** A pending call; `cancel` may be called at any time and any number of times. */
export interface Timer {
  cancel(): void;
}

/** Time and chance as an argument (style: nothing else reads the machine's clock or dice). */
export interface Clock {
  /** Epoch milliseconds; may jump when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds that only go forward; for spans and timeouts. */
  monotonicMs(): number;
  /** In [0, 1). For jitter and shuffling, never for secrets. */
  random(): number;
  /** Calls `run` once, `delayMs` from now. The process may exit while it is pending. */
  startTimer(delayMs: number, run: () => void): Timer;
}

/** setTimeout reads a larger delay as 1 ms, so that a far date would fire at once. */
const TIMER_DELAY_MAX_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  startTimer(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMER_DELAY_MAX_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Resolves after `delayMs` on the given clock. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.startTimer(delayMs, resolve);
  });
}
