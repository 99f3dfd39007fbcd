import { unreachable } from "../../base/assert.ts";
import type { TransportService } from "../../org/organization.ts";
import type { QueuedRecipient } from "../../store/queue-store.ts";
import type { Fault, Outcome } from "./outcome.ts";
import { mailboxRetryIntervalMs, messageRetryIntervalMs } from "./retry-plan.ts";

/** What may end a recipient: an attempt's outcome, or what the queue itself decides. */
export type Ending = Outcome | { readonly kind: "expanded" };

/** What happens to a recipient next. */
export type Settlement =
  /** It leaves the queue; `ending` is what the notice and the tracking event tell. */
  | { readonly kind: "done"; readonly ending: Exclude<Ending, { kind: "deferred" }> }
  /** It stays, not before `dueMs`; `delayNotice` when its sender must hear of the delay now. */
  | {
      readonly kind: "retry";
      readonly recipient: QueuedRecipient;
      readonly dueMs: number;
      readonly fault: Fault;
      readonly delayNotice: boolean;
    };

/**
 * Turns an outcome into what happens next. A deferral past the recipient's expiry is a failure
 * (4.4.7, RFC 3464 §2.3.4 status of the last attempt in the diagnostic).
 */
export function settle(
  recipient: QueuedRecipient,
  outcome: Ending,
  settings: { readonly nowMs: number; readonly service: TransportService; readonly random: number },
): Settlement {
  switch (outcome.kind) {
    case "delivered":
    case "relayed":
    case "failed":
    case "expanded":
      return { kind: "done", ending: outcome };
    case "deferred": {
      const { nowMs, service, random } = settings;
      const { fault } = outcome;
      if (nowMs >= recipient.expiresMs) {
        return { kind: "done", ending: { kind: "failed", fault: expired(fault) } };
      }
      const intervalMs =
        fault.source === "STOREDRIVER"
          ? mailboxRetryIntervalMs(service, random)
          : messageRetryIntervalMs(service, random);
      return {
        kind: "retry",
        fault,
        dueMs: nowMs + intervalMs,
        delayNotice: recipient.delayNoticeMs !== undefined && nowMs >= recipient.delayNoticeMs,
        recipient: {
          ...recipient,
          attemptCount: recipient.attemptCount + 1,
          lastError: fault.diagnostic,
          attemptUnknown: recipient.attemptUnknown === true || fault.attemptUnknown === true,
        },
      };
    }
    default:
      return unreachable(outcome);
  }
}

/**
 * The failure of a recipient that waited too long; `last` is what the last attempt said, if there
 * was one.
 */
export function expired(last: Fault | undefined): Fault {
  const detail = last === undefined ? "" : `; last error: ${last.diagnostic}`;
  return {
    status: "4.4.7",
    diagnostic: `550 4.4.7 QUEUE.Expired; message expired${detail}`,
    hop: undefined,
    source: "QUEUE",
  };
}
