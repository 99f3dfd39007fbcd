import { assert } from "../../base/assert.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";

/**
 * A span over which events are counted. It is cut into slices and forgets slice by slice: an event
 * counts for the whole span, and for at most one slice longer.
 */
export interface RateWindow {
  readonly name: "minute" | "hour" | "day";
  readonly spanMs: number;
  readonly sliceMs: number;
}

/** The windows that limits are given for. */
export const RATE_WINDOW = {
  minute: { name: "minute", spanMs: MINUTE, sliceMs: 5 * SECOND },
  hour: { name: "hour", spanMs: HOUR, sliceMs: 5 * MINUTE },
  day: { name: "day", spanMs: DAY, sliceMs: 2 * HOUR },
} as const satisfies Record<RateWindow["name"], RateWindow>;

/** Events of one slice; slices are numbered from the epoch on. */
export interface SliceCount {
  readonly slice: number;
  readonly count: number;
}

/** Slices that reach into the window: the full ones, and the one that has begun. */
export function slicesOf({ spanMs, sliceMs }: RateWindow): number {
  return spanMs / sliceMs + 1;
}

/** Number of the slice that `nowMs` (epoch) falls into. */
export function sliceAt({ sliceMs }: RateWindow, nowMs: number): number {
  return Math.floor(nowMs / sliceMs);
}

/**
 * Whether a slice still counts. One a little ahead does too: the machine's clock has been set back
 * since.
 */
export function isInWindow(window: RateWindow, slice: number, nowMs: number): boolean {
  return Math.abs(sliceAt(window, nowMs) - slice) < slicesOf(window);
}

/** Whether one source may do `amount` more; if not, when it may. */
export type RateDecision =
  | { readonly kind: "within" }
  /** `retryAfterMs`: when enough has been forgotten; the whole span where that is never enough. */
  | { readonly kind: "exceeded"; readonly total: number; readonly retryAfterMs: number };

const WITHIN: RateDecision = { kind: "within" };

/** Judges `amount` more events on top of what the window holds. Pure. */
export function decideRate(
  counts: readonly SliceCount[],
  question: {
    readonly window: RateWindow;
    readonly limit: number;
    readonly amount: number;
    readonly nowMs: number;
  },
): RateDecision {
  const { window, limit, amount, nowMs } = question;
  assert(amount > 0, "nothing is always within");
  let total = 0;
  for (const { count } of counts) total += count;
  if (total + amount <= limit) return WITHIN;
  let left = total;
  for (const { slice, count } of counts.toSorted((one, other) => one.slice - other.slice)) {
    left -= count;
    if (left + amount > limit) continue;
    const leavesMs = (slice + slicesOf(window)) * window.sliceMs;
    return { kind: "exceeded", total, retryAfterMs: Math.max(leavesMs - nowMs, 1) };
  }
  return { kind: "exceeded", total, retryAfterMs: window.spanMs };
}
