import {
  AFTER_LEASED,
  DUE_NOW_MS,
  LEASED_DUE_MS,
  type PlacedRecipient,
  type StoredMessage,
} from "../../store/queue-store.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import { MessageContent } from "./message-content.ts";
import type { Fault } from "./outcome.ts";
import type { QueueContext } from "./queue-context.ts";
import { endingEvents } from "./settlement-events.ts";
import type { Settler } from "./settler.ts";

/** Recipients read from the store at a time. */
const PAGE_RECIPIENTS = 200;
/** Deliveries written back in one transaction. */
const PARK_DELIVERIES = 250;

/** Moves deliveries between a queue's memory and its rows in the store. */
export class QueueStorage {
  readonly #context: QueueContext;
  readonly #settler: Settler;

  constructor(context: QueueContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /** The queue's id in the store; makes its row when it has none. Rejects with StoreFailure. */
  storeId(queue: DeliveryQueue): number | Promise<number> {
    if (queue.storeId !== undefined) return queue.storeId;
    return this.#context.store.openQueue(queue.key).then((stored) => {
      queue.storeId = stored.id;
      return stored.id;
    });
  }

  /** Writes the queue's back-off or suspension. */
  async writeState(queue: DeliveryQueue): Promise<void> {
    await this.#settler.persist(async () => {
      const queueId = await this.storeId(queue);
      await this.#context.store.commit({ queueStates: [{ queueId, state: queue.state }] });
    });
  }

  /**
   * Puts deliveries down in the store until the queue can go on; they leave memory. Those that were
   * not stored in this queue before get a DEFER event with `fault`.
   */
  async park(
    queue: DeliveryQueue,
    deliveries: readonly Held[],
    fault: Fault | undefined,
  ): Promise<void> {
    for (let start = 0; start < deliveries.length; start += PARK_DELIVERIES) {
      const group = deliveries.slice(start, start + PARK_DELIVERIES);
      const events = fault === undefined ? "" : this.#deferEvents(queue, group, fault);
      await this.#settler.persist(async () => {
        const queueId = await this.storeId(queue);
        const placement = { queueId, dueMs: DUE_NOW_MS };
        const putRecipients = group.flatMap(({ message, recipients }) =>
          recipients.map((recipient): PlacedRecipient => {
            const lastError = fault?.diagnostic ?? recipient.lastError;
            return { messageId: message.id, recipient: { ...recipient, lastError }, placement };
          }),
        );
        await this.#context.store.commit({ putRecipients, events });
      });
      for (const held of group) {
        queue.inHand.delete(held);
        if (!held.stored) queue.storedCount += held.recipients.length;
        held.content.release();
      }
      queue.mayHaveStored = true;
    }
  }

  /** Leases the next page of due recipients; empty when none is due. Rejects with StoreFailure. */
  async lease(queue: DeliveryQueue): Promise<readonly Held[]> {
    const { store, clock } = this.#context;
    const queueId = await this.storeId(queue);
    const page = { dueMs: clock.nowMs(), limit: PAGE_RECIPIENTS, after: AFTER_LEASED };
    const stored = await store.readQueue(queueId, page);
    if (stored.length === 0) return [];
    const placement = { queueId, dueMs: LEASED_DUE_MS };
    const putRecipients = stored.flatMap(({ recipients }) =>
      recipients.map((placed) => ({ ...placed, placement })),
    );
    await store.commit({ putRecipients });
    return stored.map((message) => this.#hold(message));
  }

  /**
   * What an earlier owner had leased when it died. The attempts may have got through, so these are
   * possible duplicates. Rejects with StoreFailure.
   */
  async reclaim(queue: DeliveryQueue): Promise<readonly Held[]> {
    const { store } = this.#context;
    const queueId = await this.storeId(queue);
    const held: Held[] = [];
    let after: { dueMs: number; messageId: number; position: number } | undefined;
    for (;;) {
      const page = { dueMs: LEASED_DUE_MS, limit: PAGE_RECIPIENTS, ...(after && { after }) };
      const stored = await store.readQueue(queueId, page);
      for (const message of stored) {
        const recipients = message.recipients.map((placed) => ({
          ...placed,
          recipient: { ...placed.recipient, attemptUnknown: true },
        }));
        held.push(this.#hold({ ...message, recipients }));
      }
      const last = stored.at(-1)?.recipients.at(-1);
      if (last === undefined) return held;
      after = {
        dueMs: LEASED_DUE_MS,
        messageId: last.messageId,
        position: last.recipient.position,
      };
    }
  }

  #hold({ message, recipients: placed }: StoredMessage): Held {
    const { store, budget } = this.#context;
    const recipients = placed.map(({ recipient }) => recipient);
    return {
      message,
      recipients,
      content: new MessageContent({
        store,
        budget,
        contentId: message.contentId,
        bytes: message.contentBytes,
        piece: undefined,
      }),
      possibleDuplicate: recipients.some(({ attemptUnknown }) => attemptUnknown === true),
      stored: true,
    };
  }

  #deferEvents(queue: DeliveryQueue, group: readonly Held[], fault: Fault): string {
    const own = {
      serverName: this.#context.organization().server.fqdn,
      nowMs: this.#context.clock.nowMs(),
    };
    const ending = { kind: "deferred", fault } as const;
    return this.#settler.formatEvents(
      group.flatMap(({ message, recipients, stored, possibleDuplicate }) =>
        stored
          ? []
          : endingEvents(
              {
                message,
                endings: recipients.map((recipient) => ({ recipient, ending })),
                connector: queue.key.nextHopConnector,
                possibleDuplicate,
              },
              own,
            ),
      ),
    );
  }
}
