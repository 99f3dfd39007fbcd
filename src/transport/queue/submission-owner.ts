import { delay } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import {
  DUE_NOW_MS,
  LEASED_DUE_MS,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
} from "../../store/queue-store.ts";
import type { Categorization, Categorize, RoutedRecipient } from "./categorization.ts";
import {
  CategorizationWriter,
  needsWriting,
  place,
  type Submitted,
} from "./categorization-writer.ts";
import type { Holding } from "./holding.ts";
import { MessageContent } from "./message-content.ts";
import type { Notice } from "./notices.ts";
import { enterQuarantine } from "./quarantine-entry.ts";
import { type QueueContext, STORE_RETRY_MS } from "./queue-context.ts";
import { formatQueueKey, selectQueueKey } from "./queue-key.ts";
import type { Settler } from "./settler.ts";
import type { Submission } from "./submission.ts";

/** Recipients of one message that go back to the categorizer. */
export type Resubmission = Omit<Submitted, "content">;

/** A message that has become durable with another one; what of it was stored before, is. */
type Stored = Pick<Notice, "message" | "recipients" | "content"> & {
  readonly firstChunk?: number;
};

/** What the Submission queue needs from the rest of the queue. */
export interface SubmissionHost {
  readonly categorize: Categorize;
  /** Gives a delivery to the owner of its queue, on this thread or another. */
  readonly deliver: (delivery: { readonly key: QueueKey } & Submitted) => void;
  /** Whether an administrator has suspended Submission: then what comes waits in the store. */
  readonly isSuspended: () => boolean;
  /** The categorizer broke: counts it, sets the message aside or has it wait. Never rejects. */
  readonly crashed: (submitted: Resubmission, error: unknown) => Promise<void>;
}

/** The Submission queue of one thread: makes messages durable, categorizes them, sends them on. */
export class SubmissionOwner {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  readonly #host: SubmissionHost;
  readonly #writer: CategorizationWriter;
  /**
   * A message stays until its deliveries are with their owners. Parts of one may be in it apart.
   */
  readonly #inHand = new Set<Resubmission>();
  /** Messages on their way to the store. */
  readonly #submitting = new Set<Resubmission>();

  constructor(parts: {
    readonly context: QueueContext;
    readonly settler: Settler;
    readonly host: SubmissionHost;
  }) {
    this.#context = parts.context;
    this.#settler = parts.settler;
    this.#host = parts.host;
    this.#writer = new CategorizationWriter(parts.context, parts.settler);
  }

  /** Messages that wait for the categorizer or are with it. */
  get length(): number {
    return this.#inHand.size + this.#submitting.size;
  }

