import { DAY } from "../../base/units.ts";
import type { QuarantinePolicy } from "../../org/quarantine-policy.ts";

/** How far back the first digest looks, and one after a long pause. */
const REACH_MS = 7 * DAY;

/** What a digest tells of: what has come after `afterMs`, up to `throughMs`. */
export interface DigestSpan {
  readonly afterMs: number;
  readonly throughMs: number;
}

/**
 * The digest that is due, if there is one: times are counted from that of the policy, at midnight
 * UTC of the epoch. What was missed while the server was down comes in one. Pure.
 * @param lastMs up to when the digest before told; absent: there was none
 */
export function dueDigest(
  policy: Pick<
    QuarantinePolicy,
    "endUserSpamNotificationFrequencyMs" | "endUserSpamNotificationTimeMs"
  >,
  at: { readonly nowMs: number; readonly lastMs: number | undefined },
): DigestSpan | undefined {
  const { endUserSpamNotificationFrequencyMs: everyMs } = policy;
  const offsetMs = policy.endUserSpamNotificationTimeMs;
  const throughMs = Math.floor((at.nowMs - offsetMs) / everyMs) * everyMs + offsetMs;
  if (at.lastMs === undefined) return { afterMs: throughMs - everyMs, throughMs };
  if (at.lastMs >= throughMs) return undefined;
  return { afterMs: Math.max(at.lastMs, throughMs - Math.max(REACH_MS, everyMs)), throughMs };
}
