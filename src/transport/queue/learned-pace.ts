import { MINUTE, SECOND } from "../../base/units.ts";
import type { Fault } from "./outcome.ts";

/**
 * What a destination has taught us: it takes no more than this. Belongs to one delivery queue, so
 * its key is the direction (out), the connector with its source addresses, and the destination.
 */
export interface LearnedPace {
  readonly connectionsMax: number;
  readonly messagesPerMinute: number;
  /** What is added to the latter for each minute that goes well. */
  readonly stepPerMinute: number;
  /** Monotonic milliseconds of the last slow-down. */
  readonly sinceMs: number;
}

/** What the queue was doing when it was told to slow down. */
export interface PaceSeen {
  readonly nowMs: number;
  readonly connections: number;
  readonly messagesPerMinute: number;
}

/** Replies that come together mean one thing, not ten: a new slow-down counts after this. */
const BURST_MS = 10 * SECOND;
/** A destination that has not complained for so long has no special pace any more. */
const FORGET_MS = 30 * MINUTE;
/** The slowest pace to begin with: a single reply may have been about its message only. */
const FIRST_PER_MINUTE_MIN = 60;
/** The slowest pace, when the destination goes on complaining. */
const MESSAGES_PER_MINUTE_MIN = 6;
/** Share of the halved pace by which it grows each minute: back where it was after ten. */
const GROWTH = 0.1;

/** Halves connections and messages of what is in force or was going on, whichever is less. */
export function slowDown(before: LearnedPace | undefined, seen: PaceSeen): LearnedPace {
  if (before !== undefined && seen.nowMs - before.sinceMs < BURST_MS) return before;
  const now = paceAt(before, seen.nowMs);
  const connections = Math.min(now?.connectionsMax ?? Number.POSITIVE_INFINITY, seen.connections);
  const messages = Math.min(
    now?.messagesPerMinute ?? Number.POSITIVE_INFINITY,
    seen.messagesPerMinute,
  );
  const least = now === undefined ? FIRST_PER_MINUTE_MIN : MESSAGES_PER_MINUTE_MIN;
  const messagesPerMinute = Math.max(least, Math.floor(messages / 2));
  return {
    connectionsMax: Math.max(1, Math.floor(connections / 2)),
    messagesPerMinute,
    stepPerMinute: Math.ceil(messagesPerMinute * GROWTH),
    sinceMs: seen.nowMs,
  };
}

/** The pace as it has recovered by then: a connection and a step for each whole minute. */
export function paceAt(pace: LearnedPace | undefined, nowMs: number): LearnedPace | undefined {
  if (pace === undefined || nowMs - pace.sinceMs >= FORGET_MS) return undefined;
  const minutes = Math.floor((nowMs - pace.sinceMs) / MINUTE);
  if (minutes <= 0) return pace;
  return {
    ...pace,
    connectionsMax: pace.connectionsMax + minutes,
    messagesPerMinute: pace.messagesPerMinute + minutes * pace.stepPerMinute,
  };
}

/**
 * Whether what a host said means that we are too fast for it: 421, any 4.7.x, and 450 to 452 where
 * they speak of the system (RFC 3463 §3.4) or say nothing; those about a mailbox or an address
 * concern one recipient.
 */
export function isSlowDown({ hop, diagnostic, status }: Fault): boolean {
  if (hop === undefined) return false;
  const code = diagnostic.slice(0, 3);
  if (!code.startsWith("4")) return false;
  if (code === "421" || status.startsWith("4.7.")) return true;
  const isBusy = code === "450" || code === "451" || code === "452";
  return isBusy && (status === "4.0.0" || status.startsWith("4.3.") || status === "4.4.5");
}
