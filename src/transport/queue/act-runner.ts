import { delay } from "../../base/clock.ts";
import { fixedQueueOf } from "../../store/queue-rows.ts";
import {
  DUE_NOW_MS,
  LEASED_DUE_MS,
  type PlacedRecipient,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  type StoredMessage,
} from "../../store/queue-store.ts";
import type { DeliveryOwner } from "./delivery-owner.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import type { QueueContext } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { PendingAct } from "./queue-views.ts";
import type { Settler } from "./settler.ts";
import { withdraw } from "./withdrawal.ts";

/** How often an attempt under way is looked at until it has ended. */
const BUSY_LOOK_MS = 100;

/** What acts on waiting recipients work with. */
export interface ActRunnerParts {
  readonly context: QueueContext;
  readonly settler: Settler;
  readonly storage: QueueStorage;
  readonly owner: DeliveryOwner;
  /** Whether recipients that wait in that queue are this thread's to act on. */
  readonly isMine: (queueId: number) => boolean;
}

/** Which messages an act concerns, and who does it. */
export interface MessageSelection {
  readonly messageIds: readonly number[];
  /** Only their recipients in this queue; absent: in all queues. */
  readonly queue?: QueueKey;
  readonly by: string;
}

/** What is done to the recipients that a selection names. Rejects with StoreFailure. */
export interface Act {
  readonly concerns: (placed: PlacedRecipient) => boolean;
  readonly apply: (message: QueuedMessage, placed: readonly PlacedRecipient[]) => Promise<unknown>;
  /** Ends with the first recipients found; otherwise it waits for those under way as well. */
  readonly once?: boolean;
  /** What the queue view says while it waits for an attempt. */
  readonly pending?: PendingAct;
}

/** Finds the recipients that acts concern, in memory and in the store, and lets nobody else act. */
export class ActRunner {
  readonly #parts: ActRunnerParts;
  readonly #pending = new Map<number, PendingAct>();

  constructor(parts: ActRunnerParts) {
    this.#parts = parts;
  }

  /** The act that waits for the end of an attempt at the message, if there is one. */
  pending(messageId: number): PendingAct | undefined {
    return this.#pending.get(messageId);
  }

  /** Acts; waits for attempts under way, and acts on what they leave. Resolves with how many. */
  async run(selection: MessageSelection, act: Act): Promise<number> {
    const { storage, context } = this.#parts;
    let left = new Set(selection.messageIds);
    let count = 0;
    try {
      for (;;) {
        const step = await storage.exclusive(() => this.#step(left, selection.queue, act));
        count += step.count;
        for (const messageId of left) this.#pending.delete(messageId);
        left = step.busy;
        if (left.size === 0) return count;
        if (act.pending !== undefined) {
          for (const messageId of left) this.#pending.set(messageId, act.pending);
        }
        await delay(context.clock, BUSY_LOOK_MS);
      }
    } finally {
      for (const messageId of left) this.#pending.delete(messageId);
    }
  }

  async #step(
    messageIds: ReadonlySet<number>,
    queueKey: QueueKey | undefined,
    act: Act,
  ): Promise<{ readonly count: number; readonly busy: Set<number> }> {
    const { owner, settler, storage } = this.#parts;
    const only = queueKey && owner.queues.get(formatQueueKey(queueKey));
    const fixedId = queueKey && fixedQueueOf(queueKey)?.id;
    const isNone = queueKey !== undefined && only === undefined && fixedId === undefined;
    if (isNone) return { count: 0, busy: new Set() };
    const queueId =
      only === undefined ? fixedId : await settler.persist(async () => storage.storeId(only));
    const queues =
      only === undefined ? (fixedId === undefined ? owner.queues.values() : []) : [only];
    const { withdrawn, busy } = withdraw(queues, messageIds);
    const heldOf = Map.groupBy(withdrawn, ({ held }) => held.message.id);
    const touched = new Set<number>();
    const still = new Set(busy);
    const failures: { readonly messageId: number; readonly error: unknown }[] = [];
    let count = 0;
    const stepOne = async (messageId: number) => {
      const job = { messageId, queueId, held: heldOf.get(messageId) ?? [], act };
      const { concerned, queueIds } = await this.#stepOne(job);
      count += concerned;
      for (const id of queueIds) touched.add(id);
      if (act.once === true && concerned > 0) still.delete(messageId);
    };
    await Promise.all(
      [...messageIds].map((messageId) =>
        stepOne(messageId).catch((error: unknown) => failures.push({ messageId, error })),
      ),
    );
    for (const { queue, held } of withdrawn) {
      queue.inHand.delete(held);
      // A fault of ours: nothing of the act is stored, and the message goes on as it was.
      const isAsBefore = failures.some(({ messageId }) => messageId === held.message.id);
      if (!isAsBefore) held.content.release();
      else queue.add(held);
    }
    for (const queue of owner.queues.values()) {
      if (queue.storeId === undefined || !touched.has(queue.storeId)) continue;
      queue.markStored();
      owner.pump(queue);
    }
    for (const { queue } of failures.length > 0 ? withdrawn : []) owner.pump(queue);
    if (failures[0] !== undefined) throw failures[0].error;
    return { count, busy: still };
  }

  /** One message: acts on those concerned, and puts down the others that were taken out. */
  async #stepOne(job: {
    readonly messageId: number;
    readonly queueId: number | undefined;
    readonly held: readonly { readonly queue: DeliveryQueue; readonly held: Held }[];
    readonly act: Act;
  }): Promise<{ readonly concerned: number; readonly queueIds: readonly number[] }> {
    const { settler, context } = this.#parts;
    const { messageId, queueId, held, act } = job;
    const found = await settler.persist(async () => {
      const stored = await context.store.readMessage(messageId);
      return stored && { message: stored.message, placed: await this.#placed(stored, held) };
    });
    if (found === undefined) return { concerned: 0, queueIds: [] };
    const isChosen = (one: PlacedRecipient) =>
      (queueId === undefined || one.placement.queueId === queueId) && act.concerns(one);
    const concerned = found.placed.filter(isChosen);
    if (concerned.length > 0) await settler.persist(() => act.apply(found.message, concerned));
    // What was taken out of memory and is not concerned waits in the store, to be read back.
    const taken = new Set(held.flatMap((one) => one.held.recipients.map(positionOf)));
    const putRecipients = found.placed.filter(
      (one) => !concerned.includes(one) && taken.has(one.recipient.position),
    );
    if (putRecipients.length > 0) {
      await settler.persist(() => context.store.commit({ putRecipients }));
    }
    const queueIds = found.placed.map(({ placement }) => placement.queueId);
    return { concerned: concerned.length, queueIds };
  }

  /** The recipients that can be acted on now, each where it waits. */
  async #placed(
    stored: StoredMessage,
    withdrawn: readonly { readonly queue: DeliveryQueue; readonly held: Held }[],
  ): Promise<readonly PlacedRecipient[]> {
    const placed = stored.recipients.filter(
      ({ placement }) => placement.dueMs !== LEASED_DUE_MS && this.#parts.isMine(placement.queueId),
    );
    for (const { queue, held } of withdrawn) {
      const placement = { queueId: await this.#parts.storage.storeId(queue), dueMs: DUE_NOW_MS };
      for (const recipient of held.recipients) {
        placed.push({ messageId: stored.message.id, recipient, placement });
      }
    }
    return placed;
  }
}

function positionOf({ position }: QueuedRecipient): number {
  return position;
}
