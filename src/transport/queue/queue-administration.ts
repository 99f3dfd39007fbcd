import { type Address, addressKey } from "../../mail/address.ts";
import { fixedQueueOf, isSetAside } from "../../store/queue-rows.ts";
import {
  DUE_NOW_MS,
  HELD_DUE_MS,
  type PlacedRecipient,
  POISON_QUEUE_ID,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  type RecipientKey,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { EventId } from "../tracking/event.ts";
import { ActRunner, type MessageSelection } from "./act-runner.ts";
import type { DeliveryOwner } from "./delivery-owner.ts";
import type { FixedQueues } from "./fixed-queues.ts";
import { MessageContent } from "./message-content.ts";
import { QuarantineKeeper } from "./quarantine-keeper.ts";
import type { QueueContext } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { PendingAct } from "./queue-views.ts";
import { SafetyNet } from "./safety-net.ts";
import { newMessageOf, type Settler } from "./settler.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** What an administrator's acts work with. */
export interface AdministrationParts {
  readonly context: QueueContext;
  readonly settler: Settler;
  readonly storage: QueueStorage;
  readonly owner: DeliveryOwner;
  readonly submission: SubmissionOwner;
  readonly fixed: FixedQueues;
  /** The first thread writes what all threads have to know, and owns the fixed queues. */
  readonly isFirst: boolean;
  /** Whether this thread owns the delivery queue of that key. */
  readonly owns: (key: QueueKey) => boolean;
  /** Whether recipients that wait in that queue are this thread's to act on. */
  readonly isMine: (queueId: number) => boolean;
  readonly resubmitUnreachable: () => Promise<void>;
  /** Lets a job go on by itself. */
  readonly background: (job: Promise<unknown>) => void;
}

/** What an act on a queue came to: it is not this thread's, or cannot be done as it is now. */
export type QueueActResult = "done" | "elsewhere" | "unknown" | "suspended" | "not-in-retry";

/**
 * Administrator's acts on the queues of one thread, durable and on record in the tracking log with
 * who and when (design §4.5). A message may wait in queues of several threads: ask each of them. An
 * attempt under way is let finish, and concerned only if it fails. Submission is out of reach.
 */
export class QueueAdministration {
  readonly #parts: AdministrationParts;
  readonly #runner: ActRunner;
  /** The ways out of the quarantine. */
  readonly quarantine: QuarantineKeeper;
  /** What has been delivered, and may be once more. */
  readonly safetyNet: SafetyNet;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
    this.#runner = new ActRunner(parts);
    this.quarantine = new QuarantineKeeper(parts, this.#runner);
    this.safetyNet = new SafetyNet(parts);
  }

  /** The act that waits for the end of an attempt at the message, if there is one. */
  pending(messageId: number): PendingAct | undefined {
    return this.#runner.pending(messageId);
  }

  /**
   * Mail still joins the queue, nothing leaves it. Resolves when that is durable. Submission and
   * Unreachable have to be suspended in every thread.
   */
  suspendQueue(key: QueueKey, by: string): Promise<QueueActResult> {
    return this.#suspend(key, by, by);
  }

  /** Ends a suspension. Resolves when that is durable. */
  async resumeQueue(key: QueueKey, by: string): Promise<QueueActResult> {
    const result = await this.#suspend(key, by, undefined);
    const isUnreachable = fixedQueueOf(key)?.id === UNREACHABLE_QUEUE_ID;
    // Routes may have changed while nothing was looked at.
    if (isUnreachable) this.#parts.background(this.#parts.resubmitUnreachable());
    return result;
  }

  /**
   * Attempts a queue that waits for its retry at once, or sends what waits in it back to the
   * categorizer; that goes on by itself. Only the latter is possible with Unreachable.
   */
  retryQueue(
    key: QueueKey,
    how: { readonly by: string; readonly resubmits: boolean },
  ): QueueActResult {
    const { owner, fixed, context, background, isFirst, owns } = this.#parts;
    const { by, resubmits } = how;
    const fixedQueue = fixedQueueOf(key);
    if (fixedQueue !== undefined) {
      if (!isFirst) return "elsewhere";
      if (fixedQueue.id !== UNREACHABLE_QUEUE_ID || !resubmits) return "not-in-retry";
      if (fixed.isSuspended(fixedQueue.id)) return "suspended";
      context.diagnostics.info("queue-resubmitted", { ...key, by });
      background(this.#parts.resubmitUnreachable());
      return "done";
    }
    if (!owns(key)) return "elsewhere";
    const queue = owner.queues.get(formatQueueKey(key));
    if (queue === undefined) return "unknown";
    if (queue.state.suspended) return "suspended";
    context.diagnostics.info(resubmits ? "queue-resubmitted" : "queue-retried", { ...key, by });
    background(resubmits ? owner.resubmit(queue) : owner.retry(queue));
    return "done";
  }

  /** Keeps recipients here from being attempted or expiring; resolves with how many. */
  suspendMessages(selection: MessageSelection): Promise<number> {
    return this.#runner.run(selection, {
      pending: "PendingSuspend",
      concerns: ({ recipient, placement }) =>
        !recipient.suspended && !isSetAside(placement.queueId),
      apply: (message, placed) =>
        this.#parts.context.store.commit({
          putRecipients: placed.map(({ messageId, recipient, placement: { queueId } }) => ({
            messageId,
            recipient: { ...recipient, suspended: true },
            placement: { queueId, dueMs: HELD_DUE_MS },
          })),
          events: this.#events("DEFER", message, {
            placed,
            context: `Suspend-Message;by=${selection.by}`,
          }),
        }),
    });
  }

  /** Lets suspended recipients go on, and sends those in Poison back to the categorizer. */
  resumeMessages(selection: MessageSelection): Promise<number> {
    return this.#runner.run(selection, {
      concerns: ({ recipient, placement }) =>
        recipient.suspended || placement.queueId === POISON_QUEUE_ID,
      apply: async (message, placed) => {
        const context = `Resume-Message;by=${selection.by}`;
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

  /** Takes recipients here out of the queue, with or without telling the sender. */
  removeMessages(selection: MessageSelection & { readonly withNdr: boolean }): Promise<number> {
    const context = `Remove-Message;by=${selection.by}`;
    return this.#runner.run(selection, {
      pending: "PendingRemove",
      concerns: () => true,
      apply: (message, placed) =>
        // Whoever sent what is in quarantine hears nothing of it: most senders there are forged.
        selection.withNdr && !placed.every(isQuarantined)
          ? this.#fail(message, placed, context)
          : this.#parts.context.store.commit({
              removeRecipients: placed.map(keyOf),
              events: this.#events("DROP", message, { placed, context }),
            }),
    });
  }

  /**
   * Sends recipients' copies to another address; they are categorized as if they had come for that
   * one.
   * @param to `from` limits it to recipients with that address, `position` to one of them
   */
  redirectRecipients(
    selection: MessageSelection,
    to: { readonly address: Address; readonly from?: Address; readonly position?: number },
  ): Promise<number> {
    return this.#runner.run(selection, {
      once: true,
      // What is in quarantine leaves it by its own way, with what is said of it there.
      concerns: (placed) =>
        !isQuarantined(placed) &&
        (to.position === undefined || placed.recipient.position === to.position) &&
        (to.from === undefined || addressKey(placed.recipient.address) === addressKey(to.from)),
      apply: async (message, placed) => {
        const recipients = placed.map(({ recipient }) => redirected(recipient, to.address));
        const events = this.#events("REDIRECT", message, {
          placed: recipients.map((recipient) => ({ recipient })),
          context: `Redirect-Recipient;by=${selection.by}`,
          relatedRecipient: placed[0]?.recipient.address,
        });
        await this.#parts.submission.resubmit([{ message, recipients }], events);
      },
    });
  }

  async #suspend(key: QueueKey, by: string, holder: string | undefined): Promise<QueueActResult> {
    const { owner, fixed, context, isFirst, owns } = this.#parts;
    const fixedQueue = fixedQueueOf(key);
    if (fixedQueue === undefined && !owns(key)) return "elsewhere";
    if (fixedQueue !== undefined && isSetAside(fixedQueue.id)) return "suspended";
    const event = holder === undefined ? "queue-resumed" : "queue-suspended";
    if (fixedQueue === undefined || isFirst) context.diagnostics.info(event, { ...key, by });
    if (fixedQueue === undefined) await owner.suspend(key, holder);
    else await fixed.suspend(key, { by: holder, writes: isFirst ? "state" : "nothing" });
    return "done";
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
  // What was approved for somebody else was not approved for him.
  const { approved: _, ...others } = recipient;
  return {
    ...others,
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

function isQuarantined({ placement }: PlacedRecipient): boolean {
  return placement.queueId === QUARANTINE_QUEUE_ID;
}

function keyOf({ messageId, recipient }: PlacedRecipient): RecipientKey {
  return { messageId, position: recipient.position };
}
