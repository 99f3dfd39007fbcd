import type { RecipientOutcome } from "./courier.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import type { Notice } from "./notices.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { Settled, Settler } from "./settler.ts";

/** Settlements on their way to the store at most; beyond, lanes wait. */
const SETTLING_MAX = 2_000;

/** What the settlement of deliveries works with. */
export interface DeliverySettlementParts {
  readonly settler: Settler;
  readonly storage: QueueStorage;
  readonly host: {
    readonly categorizeNotices: (notices: readonly Notice[]) => void;
    readonly crashed: (queue: DeliveryQueue, held: Held, error: unknown) => Promise<void>;
  };
  /** Recipients of the queue wait until then. */
  readonly retryAt: (queue: DeliveryQueue, dueMs: number) => void;
  /** One more has been settled. */
  readonly settled: () => void;
}

/** Ends deliveries: makes their outcomes durable, then lets go of them. */
export class DeliverySettlement {
  readonly #parts: DeliverySettlementParts;
  #count = 0;

  constructor(parts: DeliverySettlementParts) {
    this.#parts = parts;
  }

  /** Whether outcomes are taken: the store takes them, and not too many are on their way to it. */
  get mayAttempt(): boolean {
    return this.#parts.settler.isStoreWell && this.#count < SETTLING_MAX;
  }

  /** Settles one delivery; resolves once that is durable, however long the store refuses. */
  async settle(
    queue: DeliveryQueue,
    held: Held,
    outcomes: readonly RecipientOutcome[],
  ): Promise<void> {
    let settled: Settled;
    this.#count += 1;
    try {
      settled = await this.#write(queue, held, outcomes);
    } catch (error) {
      // A notice about it breaks us, or a line: the message's fault as much as its delivery's.
      await this.crashed(queue, held, error);
      return;
    } finally {
      this.#count -= 1;
    }
    for (const { outcome } of outcomes) if (outcome.kind !== "deferred") queue.served();
    held.content.release();
    queue.inHand.delete(held);
    if (settled.waiting.length === 0) queue.left();
    queue.storedCount += settled.waiting.length;
    for (const { placement } of settled.waiting) this.#parts.retryAt(queue, placement.dueMs);
    if (settled.notices.length > 0) this.#parts.host.categorizeNotices(settled.notices);
    this.#parts.settled();
  }

  #write(
    queue: DeliveryQueue,
    held: Held,
    outcomes: readonly RecipientOutcome[],
  ): Promise<Settled> {
    const byPosition = new Map(outcomes.map(({ position, outcome }) => [position, outcome]));
    return this.#parts.settler.settle({
      message: held.message,
      content: held.content,
      endings: held.recipients.map((recipient) => ({
        recipient,
        ending: byPosition.get(recipient.position) ?? NOT_REPORTED,
      })),
      queueId: () => this.#parts.storage.storeId(queue),
      connector: queue.key.nextHopConnector,
      destination: queue.key.nextHopDomain,
      possibleDuplicate: held.possibleDuplicate,
    });
  }

  /** Lets go of a delivery that broke us, once it has been counted and put where it waits. */
  async crashed(queue: DeliveryQueue, held: Held, error: unknown): Promise<void> {
    await this.#parts.host.crashed(queue, held, error);
    queue.inHand.delete(held);
    held.content.release();
    this.#parts.settled();
  }
}

/** A courier that leaves a recipient out is wrong; its mail waits and is tried again. */
const NOT_REPORTED = {
  kind: "deferred",
  fault: {
    status: "4.3.0",
    diagnostic: "451 4.3.0 The attempt ended without an outcome for this recipient",
    hop: undefined,
    source: "QUEUE",
  },
} as const;
