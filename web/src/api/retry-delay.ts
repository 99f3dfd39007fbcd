const LEAST_MS = 1_000;
const MOST_MS = 15_000;

/**
 * Milliseconds until what has failed so many times in a row is tried again: ever longer, within
 * bounds, and not for all windows in the same moment. `chance` is from 0 to 1.
 */
export function retryDelayMs(failures: number, chance: number): number {
  const full = Math.min(MOST_MS, LEAST_MS * 2 ** failures);
  return full * (0.5 + chance / 2);
}
