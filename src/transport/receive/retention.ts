import { HOUR, KiB, MINUTE } from "../../base/units.ts";
import type { NotifyCondition } from "../../mail/envelope.ts";
import type { Importance } from "../../mail/header-values.ts";
import type { TransportService } from "../../org/organization.ts";
import type { Priority } from "../../store/queue-store.ts";

/** A High message larger than this is Normal (MaxHighPriorityMessageSize, reference §5.9). */
export const HIGH_PRIORITY_BYTES_MAX = 250 * KiB;

/** When a message is given up, and when its sender is told of the delay; spans from its receipt. */
export interface Retention {
  readonly expirationMs: number;
  readonly delayNoticeMs: number;
}

/** Spans of the priorities other than those that Set-TransportService sets (reference §5.9). */
const PRIORITY_RETENTION: Readonly<Record<"High" | "Low", Retention>> = {
  High: { expirationMs: 8 * HOUR, delayNoticeMs: 30 * MINUTE },
  Low: { expirationMs: 48 * HOUR, delayNoticeMs: 8 * HOUR },
};

/** What the sender's importance comes to: Normal for all while PriorityQueuingEnabled is off. */
export function priorityOf(
  importance: Importance,
  contentBytes: number,
  service: TransportService,
): Priority {
  if (!service.priorityQueuingEnabled) return "Normal";
  return importance === "High" && contentBytes > HIGH_PRIORITY_BYTES_MAX ? "Normal" : importance;
}

/** How long mail of that priority is kept trying. */
export function retentionOf(priority: Priority, service: TransportService): Retention {
  if (priority !== "Normal" && service.priorityQueuingEnabled) return PRIORITY_RETENTION[priority];
  return {
    expirationMs: service.messageExpirationTimeoutMs,
    delayNoticeMs: service.delayNotificationTimeoutMs,
  };
}

/**
 * Whether a delay notice may be due at all (RFC 3461 §4.1; to the null sender never, RFC 5321
 * §4.5.5).
 */
export function wantsDelayNotice(
  sender: string,
  notify: readonly NotifyCondition[] | undefined,
): boolean {
  return sender !== "" && (notify === undefined || notify.includes("DELAY"));
}
