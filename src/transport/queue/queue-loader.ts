import { AFTER_LEASED, StoreFailure } from "../../store/queue-store.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import type { Fault } from "./outcome.ts";
import { type QueueContext, STORE_RETRY_MS } from "./queue-context.ts";
import type { QueueStorage } from "./queue-storage.ts";

/** What the loader works with. */
export interface QueueLoaderParts {
  readonly context: QueueContext;
  readonly storage: QueueStorage;
  /** Goes on with a queue whose memory has changed. */
  readonly pump: (queue: DeliveryQueue) => void;
  /** Keeps account of a job under way. */
  readonly run: (job: Promise<void>) => void;
}

/** Decides when a queue's deliveries leave memory for the store, and when they come back. */
export class QueueLoader {
  readonly #parts: QueueLoaderParts;

  constructor(parts: QueueLoaderParts) {
    this.#parts = parts;
  }

  /** Reads the next page of what is due, then pumps the queue. */
  load(queue: DeliveryQueue): void {
    queue.isLoading = true;
    this.#parts.run(this.#load(queue));
  }

  async #load(queue: DeliveryQueue): Promise<void> {
    const { context, storage, pump } = this.#parts;
    const { store, clock } = context;
    try {
      // One time for both questions: what comes due in between would be in neither answer.
      const dueMs = clock.nowMs();
      const seen = queue.storedMark;
      const { deliveries, last } = await storage.lease(queue, { dueMs, after: AFTER_LEASED });
      if (last === undefined) {
        queue.loadedAll(seen);
        const nextMs = await store.nextDueMs(await storage.storeId(queue), dueMs);
        if (nextMs !== undefined) this.wakeAt(queue, nextMs);
      }
      for (const delivery of deliveries) queue.add(delivery);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      queue.markStored();
      // The store's fault, not a queue that was forgotten.
      queue.dueSinceMs = undefined;
      clock.startTimer(STORE_RETRY_MS, () => pump(queue));
      return;
    } finally {
      queue.isLoading = false;
    }
    pump(queue);
  }

  /** Puts down all that is ready, because the queue may not send. */
  parkReady(queue: DeliveryQueue): void {
    if (queue.ready.length === 0) return;
    const { lastError } = queue.state;
    const fault: Fault | undefined =
      lastError === undefined
        ? undefined
        : { status: "4.4.0", diagnostic: lastError, hop: undefined, source: "QUEUE" };
    this.park(queue, queue.ready.drain(), fault);
  }

  /** Puts deliveries down in the store; they count as in hand until they are there. */
  park(queue: DeliveryQueue, deliveries: readonly Held[], fault: Fault | undefined): void {
    const { storage, pump, run } = this.#parts;
    for (const held of deliveries) queue.inHand.add(held);
    run(storage.park(queue, deliveries, fault).then(() => pump(queue)));
  }

  /** Looks at the queue again at `dueMs`, or earlier when that was asked for already. */
  wakeAt(queue: DeliveryQueue, dueMs: number): void {
    if (queue.wakeMs !== undefined && queue.wakeMs <= dueMs) return;
    const { clock } = this.#parts.context;
    queue.timer?.cancel();
    queue.wakeMs = dueMs;
    queue.timer = clock.startTimer(dueMs - clock.nowMs(), () => {
      queue.wakeMs = undefined;
      // Not by `storedCount`: a count is an estimate, and one read too many costs nothing.
      if (queue.storeId !== undefined) queue.markStored();
      this.#parts.pump(queue);
    });
  }
}
