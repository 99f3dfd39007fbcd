import { HOUR, SECOND } from "../base/units.ts";

/** Failed logons under one name: how many, of which older ones count less, and when the last. */
export interface FailureRecord {
  /** As it was at `lastMs`; see `levelAt`. */
  readonly level: number;
  /** Epoch milliseconds. */
  readonly lastMs: number;
}

/** From which failure on whoever failed has to wait, and for how long. */
export interface BackOffRule {
  readonly failuresMax: number;
  /** Wait after failure number `failuresMax`; each further one doubles it. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/** After this time failures count half. */
export const HALF_LIFE_MS = HOUR;
/** One user from one network (IPv4 /24, IPv6 /48): who guesses the password of one person. */
export const PAIR_RULE: BackOffRule = { failuresMax: 5, firstMs: 30 * SECOND, longestMs: HOUR };
/** One source (IPv4 address, IPv6 /64), whoever's name it gives: who tries one password on all. */
export const SOURCE_RULE: BackOffRule = { failuresMax: 20, firstMs: 30 * SECOND, longestMs: HOUR };
/**
 * One user from everywhere: a guess from a thousand addresses. It only slows, and nobody from where
 * this user has logged on before: else whoever knows a name could lock its owner out.
 */
export const USER_RULE: BackOffRule = { failuresMax: 50, firstMs: SECOND, longestMs: 8 * SECOND };

/** What is known before a try to log on. */
export interface LogonHistory {
  /** User and network. */
  readonly pair: FailureRecord;
  readonly source: FailureRecord;
  readonly user: FailureRecord;
  /** The user has logged on from this source before. */
  readonly isKnownSource: boolean;
}

/** Whether a password is looked at, after what delay; `held`: not before `untilMs`. */
export type BackOff =
  | { readonly kind: "admitted"; readonly delayMs: number }
  | { readonly kind: "held"; readonly by: "pair" | "source"; readonly untilMs: number };

/** What of the failures is left by now: half of it for each HALF_LIFE_MS gone by. */
export function levelAt({ level, lastMs }: FailureRecord, nowMs: number): number {
  // A clock that was set back must not make failures heavier than they were.
  return level * 2 ** (-Math.max(0, nowMs - lastMs) / HALF_LIFE_MS);
}

/** Decides on a try to log on from what is known of earlier ones. */
export function decideBackOff(history: LogonHistory, nowMs: number): BackOff {
  const { pair, source, user, isKnownSource } = history;
  const sourceUntilMs = heldUntilMs(source, SOURCE_RULE);
  if (sourceUntilMs > nowMs) return { kind: "held", by: "source", untilMs: sourceUntilMs };
  if (isKnownSource) return { kind: "admitted", delayMs: 0 };
  const pairUntilMs = heldUntilMs(pair, PAIR_RULE);
  if (pairUntilMs > nowMs) return { kind: "held", by: "pair", untilMs: pairUntilMs };
  return { kind: "admitted", delayMs: waitMs(levelAt(user, nowMs), USER_RULE) };
}

/** Until when a rule holds back those with these failures; in the past: it does not. */
export function heldUntilMs(record: FailureRecord, rule: BackOffRule): number {
  return record.lastMs + waitMs(record.level, rule);
}

function waitMs(level: number, { failuresMax, firstMs, longestMs }: BackOffRule): number {
  // Five failures within a minute come to a little less than 5.
  const over = Math.floor(level + 0.5) - failuresMax;
  return over < 0 ? 0 : Math.min(firstMs * 2 ** over, longestMs);
}
