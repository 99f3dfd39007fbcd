import type { TransportService } from "../org/organization.ts";
import { formatSpan } from "../org/settings/setting-types.ts";
import type { QueueKey } from "../store/queue-store.ts";

/** A part of a queue's back-off. */
export interface RetryPhase {
  /** `queueGlitchRetryInterval`, as the setting is called. */
  readonly setting: string;
  /** Attempts in it; `Infinity` for the last one. */
  readonly attempts: number;
  readonly intervalMs: number;
}

/** How a queue is tried again while its hop cannot be reached (reference §5.8), in order. */
export function retryPhases(
  service: TransportService,
  deliveryType: QueueKey["deliveryType"],
): readonly RetryPhase[] {
  if (deliveryType === "SmtpDeliveryToMailbox") {
    const intervalMs = service.mailboxDeliveryQueueRetryIntervalMs;
    return [{ setting: "mailboxDeliveryQueueRetryInterval", attempts: Infinity, intervalMs }];
  }
  const phases: readonly RetryPhase[] = [
    {
      setting: "queueGlitchRetryInterval",
      attempts: service.queueGlitchRetryCount,
      intervalMs: service.queueGlitchRetryIntervalMs,
    },
    {
      setting: "transientFailureRetryInterval",
      attempts: service.transientFailureRetryCount,
      intervalMs: service.transientFailureRetryIntervalMs,
    },
    {
      setting: "outboundConnectionFailureRetryInterval",
      attempts: Infinity,
      intervalMs: service.outboundConnectionFailureRetryIntervalMs,
    },
  ];
  return phases.filter(({ attempts }) => attempts > 0);
}

/** `4 times every 00:01:00, then 6 times every 00:05:00, then every 00:10:00` */
export function describeSchedule(phases: readonly RetryPhase[]): string {
  return phases
    .map(({ attempts, intervalMs }) => {
      const every = `every ${formatSpan(intervalMs)}`;
      return attempts === Infinity ? every : `${attempts} times ${every}`;
    })
    .join(", then ");
}

/** The phase of a queue that has failed so often in a row, at least once, and its place in it. */
export function phaseAt(
  phases: readonly RetryPhase[],
  failureCount: number,
): { readonly phase: RetryPhase; readonly attempt: number } | undefined {
  let before = 0;
  for (const phase of phases) {
    if (failureCount <= before + phase.attempts) return { phase, attempt: failureCount - before };
    before += phase.attempts;
  }
  return undefined;
}
