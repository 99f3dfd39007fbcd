import { noticeMsOf } from "../../store/queue-rows.ts";
import {
  LEASED_DUE_MS,
  type PlacedRecipient,
  type QueuedMessage,
  type StoredMessage,
  StoreFailure,
} from "../../store/queue-store.ts";
import { MessageContent } from "./message-content.ts";
import type { Notice } from "./notices.ts";
import type { Fault } from "./outcome.ts";
import type { QueueContext } from "./queue-context.ts";
import type { QueueStorage } from "./queue-storage.ts";
import { type Ending, expired } from "./settle.ts";
import { newMessageOf, type Settler } from "./settler.ts";

/** Recipients looked at in one sweep. */
const SWEEP_RECIPIENTS = 500;

/**
 * Tells senders of delays and ends what has expired, for recipients that wait in the store. Those
 * in hand are left alone: the outcome of their attempt decides.
 */
export class NoticeSweep {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  readonly #isMine: (queueId: number) => boolean;
  readonly #categorizeNotices: (notices: readonly Notice[]) => void;
  readonly #connectorOf: (queueId: number) => string;
  readonly #storage: QueueStorage;
  readonly #broke: (message: QueuedMessage, error: unknown) => Promise<unknown>;

  constructor(parts: {
    readonly context: QueueContext;
    readonly settler: Settler;
    readonly storage: QueueStorage;
    /** A notice about the message broke us: counts it. */
    readonly broke: (message: QueuedMessage, error: unknown) => Promise<unknown>;
    readonly isMine: (queueId: number) => boolean;
    readonly connectorOf: (queueId: number) => string;
    readonly categorizeNotices: (notices: readonly Notice[]) => void;
  }) {
    this.#context = parts.context;
    this.#settler = parts.settler;
    this.#isMine = parts.isMine;
    this.#connectorOf = parts.connectorOf;
    this.#storage = parts.storage;
    this.#broke = parts.broke;
    this.#categorizeNotices = parts.categorizeNotices;
  }

  /** One sweep; returns how many recipients it dealt with. Rejects with StoreFailure. */
  async run(): Promise<number> {
    const dueMs = this.#context.clock.nowMs();
    const stored = await this.#context.store.readNotices({ dueMs, limit: SWEEP_RECIPIENTS });
    let count = 0;
    for (const message of stored) {
      if (!message.recipients.some(({ placement }) => this.#isMine(placement.queueId))) continue;
      count += await this.#sweep(message.message, dueMs);
    }
    return count;
  }

  /**
   * One message: looks again while nobody else can, for its recipients may have gone out by now.
   */
  async #sweep(message: QueuedMessage, nowMs: number): Promise<number> {
    const unmark = this.#context.mark(message.id);
    try {
      return await this.#storage.exclusive(async () => {
        const stored = await this.#context.store.readMessage(message.id);
        const due = (stored?.recipients ?? []).filter(
          ({ placement, recipient }) =>
            placement.dueMs !== LEASED_DUE_MS &&
            !recipient.suspended &&
            noticeMsOf(recipient) <= nowMs &&
            this.#isMine(placement.queueId),
        );
        if (stored !== undefined && due.length > 0) await this.#deal(stored, due, nowMs);
        return due.length;
      });
    } catch (error) {
      if (error instanceof StoreFailure) throw error;
      await this.#broke(message, error);
      return 0;
    } finally {
      unmark();
    }
  }

  async #deal(
    { message }: StoredMessage,
    recipients: readonly PlacedRecipient[],
    nowMs: number,
  ): Promise<void> {
    const { store, budget, metrics } = this.#context;
    const { contentId, contentBytes: bytes } = message;
    const content = new MessageContent({ store, budget, contentId, bytes, piece: undefined });
    const over = recipients.filter(({ recipient }) => nowMs >= recipient.expiresMs);
    const late = recipients.filter(({ recipient }) => nowMs < recipient.expiresMs);
    const plan = await this.#settler.plan({
      message,
      content,
      endings: over.map(({ recipient }) => ({ recipient, ending: expiry(recipient.lastError) })),
      queueId: () => over[0]?.placement.queueId ?? 0,
      connector: this.#connectorOf(recipients[0]?.placement.queueId ?? 0),
      possibleDuplicate: false,
    });
    const delayed = await this.#settler.notices(
      { message, content },
      this.#settler.wanted(
        message,
        late.map(({ recipient }) => ({
          kind: "delayed",
          recipient,
          ending: { kind: "deferred", fault: waiting(recipient.lastError) },
        })),
      ),
    );
    const told = late.map((placed) => ({
      ...placed,
      recipient: { ...placed.recipient, delayNoticeMs: undefined },
    }));
    const notices = [...plan.settled.notices, ...delayed];
    await this.#settler.commit({
      messages: notices.map(newMessageOf),
      removeRecipients: plan.change.removeRecipients ?? [],
      putRecipients: told,
      events:
        (plan.change.events ?? "") +
        this.#settler.formatEvents(delayed.flatMap((notice) => notice.events)),
    });
    metrics.add("postrider_recipient_outcomes_total:expired", over.length);
    for (const notice of notices) metrics.add(`postrider_notices_total:${notice.kind}`);
    this.#categorizeNotices(notices);
  }
}

function expiry(lastError: string | undefined): Ending {
  return {
    kind: "failed",
    fault: expired(lastError === undefined ? undefined : waiting(lastError)),
  };
}

function waiting(lastError: string | undefined): Fault {
  const diagnostic = lastError ?? "451 4.4.7 Message delayed";
  return { status: "4.4.7", diagnostic, hop: undefined, source: "QUEUE" };
}
