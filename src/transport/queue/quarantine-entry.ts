import { type QuarantineMark, quarantineSince } from "../../store/quarantine-mark.ts";
import {
  type PlacedRecipient,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
} from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";

/** Recipients of a message that are to be kept from it; the message is theirs alone. */
export interface Quarantining {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly mark: QuarantineMark;
  /** Its own content, where an agent has given it another; absent: it is stored already. */
  readonly content?: readonly Uint8Array[];
}

/** A message as it enters the quarantine, with the tracking event that tells of it. */
export interface QuarantineEntry {
  readonly message: QueuedMessage;
  readonly recipients: readonly PlacedRecipient[];
  readonly event: TrackingEvent;
}

/** Places a message in the quarantine, for as long as the policy of this moment says. Pure. */
export function enterQuarantine(
  { message, recipients, mark }: Quarantining,
  at: { readonly nowMs: number; readonly retentionMs: number },
): QuarantineEntry {
  const quarantine = quarantineSince(mark, at.nowMs);
  const held = { ...message, quarantine };
  const placement = { queueId: QUARANTINE_QUEUE_ID, dueMs: at.nowMs + at.retentionMs };
  const status = `550 5.2.1 ${quarantine.agent} quarantined this message`;
  const scl = message.scl === undefined ? "" : `;S:SCL=${message.scl}`;
  return {
    message: held,
    recipients: recipients.map((recipient) => ({ messageId: message.id, recipient, placement })),
    event: {
      event: "FAIL",
      source: "AGENT",
      message: held,
      recipients: recipients.map(({ address }) => ({ address, status })),
      sourceContext: quarantine.reason,
      customData: `S:Quarantine=${quarantine.type}${scl}`,
    },
  };
}
