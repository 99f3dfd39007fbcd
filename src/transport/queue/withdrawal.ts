import type { DeliveryQueue, Held } from "./delivery-queue.ts";

/** What was taken out of queues, and whose other deliveries are out of reach just now. */
export interface Withdrawal {
  readonly withdrawn: readonly { readonly queue: DeliveryQueue; readonly held: Held }[];
  /** Messages of which a lane has deliveries, or which are being settled. */
  readonly busy: ReadonlySet<number>;
}

/**
 * Takes deliveries of these messages out of what is ready; they stay in hand until whoever took
 * them lets go of them.
 */
export function withdraw(
  queues: Iterable<DeliveryQueue>,
  messageIds: ReadonlySet<number>,
): Withdrawal {
  const withdrawn: { readonly queue: DeliveryQueue; readonly held: Held }[] = [];
  const busy = new Set<number>();
  for (const queue of queues) {
    for (const { message } of queue.inHand) if (messageIds.has(message.id)) busy.add(message.id);
    for (const held of queue.ready.extract(({ message }) => messageIds.has(message.id))) {
      queue.inHand.add(held);
      withdrawn.push({ queue, held });
    }
  }
  return { withdrawn, busy };
}
