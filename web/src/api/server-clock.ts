/** The header Date has whole seconds (RFC 9110 §5.6.7). */
const DATE_STEP_MS = 1000;

/** By how much the server's clock is before the browser's, as far as that is known. */
const own = { aheadMs: 0 };

/**
 * The least by which two clocks must differ, when the server has written `dateMs` at some moment
 * between two of the browser's: a slow connection alone moves no clock.
 */
export function aheadMs(of: {
  readonly dateMs: number;
  readonly sentMs: number;
  readonly receivedMs: number;
}): number {
  const [least, most] = [of.dateMs - of.receivedMs, of.dateMs + DATE_STEP_MS - of.sentMs];
  return Math.min(Math.max(0, least), most);
}

/** Takes the server's time from an answer to what was sent at `sentMs`. */
export function noteServerTime(date: string | null, sentMs: number): void {
  const dateMs = Date.parse(date ?? "");
  if (Number.isNaN(dateMs)) return;
  own.aheadMs = aheadMs({ dateMs, sentMs, receivedMs: Date.now() });
}

/** Now, by the server's clock: what it tells the time of is as old as that clock says. */
export function serverNowMs(): number {
  return Date.now() + own.aheadMs;
}
