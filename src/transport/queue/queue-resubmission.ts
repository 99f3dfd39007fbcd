import { AFTER_LEASED, HELD_DUE_MS } from "../../store/queue-store.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import type { QueueCursor, QueueStorage } from "./queue-storage.ts";
import type { Settler } from "./settler.ts";

/** Deliveries that go back to the categorizer in one transaction. */
const GROUP_DELIVERIES = 100;

/** What a resubmission works with. */
export interface ResubmissionParts {
  readonly settler: Settler;
  readonly storage: QueueStorage;
  /** Sends deliveries back to the categorizer; resolves when they are there. */
  readonly recategorize: (deliveries: readonly Held[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Sends everything that waits in a queue back to the categorizer, unless an administrator holds it.
 * What comes back to the same queue is parked behind the cursor, and not met again.
 */
export async function resubmitQueue(queue: DeliveryQueue, parts: ResubmissionParts): Promise<void> {
  if (queue.state.suspended) return;
  await recategorize(queue, queue.ready.drain(), parts);
  if (queue.storeId === undefined) return;
  let after: QueueCursor = AFTER_LEASED;
  // What the hop defers meanwhile comes after the cursor again: no more than was there in the
  // beginning.
  let left = await parts.settler.persist(() => parts.storage.countStored(queue));
  while (left > 0 && !parts.signal.aborted) {
    // What waits for its own later time as well: its route may be gone.
    const page = { dueMs: HELD_DUE_MS - 1, after };
    const leased = await parts.settler.persist(() => parts.storage.lease(queue, page));
    if (leased.last === undefined) return;
    after = leased.last;
    for (const { recipients } of leased.deliveries) left -= recipients.length;
    await recategorize(queue, leased.deliveries, parts);
  }
}

async function recategorize(
  queue: DeliveryQueue,
  deliveries: readonly Held[],
  parts: ResubmissionParts,
): Promise<void> {
  for (const held of deliveries) queue.inHand.add(held);
  for (let start = 0; start < deliveries.length; start += GROUP_DELIVERIES) {
    const group = deliveries.slice(start, start + GROUP_DELIVERIES);
    await parts.recategorize(group);
    for (const held of group) {
      queue.inHand.delete(held);
      held.content.release();
    }
  }
}
