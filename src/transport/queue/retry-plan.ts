import { assert } from "../../base/assert.ts";
import type { TransportService } from "../../org/organization.ts";
import type { QueueKey } from "../../store/queue-store.ts";

/** `intervalMs` varied by the jitter share in both directions; `random` is in [0, 1). */
function vary(
  intervalMs: number,
  plan: { readonly jitter: number; readonly random: number },
): number {
  return Math.round(intervalMs * (1 + plan.jitter * (2 * plan.random - 1)));
}

/**
 * How long a queue waits after its connection failed (reference §5.8): immediate retries, then
 * transient-failure retries, then the long interval until its messages expire.
 * @param failureCount failed attempts in a row, at least 1
 * @returns milliseconds
 */
export function queueRetryIntervalMs(
  failureCount: number,
  deliveryType: QueueKey["deliveryType"],
  settings: { readonly service: TransportService; readonly random: number },
): number {
  assert(failureCount >= 1, "a queue retries after a failure");
  const { service } = settings;
  const spread = { jitter: service.retryJitter, random: settings.random };
  if (deliveryType === "SmtpDeliveryToMailbox") {
    return vary(service.mailboxDeliveryQueueRetryIntervalMs, spread);
  }
  if (failureCount <= service.queueGlitchRetryCount) {
    return vary(service.queueGlitchRetryIntervalMs, spread);
  }
  if (failureCount <= service.queueGlitchRetryCount + service.transientFailureRetryCount) {
    return vary(service.transientFailureRetryIntervalMs, spread);
  }
  return vary(service.outboundConnectionFailureRetryIntervalMs, spread);
}

/** How long one recipient waits after a message-level deferral (MessageRetryInterval). */
export function messageRetryIntervalMs(service: TransportService, random: number): number {
  return vary(service.messageRetryIntervalMs, { jitter: service.retryJitter, random });
}

/**
 * How long a recipient waits whose mailbox could not take it (MailboxDeliveryQueueRetryInterval).
 */
export function mailboxRetryIntervalMs(service: TransportService, random: number): number {
  const spread = { jitter: service.retryJitter, random };
  return vary(service.mailboxDeliveryQueueRetryIntervalMs, spread);
}