  /** Messages in hand here, with those of their recipients that are. */
  submissions(): readonly Resubmission[] {
    return [...this.#inHand, ...this.#submitting];
  }

  /** The recipients in hand here. */
  holdings(): readonly Holding[] {
    return [...this.#inHand, ...this.#submitting].map(({ message, recipients }) => ({
      messageId: message.id,
      positions: recipients.map(({ position }) => position),
    }));
  }

  /**
   * Makes a message durable, then categorizes it, or leaves it in quarantine. Rejects with
   * StoreFailure, and then nothing remains.
   */
  async submit(submission: Submission): Promise<void> {
    if (submission.quarantine !== undefined) return this.#keep(submission, submission.quarantine);
    const { message, recipients, content, firstChunk, events } = submission;
    this.#submitting.add(submission);
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
      this.#submitting.delete(submission);
    }
  }

  async #keep({ content, firstChunk, ...submission }: Submission, mark: QuarantineMark) {
    const { store, clock, metrics, organization } = this.#context;
    const at = { nowMs: clock.nowMs(), organization: organization() };
    const entry = enterQuarantine({ ...submission, mark }, at);
    await store.commit({
      messages: [{ message: entry.message, recipients: entry.recipients, content, firstChunk }],
      events: submission.events + this.#settler.formatEvents([entry.event]),
    });
    metrics.add(`postrider_quarantined_total:${mark.type}`, entry.recipients.length);
  }

  /** Categorizes notices that have become durable with the outcomes they tell of. */
  categorizeNotices(notices: readonly Stored[]): void {
    for (const { message, recipients, content, firstChunk = 0 } of notices) {
      const piece = firstChunk === 0 && content.length === 1 ? content[0] : undefined;
      this.categorize({ message, recipients, content: this.#content(message, piece) });
    }
  }

  /** Categorizes recipients that are stored as submitted, content read back when it is needed. */
  take({ message, recipients }: Resubmission): void {
    this.categorize({ message, recipients, content: this.#content(message, undefined) });
  }

  /** Categorizes a message that is stored as submitted. Returns at once; never throws. */
  categorize(submitted: Submitted): void {
    this.#inHand.add(submitted);
    if (this.#host.isSuspended()) {
      void this.#putDown(submitted);
      return;
    }
    const { id } = submitted.message;
    const unmark = this.#context.mark(id);
    let result: Categorization | Promise<Categorization>;
    try {
      result = this.#context.alone(id, () => this.#host.categorize(submitted));
      if (!isPromise(result) && !needsWriting(result)) {
        this.#sendOn(submitted, result.routed);
        this.#done(submitted);
        unmark();
        return;
      }
    } catch (error) {
      unmark();
      void this.#crashed(submitted, error);
      return;
    }
    void this.#finish(submitted, result).then(unmark, (error: unknown) => {
      unmark();
      return this.#crashed(submitted, error);
    });
  }

  /** Has it wait in the store until Submission goes on. */
  async #putDown(submitted: Submitted): Promise<void> {
    const { message, recipients, content } = submitted;
    const putRecipients = place(message.id, recipients, DUE_NOW_MS);
    await this.#settler.persist(() => this.#context.store.commit({ putRecipients }));
    this.#inHand.delete(submitted);
    content.release();
  }

  async #crashed(submitted: Submitted, error: unknown): Promise<void> {
    await this.#host.crashed(submitted, error);
    this.#inHand.delete(submitted);
    submitted.content.release();
  }

  /**
   * Stores recipients as submitted again, wherever they waited, and categorizes them.
   * @param events tracking lines that become durable with it
   */
  async resubmit(batch: readonly Resubmission[], events = ""): Promise<void> {
    for (const item of batch) this.#submitting.add(item);
    const putRecipients = batch.flatMap(({ message, recipients }) =>
      place(message.id, recipients, LEASED_DUE_MS),
    );
    await this.#settler.persist(() => this.#context.store.commit({ putRecipients, events }));
    for (const item of batch) {
      this.#submitting.delete(item);
      this.take(item);
    }
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
    const { notices, submissions } = await this.#settler.persist(() =>
      this.#writer.write(submitted, categorization),
    );
    this.#sendOn(submitted, categorization.routed);
    for (const fork of categorization.forks) {
      const recipients = fork.routed.map(({ recipient }) => recipient);
      const [piece] = fork.content ?? [submitted.content.piece];
      const content = this.#content(fork.message, piece);
      this.#sendOn({ message: fork.message, recipients, content }, fork.routed);
      content.release();
    }
    this.#done(submitted);
    this.categorizeNotices(notices);
    this.categorizeNotices(submissions);
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
      const key = selectQueueKey(route.key, message);
      const keyText = formatQueueKey(key);
      const group = groups.get(keyText);
      if (group === undefined) groups.set(keyText, { key, recipients: [recipient] });
      else group.recipients.push(recipient);
    }
    for (const { key, recipients } of groups.values()) {
      this.#host.deliver({ key, message, recipients, content: content.share() });
    }
  }

  #done(submitted: Submitted): void {
    this.#inHand.delete(submitted);
    submitted.content.release();
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
