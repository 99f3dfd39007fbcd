import type { Count, CounterName } from "../../base/metrics.ts";
import type { Ending } from "./settle.ts";

/** Statuses that are counted by themselves; others count with their subject (RFC 3463 §3). */
const COUNTED_ALONE = ["5.1.1", "5.2.2", "5.3.4", "5.4.6", "5.7.1"] as const;
const SUBJECTS = ["5.1.x", "5.2.x", "5.3.x", "5.4.x", "5.5.x", "5.6.x", "5.7.x"] as const;

type FailureClass =
  | (typeof COUNTED_ALONE)[number]
  | (typeof SUBJECTS)[number]
  | "expired"
  | "other";

/** The class under which a failure with that enhanced status code is counted. */
export function failureClass(status: string): FailureClass {
  // 4.4.7 is what the queue says of what has waited too long (RFC 3463 §3.5).
  if (status === "4.4.7") return "expired";
  const alone = COUNTED_ALONE.find((one) => one === status);
  if (alone !== undefined) return alone;
  const subject = /^5\.\d\./.exec(status)?.[0] ?? "-";
  return SUBJECTS.find((one) => one.startsWith(subject)) ?? "other";
}

/** Counts how it ended for one recipient: the outcome, why it failed, what protected it. */
export function countEnding(count: Count, ending: Ending): void {
  if (ending.kind === "expanded") return;
  count(`postrider_recipient_outcomes_total:${ending.kind}`);
  if (ending.kind === "failed") {
    count(`postrider_failures_total:${failureClass(ending.fault.status)}`);
  }
  if (ending.kind === "relayed") count(ending.hop.tls === undefined ? IN_CLEAR : BY_TLS);
}

const IN_CLEAR: CounterName = "postrider_secured_total:out_clear";
const BY_TLS: CounterName = "postrider_secured_total:out_tls";
