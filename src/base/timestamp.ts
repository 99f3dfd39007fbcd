/** Formats epoch milliseconds as `yyyy-mm-ddThh:mm:ss.fffZ` (UTC). */
export type FormatTimestamp = (atMs: number) => string;

/** The widest span that `Date` can show. */
const DATE_MS_MAX = 8.64e15;

/** `.000Z` to `.999Z`. */
const FRACTIONS: readonly string[] = Array.from(
  { length: 1000 },
  (_, index) => `.${String(index).padStart(3, "0")}Z`,
);

/**
 * Makes a formatter that keeps the text of the last second it has shown: log lines come in order,
 * and turning a date into text anew for each costs more than the rest of the line. One per kind of
 * time, so that two kinds don't push each other out.
 */
export function createTimestampFormat(): FormatTimestamp {
  let cachedSecond = Number.NaN;
  let cachedText = "";
  return (atMs) => {
    const clampedMs = Math.min(Math.max(Math.floor(atMs), -DATE_MS_MAX), DATE_MS_MAX);
    const second = Math.floor(clampedMs / 1000);
    if (second !== cachedSecond) {
      cachedSecond = second;
      cachedText = new Date(second * 1000).toISOString().slice(0, -5);
    }
    return cachedText + (FRACTIONS[clampedMs - second * 1000] ?? ".000Z");
  };
}
