import { DAY } from "../base/units.ts";
import type { DkimKey, DkimSigningConfig } from "./dkim-keys.ts";

/** What DNS has of keys that are to sign: `unknown`: it cannot be asked just now. */
export type RecordsInDns = "there" | "missing" | "unknown";

/** What the rotation of a domain's keys is to do now. */
export type RotationStep =
  | { readonly kind: "wait" }
  /** Makes the next keys, and says what DNS has to have for them. */
  | { readonly kind: "announce"; readonly rotateOnMs: number }
  /** Their records are there, or still not: they take over at another time. */
  | { readonly kind: "schedule" | "postpone"; readonly rotateOnMs: number }
  /** The next keys have signed for a while: what was signed by the old ones has arrived. */
  | { readonly kind: "retire" };

/** An announced key waits that long for its record before it is told of again. */
const ANNOUNCED_MS = 30 * DAY;
/** From the record's being there to its use: for those who remember that it was not. */
const SEEN_EVERYWHERE_MS = 1 * DAY;
/** Before its time nearer than this, a key whose record is missing is put off. */
const LAST_CALL_MS = 2 * DAY;
/** From the change of keys to the end of the old ones: longer than mail is on its way. */
const OVERLAP_MS = 7 * DAY;

const WAIT: RotationStep = { kind: "wait" };

/**
 * What comes next in the life of a domain's keys. Pure. A key whose record is not in DNS never
 * comes to sign while somebody asks once a day; those that a cmdlet has made come at their date or
 * later, never before it.
 */
export function nextRotationStep(
  config: DkimSigningConfig,
  nowMs: number,
  dns: RecordsInDns,
): RotationStep {
  const { enabled, rotateOnDate, rotationIntervalMs } = config;
  if (!enabled) return WAIT;
  const isByItself = rotationIntervalMs > 0;
  if (rotateOnDate === undefined) {
    if (!isByItself || nowMs < keysMadeMs(config) + rotationIntervalMs) return WAIT;
    return { kind: "announce", rotateOnMs: nowMs + ANNOUNCED_MS };
  }
  const rotateOnMs = Date.parse(rotateOnDate);
  if (nowMs >= rotateOnMs) {
    return isByItself && nowMs >= rotateOnMs + OVERLAP_MS ? { kind: "retire" } : WAIT;
  }
  if (dns === "there") {
    const soonMs = nowMs + SEEN_EVERYWHERE_MS;
    return isByItself && soonMs < rotateOnMs ? { kind: "schedule", rotateOnMs: soonMs } : WAIT;
  }
  if (rotateOnMs - nowMs >= LAST_CALL_MS) return WAIT;
  // Also what is not known is not there: waiting costs nothing.
  const laterMs = nowMs + (isByItself ? ANNOUNCED_MS : 2 * LAST_CALL_MS);
  return { kind: "postpone", rotateOnMs: laterMs };
}

/** Whether the next keys are still to come: then it counts what DNS has of them. */
export function awaitsKeys({ enabled, rotateOnDate }: DkimSigningConfig, nowMs: number): boolean {
  return enabled && rotateOnDate !== undefined && nowMs < Date.parse(rotateOnDate);
}

/**
 * When the keys that sign were made, as their selectors say; 0 when they don't, and so are due. The
 * newer of two counts.
 */
function keysMadeMs({ rsaKey, ed25519Key }: DkimSigningConfig): number {
  return Math.max(0, ...[rsaKey, ed25519Key].map(madeMs));
}

function madeMs(key: DkimKey | undefined): number {
  const match = /-(\d{4})(\d\d)(\d\d)(?:-\d+)?$/.exec(key?.selector ?? "");
  if (match === null) return 0;
  const [, year, month, day] = match;
  const atMs = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(atMs) ? 0 : atMs;
}
