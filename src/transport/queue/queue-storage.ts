import {
  AFTER_LEASED,
  DUE_NOW_MS,
  HELD_DUE_MS,
  LEASED_DUE_MS,
  type PlacedRecipient,
  type QueuePage,
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

/** The end of a page. */
export type QueueCursor = NonNullable<QueuePage["after"]>;

/** Moves deliveries between a queue's memory and its rows in the store. */
export class QueueStorage {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  #lastJob: Promise<void> = Promise.resolve();

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

  /** How many recipients the store has for the queue. Rejects with StoreFailure. */
  async countStored(queue: DeliveryQueue): Promise<number> {
    const { recipientCount } = await this.#context.store.openQueue(queue.key);
    return recipientCount;
  }

  /**
   * Runs one after another the jobs that read recipients which wait and then write them: two that
   * read the same rows (a retry, the notice sweep, an administrator) would both act on them.
   */
  exclusive<Value>(job: () => Promise<Value>): Promise<Value> {
    const run = this.#lastJob.then(job);
    this.#lastJob = run.then(ignore, ignore);
    return run;
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
   * not stored in this queue before get a DEFER event with `fault`. Suspended recipients wait for
   * an administrator.
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
        const held = { queueId, dueMs: HELD_DUE_MS };
        const putRecipients = group.flatMap(({ message, recipients }) =>
          recipients.map((recipient): PlacedRecipient => {
            const lastError = fault?.diagnostic ?? recipient.lastError;
            return {
              messageId: message.id,
              recipient: { ...recipient, lastError },
              placement: recipient.suspended ? held : placement,
            };
          }),
        );
        await this.#context.store.commit({ putRecipients, events });
      });
      for (const held of group) {
        queue.inHand.delete(held);
        queue.storedCount += held.recipients.length;
        held.content.release();
      }
      queue.markStored();
    }
  }

  /**
   * Leases a page of recipients due at `dueMs` or before, past the cursor, without those that are
   * suspended. `last` is the page's end, `undefined` when nothing was left. Rejects with
   * StoreFailure.
   */
  lease(
    queue: DeliveryQueue,
    options: { readonly dueMs: number; readonly after: QueueCursor },
  ): Promise<{ readonly deliveries: readonly Held[]; readonly last: QueueCursor | undefined }> {
    return this.exclusive(async () => {
      const { store } = this.#context;
      const queueId = await this.storeId(queue);
      const stored = await store.readQueue(queueId, { ...options, limit: PAGE_RECIPIENTS });
      const placed = stored.flatMap(({ recipients }) => recipients);
      if (placed.length === 0) return { deliveries: [], last: undefined };
      const last = placed.reduce(later);
      await store.commit({
        putRecipients: placed.map(({ messageId, recipient }) => {
          const dueMs = recipient.suspended ? HELD_DUE_MS : LEASED_DUE_MS;
          return { messageId, recipient, placement: { queueId, dueMs } };
        }),
      });
      const deliveries = this.#holdActive(stored);
      for (const { recipients } of deliveries) queue.storedCount -= recipients.length;
      return { deliveries, last: cursorOf(last) };
    });
  }

  /**
   * Makes due at once what waits for a time of its own, page by page; `paged` is called after each.
   */
  async bringForward(queue: DeliveryQueue, paged: () => void): Promise<void> {
    if (queue.storeId === undefined) return;
    const queueId = queue.storeId;
    const { store, clock } = this.#context;
    const first = { ...AFTER_LEASED, dueMs: clock.nowMs() };
    let after: QueueCursor | undefined = first;
    while (after !== undefined) {
      const from: QueueCursor = after;
      after = await this.exclusive(() =>
        this.#settler.persist(async () => {
          const page = { dueMs: HELD_DUE_MS - 1, limit: PAGE_RECIPIENTS, after: from };
          const stored = await store.readQueue(queueId, page);
          const placed = stored.flatMap(({ recipients }) => recipients);
          if (placed.length === 0) return undefined;
          const placement = { queueId, dueMs: DUE_NOW_MS };
          await store.commit({ putRecipients: placed.map((one) => ({ ...one, placement })) });
          queue.markStored();
          return cursorOf(placed.reduce(later));
        }),
      );
      paged();
    }
  }

  /**
   * What an earlier owner had leased when it died. The attempts may have got through, so these are
   * possible duplicates. Rejects with StoreFailure.
   */
  async reclaim(queue: DeliveryQueue): Promise<readonly Held[]> {
    const { store } = this.#context;
    const queueId = await this.storeId(queue);
    const held: Held[] = [];
    let after: QueueCursor | undefined;
    for (;;) {
      const page = { dueMs: LEASED_DUE_MS, limit: PAGE_RECIPIENTS, ...(after && { after }) };
      const stored = await store.readQueue(queueId, page);
      const placed = stored.flatMap(({ recipients }) => recipients);
      if (placed.length === 0) return held;
      after = cursorOf(placed.reduce(later));
      const unknown = stored.map(({ message, recipients }) => ({
        message,
        recipients: recipients.map((one) => ({
          ...one,
          recipient: { ...one.recipient, attemptUnknown: true },
        })),
      }));
      const suspended = unknown.flatMap(({ recipients }) =>
        recipients.filter(({ recipient }) => recipient.suspended),
      );
      if (suspended.length > 0) {
        const placement = { queueId, dueMs: HELD_DUE_MS };
        const putRecipients = suspended.map((one) => ({ ...one, placement }));
        await store.commit({ putRecipients });
      }
      for (const delivery of this.#holdActive(unknown)) {
        queue.storedCount -= delivery.recipients.length;
        held.push(delivery);
      }
    }
  }

  /** Deliveries of those recipients that nobody has suspended. */
  #holdActive(stored: readonly StoredMessage[]): readonly Held[] {
    return stored.flatMap(({ message, recipients }) => {
      const active = recipients.filter(({ recipient }) => !recipient.suspended);
      return active.length === 0 ? [] : [this.#hold({ message, recipients: active })];
    });
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

function ignore(): void {}

function cursorOf({ messageId, recipient, placement }: PlacedRecipient): QueueCursor {
  return { dueMs: placement.dueMs, messageId, position: recipient.position };
}

/**
 * The later of two rows in a page's order; rows of one message come together, whatever their due
 * times.
 */
function later(left: PlacedRecipient, right: PlacedRecipient): PlacedRecipient {
  const order =
    left.placement.dueMs - right.placement.dueMs ||
    left.messageId - right.messageId ||
    left.recipient.position - right.recipient.position;
  return order > 0 ? left : right;
}
