import { delay } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import {
  AFTER_LEASED,
  type Change,
  DUE_NOW_MS,
  LEASED_DUE_MS,
  type NewMessage,
  type PlacedRecipient,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { Categorization, Categorize, RoutedRecipient } from "./categorization.ts";
import { MessageContent } from "./message-content.ts";
import type { Notice } from "./notices.ts";
import { type QueueContext, STORE_RETRY_MS } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import { endingEvents } from "./settlement-events.ts";
import { newMessageOf, type Settler } from "./settler.ts";
import type { Submission } from "./submission.ts";

/** Messages of one page when the Submission queue is read back. */
const PAGE_RECIPIENTS = 500;

/** A message in the Submission queue, in memory. */
interface Submitted {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly content: MessageContent;
}

/** Which part of the stored Submission queue a thread takes up. */
export interface RecoveryShare {
  /** Which of these messages are, or will be, in the hands of another thread, or of this one already. */
  readonly elsewhere: (messageIds: readonly number[]) => Promise<ReadonlySet<number>>;
  /** Messages from this id on are new and come from the sessions. */
  readonly beforeId: number;
  /** The process or thread before did not stop in order: attempts may have got through. */
  readonly wasUnclean: boolean;
}

/** What the Submission queue needs from the rest of the queue. */
export interface SubmissionHost {
  readonly categorize: Categorize;
  /** Gives a delivery to the owner of its queue, on this thread or another. */
  readonly deliver: (delivery: { readonly key: QueueKey } & Submitted) => void;
  readonly crashed: (
    message: QueuedMessage,
    recipients: readonly QueuedRecipient[],
    error: unknown,
  ) => void;
}

/** The Submission queue of one thread: makes messages durable, categorizes them, sends them on. */
export class SubmissionOwner {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  readonly #host: SubmissionHost;
  /** By message id; a message stays until its deliveries are with their owners. */
  readonly #inHand = new Map<number, Submitted>();
  /** Ids of the messages on their way to the store. */
  readonly #submitting = new Set<number>();

  constructor(parts: {
    readonly context: QueueContext;
    readonly settler: Settler;
    readonly host: SubmissionHost;
  }) {
    this.#context = parts.context;
    this.#settler = parts.settler;
    this.#host = parts.host;
  }

  /** Messages that wait for the categorizer or are with it. */
  get length(): number {
    return this.#inHand.size + this.#submitting.size;
  }

  /** Ids of the messages in hand here. */
  inHandIds(): readonly number[] {
    return [...this.#inHand.keys(), ...this.#submitting];
  }

  /** Makes a message durable, then categorizes it. Rejects with StoreFailure, and then nothing remains. */
  async submit(submission: Submission): Promise<void> {
    const { message, recipients, content, firstChunk, events } = submission;
    this.#submitting.add(message.id);
    const { clock, metrics } = this.#context;
    const startMs = clock.monotonicMs();
    try {
      const placed = place(message.id, recipients, LEASED_DUE_MS);
      await this.#context.store.commit({
        messages: [{ message, recipients: placed, content, firstChunk }],
        events,
      });
      metrics.observe(
        "postrider_submit_duration_seconds",
        (clock.monotonicMs() - startMs) / SECOND,
      );
      const piece = firstChunk === 0 && content.length === 1 ? content[0] : undefined;
      this.categorize({ message, recipients, content: this.#content(message, piece) });
    } finally {
      this.#submitting.delete(message.id);
    }
  }

  /** Categorizes notices that have become durable with the outcomes they tell of. */
  categorizeNotices(notices: readonly Notice[]): void {
    for (const { message, recipients, content } of notices) {
      const piece = content.length === 1 ? content[0] : undefined;
      this.categorize({ message, recipients, content: this.#content(message, piece) });
    }
  }

  /** Categorizes a message that is stored as submitted. Returns at once; never throws. */
  categorize(submitted: Submitted): void {
    const { message, recipients } = submitted;
    this.#inHand.set(message.id, submitted);
    const unmark = this.#context.mark(message.id);
    try {
      const result = this.#host.categorize(submitted);
      if (!isPromise(result) && !needsWriting(result)) {
        this.#sendOn(submitted, result.routed);
        this.#done(submitted);
        unmark();
        return;
      }
      void this.#finish(submitted, result).then(unmark, (error: unknown) => {
        unmark();
        this.#inHand.delete(message.id);
        this.#host.crashed(message, recipients, error);
      });
    } catch (error) {
      unmark();
      this.#inHand.delete(message.id);
      this.#host.crashed(message, recipients, error);
    }
  }

  /**
   * Reads back, in order, what an earlier owner had not sent on. Attempts may have been made before, so
   * these are possible duplicates when `wasUnclean`. Rejects with StoreFailure.
   */
  async recover(share: RecoveryShare): Promise<number> {
    let count = 0;
    let after: { dueMs: number; messageId: number; position: number } | undefined;
    for (;;) {
      const page = { dueMs: LEASED_DUE_MS, limit: PAGE_RECIPIENTS, ...(after && { after }) };
      const stored = await this.#context.store.readQueue(SUBMISSION_QUEUE_ID, page);
      const ids = stored.map(({ message }) => message.id).filter((id) => id < share.beforeId);
      const elsewhere = await share.elsewhere(ids);
      for (const id of ids) {
        if (!elsewhere.has(id) && (await this.#adopt(id, share))) count += 1;
      }
      const last = stored.at(-1)?.recipients.at(-1);
      if (last === undefined) return count;
      after = {
        dueMs: LEASED_DUE_MS,
        messageId: last.messageId,
        position: last.recipient.position,
      };
    }
  }

  /** Reads the message again: its owner may have finished it while we asked whose it is. */
  async #adopt(id: number, share: RecoveryShare): Promise<boolean> {
    const stored = await this.#context.store.readMessage(id);
    const recipients = (stored?.recipients ?? [])
      .filter(({ placement }) => placement.queueId === SUBMISSION_QUEUE_ID)
      .filter(({ placement }) => placement.dueMs === LEASED_DUE_MS)
      .map(({ recipient }) =>
        share.wasUnclean ? { ...recipient, attemptUnknown: true } : recipient,
      );
    if (stored === undefined || recipients.length === 0) return false;
    const { message } = stored;
    this.categorize({ message, recipients, content: this.#content(message, undefined) });
    return true;
  }

  /** Takes up the recipients whose resolution was put off and is due again. Rejects with StoreFailure. */
  async retryDeferred(): Promise<void> {
    const { store, clock } = this.#context;
    const page = { dueMs: clock.nowMs(), limit: PAGE_RECIPIENTS, after: AFTER_LEASED };
    for (const { message, recipients } of await store.readQueue(SUBMISSION_QUEUE_ID, page)) {
      await this.resubmit(
        message,
        recipients.map(({ recipient }) => recipient),
      );
    }
  }

  /** Stores recipients as submitted again, wherever they waited, and categorizes them. */
  async resubmit(message: QueuedMessage, recipients: readonly QueuedRecipient[]): Promise<void> {
    this.#submitting.add(message.id);
    await this.#settler.persist(() =>
      this.#context.store.commit({ putRecipients: place(message.id, recipients, LEASED_DUE_MS) }),
    );
    this.#submitting.delete(message.id);
    this.categorize({ message, recipients, content: this.#content(message, undefined) });
  }

  async #finish(
    submitted: Submitted,
    result: Categorization | Promise<Categorization>,
  ): Promise<void> {
    const categorization = await result;
    if (!needsWriting(categorization)) {
      this.#sendOn(submitted, categorization.routed);
      this.#done(submitted);
      return;
    }
    const { notices } = await this.#settler.persist(() => this.#write(submitted, categorization));
    this.#sendOn(submitted, categorization.routed);
    for (const fork of categorization.forks) {
      const recipients = fork.routed.map(({ recipient }) => recipient);
      const content = this.#content(fork.message, submitted.content.piece);
      this.#sendOn({ message: fork.message, recipients, content }, fork.routed);
      content.release();
    }
    this.#done(submitted);
    this.categorizeNotices(notices);
  }

  /** The categorizer's whole answer as one transaction. */
  async #write(
    submitted: Submitted,
    categorization: Categorization,
  ): Promise<{ readonly notices: readonly Notice[] }> {
    const { message } = submitted;
    const { resolverRetryIntervalMs } = this.#context.organization().transportService;
    const retryMs = this.#context.clock.nowMs() + resolverRetryIntervalMs;
    const plan = await this.#settler.plan({
      message,
      content: submitted.content,
      endings: categorization.ended.map(({ recipient, outcome }) => ({
        recipient,
        ending: outcome,
      })),
      queueId: () => SUBMISSION_QUEUE_ID,
      connector: "",
      possibleDuplicate: false,
    });
    const stay = new Set(
      [...categorization.routed, ...categorization.deferred].map(
        ({ recipient }) => recipient.position,
      ),
    );
    const gone = submitted.recipients.filter(({ position }) => !stay.has(position));
    const putRecipients = [
      ...categorization.routed.map((routed) => placeRouted(message.id, routed)),
      ...categorization.deferred.flatMap(({ recipient, fault }) =>
        place(message.id, [{ ...recipient, lastError: fault.diagnostic }], retryMs),
      ),
    ];
    const change: Change = {
      messages: [
        ...categorization.forks.map(
          (fork): NewMessage => ({
            message: fork.message,
            recipients: fork.routed.map((routed) => placeRouted(fork.message.id, routed)),
            content: [],
            firstChunk: 0,
          }),
        ),
        ...plan.settled.notices.map(newMessageOf),
      ],
      putRecipients,
      removeRecipients: gone.map(({ position }) => ({ messageId: message.id, position })),
      events: this.#events(submitted, categorization, plan.change.events ?? ""),
    };
    await this.#context.store.commit(change);
    this.#count(categorization, plan.settled.notices);
    return { notices: plan.settled.notices };
  }

  #count(categorization: Categorization, notices: readonly Notice[]): void {
    const { metrics } = this.#context;
    metrics.add("postrider_categorizer_deferrals_total", categorization.deferred.length);
    const expansions = categorization.events.filter(({ event }) => event === "EXPAND");
    metrics.add("postrider_group_expansions_total", expansions.length);
    for (const { outcome } of categorization.ended) {
      metrics.add(`postrider_recipient_outcomes_total:${outcome.kind}`);
    }
    for (const { kind } of notices) metrics.add(`postrider_notices_total:${kind}`);
  }

  #events(submitted: Submitted, categorization: Categorization, planned: string): string {
    const { fqdn } = this.#context.organization().server;
    const own = { serverName: fqdn, nowMs: this.#context.clock.nowMs() };
    const waiting = [
      ...categorization.deferred,
      ...categorization.routed.flatMap(({ recipient, route }) =>
        route.kind === "unreachable" ? [{ recipient, fault: route.fault }] : [],
      ),
    ];
    const deferred = endingEvents(
      {
        message: submitted.message,
        endings: waiting.map(({ recipient, fault }) => ({
          recipient,
          ending: { kind: "deferred", fault } as const,
        })),
        connector: "",
        possibleDuplicate: false,
      },
      own,
    );
    return this.#settler.formatEvents([...categorization.events, ...deferred]) + planned;
  }

  /** Gives the routed recipients to their queues, those of one queue together. */
  #sendOn(submitted: Submitted, routed: readonly RoutedRecipient[]): void {
    const { message, content } = submitted;
    const groups = new Map<
      string,
      { readonly key: QueueKey; readonly recipients: QueuedRecipient[] }
    >();
    for (const { recipient, route } of routed) {
      if (route.kind !== "queue") continue;
      const keyText = formatQueueKey(route.key);
      const group = groups.get(keyText);
      if (group === undefined) groups.set(keyText, { key: route.key, recipients: [recipient] });
      else group.recipients.push(recipient);
    }
    for (const { key, recipients } of groups.values()) {
      this.#host.deliver({ key, message, recipients, content: content.share() });
    }
  }

  #done({ message, content }: Submitted): void {
    this.#inHand.delete(message.id);
    content.release();
    this.#context.metrics.add("postrider_messages_categorized_total");
  }

  #content(message: QueuedMessage, piece: Uint8Array | undefined): MessageContent {
    const { store, budget } = this.#context;
    const { contentId, contentBytes: bytes } = message;
    return new MessageContent({ store, budget, contentId, bytes, piece });
  }

  /** Waits until nothing is in hand any more, at most about `waitMs`. */
  async drain(waitMs: number): Promise<void> {
    const endMs = this.#context.clock.monotonicMs() + waitMs;
    while (this.length > 0 && this.#context.clock.monotonicMs() < endMs) {
      await delay(this.#context.clock, STORE_RETRY_MS / 50);
    }
  }
}

function isPromise(
  result: Categorization | Promise<Categorization>,
): result is Promise<Categorization> {
  return result instanceof Promise;
}

function needsWriting(categorization: Categorization): boolean {
  return (
    categorization.changed ||
    categorization.forks.length > 0 ||
    categorization.ended.length > 0 ||
    categorization.deferred.length > 0 ||
    categorization.routed.some(({ route }) => route.kind === "unreachable")
  );
}

function place(
  messageId: number,
  recipients: readonly QueuedRecipient[],
  dueMs: number,
): PlacedRecipient[] {
  const placement = { queueId: SUBMISSION_QUEUE_ID, dueMs };
  return recipients.map((recipient) => ({ messageId, recipient, placement }));
}

function placeRouted(messageId: number, { recipient, route }: RoutedRecipient): PlacedRecipient {
  const placement =
    route.kind === "queue"
      ? { queueId: SUBMISSION_QUEUE_ID, dueMs: LEASED_DUE_MS }
      : { queueId: UNREACHABLE_QUEUE_ID, dueMs: DUE_NOW_MS };
  const lastError = route.kind === "unreachable" ? route.fault.diagnostic : recipient.lastError;
  return { messageId, recipient: { ...recipient, lastError }, placement };
}
