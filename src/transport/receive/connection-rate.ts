import { sourceOf } from "../../net/client-address.ts";
import type { RateCounts, RateKey } from "./rate-counts.ts";
import { decideRate, RATE_WINDOW } from "./rate-window.ts";

/** Past this part of the rate it is crowded: the rest is for those who have taken little of it. */
const CROWDED_PART = 0.75;
/** What one source may have taken of the rate to be let in when it is crowded. */
const SOURCE_PART = 0.1;
/** Of a small rate a part would be next to nothing. */
const SOURCE_CONNECTIONS_MIN = 20;

const window = RATE_WINDOW.minute;

/** A connection that comes in. */
export interface CountedConnection {
  /** The real client's, never a proxy's. */
  readonly remoteAddress: string;
  /** MaxConnectionRatePerMinute (reference §11); `Infinity`: nothing is counted. */
  readonly ratePerMinute: number;
  readonly nowMs: number;
}

/**
 * The rate that one more connection would pass: that of the whole server, or when three quarters of
 * it are used up, a source's part. Otherwise one client that comes and goes would be enough to keep
 * everybody else out.
 */
export function findConnectionExcess(
  counts: RateCounts,
  { remoteAddress, ratePerMinute, nowMs }: CountedConnection,
): number | undefined {
  if (ratePerMinute === Infinity) return undefined;
  const exceeds = (source: string, limits: readonly number[]): number | undefined => {
    const found = counts.count(keyOf(source), { window, nowMs });
    const question = { window, amount: 1, nowMs };
    return limits.find((limit) => decideRate(found, { ...question, limit }).kind === "exceeded");
  };
  const excess = exceeds("", [ratePerMinute, Math.ceil(ratePerMinute * CROWDED_PART)]);
  if (excess === undefined || excess === ratePerMinute) return excess;
  const part = Math.max(SOURCE_CONNECTIONS_MIN, Math.floor(ratePerMinute * SOURCE_PART));
  return exceeds(sourceOf(remoteAddress), [part]);
}

/** Counts a connection that has been let in. */
export function countConnection(
  counts: RateCounts,
  { remoteAddress, ratePerMinute, nowMs }: CountedConnection,
): void {
  if (ratePerMinute === Infinity) return;
  const one = { window, nowMs, amount: 1 };
  counts.add(keyOf(""), one);
  counts.add(keyOf(sourceOf(remoteAddress)), one);
}

function keyOf(source: string): RateKey {
  return { direction: "in", events: "connections", source, destination: "" };
}
