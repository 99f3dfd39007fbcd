import { delay } from "../../base/clock.ts";
import type { Address } from "../../mail/address.ts";
import {
  DUE_NOW_MS,
  HELD_DUE_MS,
  LEASED_DUE_MS,
  type PlacedRecipient,
  POISON_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  type RecipientKey,
  type StoredMessage,
} from "../../store/queue-store.ts";
import type { EventId } from "../tracking/event.ts";
import type { DeliveryOwner } from "./delivery-owner.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import { MessageContent } from "./message-content.ts";
import type { QueueContext } from "./queue-context.ts";
import type { QueueStorage } from "./queue-storage.ts";
import { newMessageOf, type Settler } from "./settler.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** How often an attempt under way is looked at until it has ended. */
const BUSY_LOOK_MS = 100;

/** What an administrator's acts work with. */
export interface AdministrationParts {
  readonly context: QueueContext;
  readonly settler: Settler;
  readonly storage: QueueStorage;
  readonly owner: DeliveryOwner;
  readonly submission: SubmissionOwner;
  /** Whether recipients that wait in that queue are this thread's to act on. */
  readonly isMine: (queueId: number) => boolean;
}

/**
 * One step of an act: which recipients it concerns, and what it does to them. Rejects with
 * StoreFailure.
 */
interface Act {
  readonly concerns: (placed: PlacedRecipient) => boolean;
  readonly apply: (message: QueuedMessage, placed: readonly PlacedRecipient[]) => Promise<unknown>;
  /** Ends with the first recipients found; otherwise it waits for those under way as well. */
  readonly once?: boolean;
}

/**
 * Administrator's acts on the queues of one thread, durable and on record in the tracking log with
 * who and when (design §4.5). A message may wait in queues of several threads: ask each of them. An
 * attempt under way is let finish, and concerned only if it fails. Submission is out of reach.
 */
export class QueueAdministration {
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  /** Mail still joins the queue, nothing leaves it. Resolves when that is durable. */
  suspendQueue(key: QueueKey, by: string): Promise<void> {
    this.#parts.context.diagnostics.info("queue-suspended", { ...key, by });
    return this.#parts.owner.suspend(key, by);
  }

  /** Ends a suspension. Resolves when that is durable. */
  resumeQueue(key: QueueKey, by: string): Promise<void> {
    this.#parts.context.diagnostics.info("queue-resumed", { ...key, by });
    return this.#parts.owner.suspend(key, undefined);
  }

