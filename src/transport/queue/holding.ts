import type { Change, RecipientKey } from "../../store/queue-store.ts";
import { SUBMISSION_QUEUE_ID } from "../../store/queue-store.ts";

/** Recipients of one message that a thread has in hand. */
export interface Holding {
  readonly messageId: number;
  /** `undefined`: every recipient that the message has or is about to get. */
  readonly positions: readonly number[] | undefined;
}

/** Those of the recipients asked for that some holding names. */
export function selectHeld(
  asked: readonly RecipientKey[],
  holdings: Iterable<Holding>,
): readonly RecipientKey[] {
  const open = new Map<number, RecipientKey[]>();
  for (const key of asked) {
    const keys = open.get(key.messageId);
    if (keys === undefined) open.set(key.messageId, [key]);
    else keys.push(key);
  }
  const held = new Set<RecipientKey>();
  for (const { messageId, positions } of holdings) {
    for (const key of open.get(messageId) ?? []) {
      if (positions === undefined || positions.includes(key.position)) held.add(key);
    }
  }
  return [...held];
}

/** What a change brings into Submission: in hand here from before it is durable. */
export function arrivalsOf(change: Change): readonly Holding[] {
  const arrivals: Holding[] = [];
  for (const { message } of change.messages ?? []) {
    arrivals.push({ messageId: message.id, positions: undefined });
  }
  for (const { messageId, recipient, placement } of change.putRecipients ?? []) {
    if (placement.queueId !== SUBMISSION_QUEUE_ID) continue;
    arrivals.push({ messageId, positions: [recipient.position] });
  }
  return arrivals;
}
