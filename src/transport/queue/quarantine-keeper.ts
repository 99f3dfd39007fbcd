import { MINUTE } from "../../base/units.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { type PlacedRecipient, QUARANTINE_QUEUE_ID } from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import type { ActRunner, MessageSelection } from "./act-runner.ts";
import { QUARANTINE_KEY } from "./fixed-queues.ts";
import { isModerated, ModerationKeeper } from "./moderation-keeper.ts";
import { releasedCopy } from "./quarantine-release.ts";
import type { QueueContext } from "./queue-context.ts";
import type { QueueStorage } from "./queue-storage.ts";
import { newMessageOf, type Settler } from "./settler.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** Recipients that expire in one transaction. */
const PAGE_RECIPIENTS = 200;
const LOOK_INTERVAL_MS = MINUTE;

/** To whom a message goes out of the quarantine. */
export interface ReleaseTo {
  /** Those of the recipients from whom it is kept; absent: all of them. */
  readonly to?: readonly Address[];
  /** Others who get it besides. */
  readonly copyTo?: readonly Address[];
}

/** What the quarantine works with. */
export interface QuarantineParts {
  readonly context: QueueContext;
  readonly settler: Settler;
  readonly storage: QueueStorage;
  readonly submission: SubmissionOwner;
  /** Only the first thread owns the quarantine. */
  readonly isFirst: boolean;
}

/** The ways out of the quarantine, each a transaction with its tracking lines. */
export class QuarantineKeeper {
  readonly #parts: QuarantineParts;
  readonly #runner: ActRunner;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** The ways out for what waits there for approval. */
  readonly moderation: ModerationKeeper;

  constructor(parts: QuarantineParts, runner: ActRunner) {
    this.#parts = parts;
    this.#runner = runner;
    this.moderation = new ModerationKeeper(parts, runner);
  }

  /**
   * Sends messages on. Resolves with how many recipients these had, once that is durable; who is
   * there already is not sent to a second time.
   */
  async release(selection: MessageSelection, { to, copyTo = [] }: ReleaseTo): Promise<number> {
    const { context, settler, submission } = this.#parts;
    const wanted = to && new Set(to.map(addressKey));
    const isWanted = ({ recipient: { address } }: PlacedRecipient) =>
      wanted === undefined || wanted.has(addressKey(address));
    const sourceContext = `Release-QuarantineMessage;by=${selection.by}`;
    let count = 0;
    await this.#runner.run(
      { ...selection, queue: QUARANTINE_KEY },
      {
        once: true,
        concerns: (one) =>
          one.placement.queueId === QUARANTINE_QUEUE_ID && (copyTo.length > 0 || isWanted(one)),
        apply: async (message, kept) => {
          if (isModerated(message)) return;
          const placed = kept.filter(isWanted);
          const id = await settler.nextMessageId();
          const copy = { id, nowMs: context.clock.nowMs(), sourceContext, copyTo };
          const released = releasedCopy(message, { placed, model: kept[0] }, copy);
          if (released.recipients.length === 0) return;
          await settler.commit({
            messages: [newMessageOf(released)],
            removeRecipients: placed.map(keyOf),
            events: settler.formatEvents(released.events),
          });
          submission.categorizeNotices([released]);
          count += released.recipients.length;
          const type = message.quarantine?.type ?? "Policy";
          context.metrics.add(`postrider_quarantine_released_total:${type}`, placed.length);
        },
      },
    );
    return count;
  }

  /** Removes messages for all recipients that are kept here; resolves with how many these were. */
  delete(selection: MessageSelection): Promise<number> {
    const { context, settler } = this.#parts;
    const sourceContext = `Delete-QuarantineMessage;by=${selection.by}`;
    return this.#runner.run(
      { ...selection, queue: QUARANTINE_KEY },
      {
        once: true,
        concerns: ({ placement }) => placement.queueId === QUARANTINE_QUEUE_ID,
        apply: async (message, placed) => {
          if (isModerated(message)) return;
          const recipients = namesOf(placed);
          await context.store.commit({
            removeRecipients: placed.map(keyOf),
            events: settler.formatEvents([
              { event: "DROP", source: "ADMIN", message, recipients, sourceContext },
            ]),
          });
        },
      },
    );
  }

  /**
   * Removes what has been kept for long enough; nobody is told. Looks once a minute, however often
   * it is called. Rejects with StoreFailure.
   */
  async expire(): Promise<void> {
    const { context, storage, isFirst } = this.#parts;
    const { clock } = context;
    if (!isFirst || clock.monotonicMs() - this.#lookedMs < LOOK_INTERVAL_MS) return;
    for (let count = PAGE_RECIPIENTS; count === PAGE_RECIPIENTS; ) {
      count = await storage.exclusive(() => this.#expirePage());
    }
    this.#lookedMs = clock.monotonicMs();
  }

  async #expirePage(): Promise<number> {
    const { context, settler } = this.#parts;
    const page = { dueMs: context.clock.nowMs(), limit: PAGE_RECIPIENTS };
    const due = await context.store.readQueue(QUARANTINE_QUEUE_ID, page);
    for (const { message, recipients } of due) {
      if (isModerated(message)) await this.moderation.expire(message, recipients);
    }
    const count = due.flatMap(({ recipients }) => recipients).length;
    const expired = due.filter(({ message }) => !isModerated(message));
    const placed = expired.flatMap(({ recipients }) => recipients);
    if (placed.length === 0) return count;
    await context.store.commit({
      removeRecipients: placed.map(keyOf),
      events: settler.formatEvents(
        expired.map(
          ({ message, recipients }): TrackingEvent => ({
            event: "DROP",
            source: "QUEUE",
            message,
            recipients: namesOf(recipients),
            sourceContext: "Quarantine;expired",
          }),
        ),
      ),
    });
    context.metrics.add("postrider_quarantine_expired_total", placed.length);
    return count;
  }
}

function namesOf(placed: readonly PlacedRecipient[]): TrackingEvent["recipients"] {
  return placed.map(({ recipient: { address } }) => ({ address, status: "" }));
}

function keyOf({ messageId, recipient: { position } }: PlacedRecipient) {
  return { messageId, position };
}