  /** Keeps a message's recipients here from being attempted or expiring; resolves with how many. */
  suspendMessage(messageId: number, by: string): Promise<number> {
    return this.#act(messageId, {
      concerns: ({ recipient, placement }) =>
        !recipient.suspended && placement.queueId !== POISON_QUEUE_ID,
      apply: (message, placed) =>
        this.#parts.context.store.commit({
          putRecipients: placed.map(({ messageId, recipient, placement: { queueId } }) => ({
            messageId,
            recipient: { ...recipient, suspended: true },
            placement: { queueId, dueMs: HELD_DUE_MS },
          })),
          events: this.#events("DEFER", message, { placed, context: `Suspend-Message;by=${by}` }),
        }),
    });
  }

  /** Lets suspended recipients go on, and sends those in Poison back to the categorizer. */
  resumeMessage(messageId: number, by: string): Promise<number> {
    return this.#act(messageId, {
      concerns: ({ recipient, placement }) =>
        recipient.suspended || placement.queueId === POISON_QUEUE_ID,
      apply: async (message, placed) => {
        const context = `Resume-Message;by=${by}`;
        const events = this.#events("DEFER", message, { placed, context });
        const resumed = placed.map((one) => ({
          ...one,
          recipient: { ...one.recipient, suspended: false },
          placement: { ...one.placement, dueMs: DUE_NOW_MS },
        }));
        const isPoison = ({ placement }: PlacedRecipient) => placement.queueId === POISON_QUEUE_ID;
        const putRecipients = resumed.filter((one) => !isPoison(one));
        if (putRecipients.length > 0) {
          await this.#parts.context.store.commit({ putRecipients, events });
        }
        const poison = resumed.filter(isPoison).map(({ recipient }) => recipient);
        if (poison.length === 0) return;
        const batch = [{ message, recipients: poison }];
        await this.#parts.submission.resubmit(batch, putRecipients.length > 0 ? "" : events);
      },
    });
  }

  /** Takes a message's recipients here out of the queue, with or without telling the sender. */
  removeMessage(messageId: number, how: { by: string; withNdr: boolean }): Promise<number> {
    const context = `Remove-Message;by=${how.by}`;
    return this.#act(messageId, {
      concerns: () => true,
      apply: (message, placed) =>
        how.withNdr
          ? this.#fail(message, placed, context)
          : this.#parts.context.store.commit({
              removeRecipients: placed.map(keyOf),
              events: this.#events("DROP", message, { placed, context }),
            }),
    });
  }

  /**
   * Sends one recipient's copy to another address; it is categorized as if it had come for that
   * one.
   */
  redirectRecipient(
    { messageId, position }: RecipientKey,
    to: { readonly by: string; readonly address: Address },
  ): Promise<number> {
    return this.#act(messageId, {
      once: true,
      concerns: ({ recipient }) => recipient.position === position,
      apply: async (message, placed) => {
        const recipients = placed.map(({ recipient }) => redirected(recipient, to.address));
        const events = this.#events("REDIRECT", message, {
          placed: recipients.map((recipient) => ({ recipient })),
          context: `Redirect-Recipient;by=${to.by}`,
          relatedRecipient: placed[0]?.recipient.address,
        });
        await this.#parts.submission.resubmit([{ message, recipients }], events);
      },
    });
  }

  async #act(messageId: number, act: Act): Promise<number> {
    const { storage, context } = this.#parts;
    let count = 0;
    for (;;) {
      const step = await storage.exclusive(() => this.#step(messageId, act));
      count += step.count;
      if (!step.isBusy || (act.once === true && count > 0)) return count;
      await delay(context.clock, BUSY_LOOK_MS);
    }
  }

  async #step(messageId: number, act: Act): Promise<{ count: number; isBusy: boolean }> {
    const { owner, settler, context } = this.#parts;
    const { withdrawn, isBusy } = owner.withdraw(messageId);
    const found = await settler.persist(async () => {
      const stored = await context.store.readMessage(messageId);
      return stored && { message: stored.message, placed: await this.#placed(stored, withdrawn) };
    });
    const concerned = found?.placed.filter(act.concerns) ?? [];
    if (found !== undefined && concerned.length > 0) {
      await settler.persist(() => act.apply(found.message, concerned));
    }
    // What was taken out of memory and is not concerned waits in the store, to be read back.
    const taken = new Set(withdrawn.flatMap(({ held }) => held.recipients.map(positionOf)));
    const others = (found?.placed ?? []).filter(
      (one) => !concerned.includes(one) && taken.has(one.recipient.position),
    );
    if (others.length > 0)
      await settler.persist(() => context.store.commit({ putRecipients: others }));
    for (const { queue, held } of withdrawn) {
      queue.inHand.delete(held);
      held.content.release();
    }
    for (const queue of owner.queues.values()) {
      if (!found?.placed.some(({ placement }) => placement.queueId === queue.storeId)) continue;
      queue.markStored();
      owner.pump(queue);
    }
    return { count: concerned.length, isBusy };
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

  async #fail(
    message: QueuedMessage,
    placed: readonly PlacedRecipient[],
    context: string,
  ): Promise<void> {
    const { store, budget } = this.#parts.context;
    const { contentId, contentBytes: bytes } = message;
    const diagnostic = "550 5.3.0 QUEUE.Removed; message removed by an administrator";
    const fault = { status: "5.3.0", diagnostic, hop: undefined, source: "ADMIN" } as const;
    const { change, settled } = await this.#parts.settler.plan({
      message,
      content: new MessageContent({ store, budget, contentId, bytes, piece: undefined }),
      endings: placed.map(({ recipient }) => ({ recipient, ending: { kind: "failed", fault } })),
      queueId: () => POISON_QUEUE_ID,
      connector: "",
      possibleDuplicate: false,
      sourceContext: context,
    });
    await this.#parts.settler.commit({
      ...change,
      messages: settled.notices.map(newMessageOf),
    });
    this.#parts.submission.categorizeNotices(settled.notices);
  }

  #events(
    event: EventId,
    message: QueuedMessage,
    story: {
      readonly placed: readonly { readonly recipient: QueuedRecipient }[];
      readonly context: string;
      readonly relatedRecipient?: string | undefined;
    },
  ): string {
    const { placed, context, relatedRecipient } = story;
    return this.#parts.settler.formatEvents([
      {
        event,
        source: "ADMIN",
        message,
        recipients: placed.map(({ recipient }) => ({ address: recipient.address, status: "" })),
        sourceContext: context,
        ...(relatedRecipient !== undefined && { relatedRecipient }),
      },
    ]);
  }
}

function redirected(recipient: QueuedRecipient, address: Address): QueuedRecipient {
  return {
    ...recipient,
    address,
    originalRecipient: recipient.originalRecipient ?? {
      type: "rfc822",
      address: recipient.address,
    },
    attemptCount: 0,
    lastError: undefined,
    suspended: false,
    resolved: false,
  };
}

function keyOf({ messageId, recipient }: PlacedRecipient): RecipientKey {
  return { messageId, position: recipient.position };
}

function positionOf({ position }: QueuedRecipient): number {
  return position;
}
