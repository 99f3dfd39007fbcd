import type { MessagePort } from "node:worker_threads";
import type { Timer } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import type { Organization } from "../../org/organization.ts";
import {
  AFTER_LEASED,
  type QueuedMessage,
  type QueuedRecipient,
  StoreFailure,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { Categorize } from "./categorization.ts";
import { DeliveryOwner } from "./delivery-owner.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import { Handover, type RoutedDelivery } from "./handover.ts";
import { IdSource } from "./id-source.ts";
import { MessageContent, submittedContent } from "./message-content.ts";
import { NoticeSweep } from "./notice-sweep.ts";
import type { Fault } from "./outcome.ts";
import { PoisonDetector } from "./poison.ts";
import type { PressureGauge } from "./pressure.ts";
import type { QueueContext } from "./queue-context.ts";
import { type QueueFigures, queueFigures } from "./queue-figures.ts";
import { QueueStorage } from "./queue-storage.ts";
import { Settler } from "./settler.ts";
import type { Submission, SubmissionQueue } from "./submission.ts";
import { SubmissionOwner } from "./submission-owner.ts";

/** How one thread starts. */
export interface OpeningState {
  /** The process or thread before did not stop in order. */
  readonly wasUnclean: boolean;
  /** Messages from this id on are new. */
  readonly beforeId: number;
  /** Which of these messages are another thread's to take up, or in its hands. */
  readonly elsewhere: (messageIds: readonly number[]) => Promise<ReadonlySet<number>>;
  /** Messages that were being worked on when the thread before died. */
  readonly suspects: readonly number[];
}

/**
 * The queue of one transport thread: Submission, the delivery queues that it owns, and on the first
 * thread Unreachable. The stages meet only here.
 */
export class TransportQueue implements SubmissionQueue {
  readonly #context: QueueContext;
  readonly #threadIndex: number;
  readonly #ids: IdSource;
  readonly #settler: Settler;
  readonly #storage: QueueStorage;
  readonly #owner: DeliveryOwner;
  readonly #submission: SubmissionOwner;
  readonly #handover: Handover;
  readonly #poison: PoisonDetector;
  readonly #sweep: NoticeSweep;
  readonly #pressure: PressureGauge;
  #timer: Timer | undefined;
  #isMaintaining = false;
  #isStopped = false;

  constructor(parts: {
    readonly context: QueueContext;
    readonly threadIndex: number;
    readonly threadCount: number;
    readonly categorize: (nextMessageId: () => number | Promise<number>) => Categorize;
    readonly pressure: PressureGauge;
  }) {
    const { context } = parts;
    this.#context = context;
    this.#threadIndex = parts.threadIndex;
    this.#pressure = parts.pressure;
    this.#ids = new IdSource(context.store);
    const nextMessageId = () => this.#ids.next();
    this.#settler = new Settler(context, nextMessageId);
    this.#storage = new QueueStorage(context, this.#settler);
    this.#poison = new PoisonDetector(context, this.#settler);
    this.#handover = new Handover({
      ownIndex: parts.threadIndex,
      threadCount: parts.threadCount,
      receive: (delivery) => this.#receive(delivery),
    });
    this.#submission = new SubmissionOwner({
      context,
      settler: this.#settler,
      host: {
        categorize: parts.categorize(nextMessageId),
        deliver: ({ key, message, recipients, content }) =>
          this.#deliver({ key, message, recipients, content }),
        crashed: (message, recipients, error) =>
          void this.#submissionCrashed(message, recipients, error),
      },
    });
    this.#owner = new DeliveryOwner({
      context,
      settler: this.#settler,
      storage: this.#storage,
      host: {
        categorizeNotices: (notices) => this.#submission.categorizeNotices(notices),
        recategorize: (queue, deliveries) => this.#recategorize(queue, deliveries),
        crashed: (queue, deliveries, error) => void this.#deliveryCrashed(queue, deliveries, error),
      },
    });
    this.#sweep = new NoticeSweep({
      context,
      settler: this.#settler,
      isMine: (queueId) => this.#isMine(queueId),
      connectorOf: (queueId) => this.#queueOf(queueId)?.key.nextHopConnector ?? "",
      categorizeNotices: (notices) => this.#submission.categorizeNotices(notices),
    });
  }

  /** Takes up what the store holds for this thread. Resolves when new mail may come; the rest goes on behind. */
  async open(state: OpeningState): Promise<void> {
    const poisoned = await this.#poison.suspect(state.suspects);
    const suspects = state.suspects.filter((id) => !poisoned.has(id));
    for (const id of suspects) await this.#moveToSubmission(id);
    const queues = await this.#context.store.listQueues();
    const own = queues.filter(
      ({ id, key }) => id > SUBMISSION_QUEUE_ID && this.#handover.owns(key),
    );
    await this.#owner.open(own);
    this.#background(this.#takeUp(state, suspects));
    this.#scheduleMaintenance();
  }

  async #takeUp(state: OpeningState, suspects: readonly number[]): Promise<void> {
    const { beforeId, wasUnclean } = state;
    const elsewhere = async (ids: readonly number[], apart: readonly number[]) =>
      new Set([...(await state.elsewhere(ids)), ...this.inventory(), ...apart]);
    const count = await this.#submission.recover({
      beforeId,
      wasUnclean,
      elsewhere: (ids) => elsewhere(ids, suspects),
    });
    if (count > 0) this.#context.diagnostics.info("submission-recovered", { messages: count });
    for (const suspect of suspects) {
      // One at a time: if one of them is fatal, the others must not be counted with it again.
      await this.#submission.recover({
        beforeId,
        wasUnclean,
        elsewhere: (ids) =>
          elsewhere(
            ids,
            ids.filter((id) => id !== suspect),
          ),
      });
      await this.#submission.drain(SUSPECT_WAIT_MS);
    }
    await this.#resubmitUnreachable();
  }

  /** Connects to another transport thread. */
  connect(index: number, port: MessagePort): void {
    this.#handover.connect(index, port);
  }

  submit(submission: Submission): Promise<void> {
    return this.#submission.submit(submission);
  }

  /**
   * Fails a message that never entered the queue, and tells its sender. Resolves once the notice is
   * durable; rejects with StoreFailure, and then nothing of it remains.
   */
  async reject(submission: Submission, fault: Fault): Promise<void> {
    const { message, recipients } = submission;
    const { change, settled } = await this.#settler.plan({
      message,
      content: submittedContent(submission, this.#context.store),
      endings: recipients.map((recipient) => ({ recipient, ending: { kind: "failed", fault } })),
      queueId: () => SUBMISSION_QUEUE_ID,
      connector: "",
      possibleDuplicate: false,
    });
    await this.#context.store.commit({
      ...change,
      events: submission.events + (change.events ?? ""),
    });
    this.#submission.categorizeNotices(settled.notices);
    if (submission.firstChunk > 0) await this.#context.store.discardContent(message.contentId);
  }

  /** Makes tracking lines durable that belong to no stored message. Rejects with StoreFailure. */
  record(events: string): Promise<void> {
    return this.#context.store.commit({ events });
  }

  nextMessageId(): number | Promise<number> {
    return this.#ids.next();
  }

  appendContent(contentId: number, index: number, bytes: Uint8Array): Promise<void> {
    return this.#context.store.appendContent(contentId, index, bytes);
  }

  discardContent(contentId: number): Promise<void> {
    return this.#context.store.discardContent(contentId);
  }

  admits(_source: "SMTP" | "PICKUP"): boolean {
    return !this.#isStopped && !this.#pressure.rejects;
  }

  /** Milliseconds to hold back the reply to MAIL. */
  get mailDelayMs(): number {
    return this.#pressure.pressure.delayMs;
  }

  /** Ids of all messages that this thread has in hand and that the store has as submitted. */
  inventory(): readonly number[] {
    const ids = [...this.#submission.inHandIds(), ...this.#handover.pendingIds()];
    for (const queue of this.#owner.queues.values()) {
      for (const held of [...queue.ready.values(), ...queue.inHand]) {
        if (!held.stored) ids.push(held.message.id);
      }
    }
    return ids;
  }

  /** Figures for metrics, back pressure and the watchdog. */
  figures(): QueueFigures {
    const { queues } = this.#owner;
    return queueFigures(queues.values(), {
      nowMs: this.#context.clock.nowMs(),
      submissionLength: this.#submission.length,
      stalledMs: (queue) => this.#owner.stalledMs(queue),
    });
  }

  /** Routes may have changed: what waits for another try or a route is categorized again. */
  organizationChanged(before: Organization, now: Organization): void {
    const routes = (organization: Organization) =>
      JSON.stringify([organization.sendConnectors, organization.acceptedDomains]);
    if (routes(before) === routes(now)) return;
    this.#background(this.#resubmitUnreachable());
    for (const queue of this.#owner.queues.values()) {
      if (queue.laneCount === 0 || queue.state.failureCount > 0) {
        this.#background(this.#owner.resubmit(queue));
      }
    }
  }

  /** Finishes what is under way, puts the rest down in the store; resolves when all is durable. */
  async stop(waitMs: number): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#submission.drain(waitMs);
    await this.#owner.stop();
  }

  #deliver(delivery: Omit<RoutedDelivery, "piece"> & { readonly content: MessageContent }): void {
    const { key, message, recipients, content } = delivery;
    if (this.#handover.owns(key)) {
      this.#owner.add(key, hold(message, recipients, content));
      return;
    }
    this.#handover.send({ key, message, recipients, piece: content.piece });
    content.release();
  }

  #receive({ key, message, recipients, piece }: RoutedDelivery): void {
    const { store, budget } = this.#context;
    const { contentId, contentBytes: bytes } = message;
    const content = new MessageContent({ store, budget, contentId, bytes, piece });
    this.#owner.add(key, hold(message, recipients, content));
  }

  async #recategorize(queue: DeliveryQueue, deliveries: readonly Held[]): Promise<void> {
    for (const held of deliveries) {
      await this.#submission.resubmit(held.message, held.recipients);
      if (held.stored) queue.storedCount -= held.recipients.length;
      held.content.release();
    }
  }

  async #submissionCrashed(
    message: QueuedMessage,
    recipients: readonly QueuedRecipient[],
    error: unknown,
  ): Promise<void> {
    await this.#poison.broke(message, recipients, { queueId: () => SUBMISSION_QUEUE_ID, error });
  }

  async #deliveryCrashed(
    queue: DeliveryQueue,
    deliveries: readonly Held[],
    error: unknown,
  ): Promise<void> {
    for (const held of deliveries) {
      const queueId = () => this.#storage.storeId(queue);
      const waits = await this.#poison.broke(held.message, held.recipients, { queueId, error });
      queue.inHand.delete(held);
      held.content.release();
      if (held.stored && waits === undefined) queue.storedCount -= held.recipients.length;
      if (!held.stored && waits !== undefined) queue.storedCount += held.recipients.length;
      if (waits !== undefined) this.#owner.wakeAt(queue, waits.dueMs);
    }
  }

  async #moveToSubmission(messageId: number): Promise<void> {
    const stored = await this.#context.store.readMessage(messageId);
    if (stored === undefined) return;
    const recipients = stored.recipients.filter(
      ({ placement }) => placement.queueId >= SUBMISSION_QUEUE_ID,
    );
    const placement = { queueId: SUBMISSION_QUEUE_ID, dueMs: 0 };
    await this.#settler.persist(() =>
      this.#context.store.commit({
        putRecipients: recipients.map((placed) => ({ ...placed, placement })),
      }),
    );
  }

  /** Only the first thread owns Unreachable. */
  async #resubmitUnreachable(): Promise<void> {
    if (this.#threadIndex !== 0) return;
    const { store, clock } = this.#context;
    let after: { dueMs: number; messageId: number; position: number } = AFTER_LEASED;
    while (!this.#isStopped) {
      const page = { dueMs: clock.nowMs(), limit: UNREACHABLE_PAGE, after };
      const stored = await store.readQueue(UNREACHABLE_QUEUE_ID, page);
      const last = stored.at(-1)?.recipients.at(-1);
      if (last === undefined) return;
      for (const { message, recipients } of stored) {
        const waiting = recipients.filter(({ recipient }) => !recipient.suspended);
        await this.#submission.resubmit(
          message,
          waiting.map(({ recipient }) => recipient),
        );
      }
      const { messageId, recipient, placement } = last;
      after = { dueMs: placement.dueMs, messageId, position: recipient.position };
    }
  }

  #scheduleMaintenance(): void {
    this.#timer = this.#context.clock.startTimer(SECOND, () => {
      if (this.#isStopped) return;
      this.#scheduleMaintenance();
      this.#owner.maintain();
      if (this.#isMaintaining) return;
      this.#isMaintaining = true;
      const sweep = async () => {
        try {
          await this.#sweep.run();
          if (this.#threadIndex === 0) await this.#submission.retryDeferred();
        } finally {
          this.#isMaintaining = false;
        }
      };
      this.#background(sweep());
    });
  }

  #isMine(queueId: number): boolean {
    if (queueId === UNREACHABLE_QUEUE_ID) return this.#threadIndex === 0;
    return this.#queueOf(queueId) !== undefined;
  }

  #queueOf(queueId: number): DeliveryQueue | undefined {
    for (const queue of this.#owner.queues.values()) if (queue.storeId === queueId) return queue;
    return undefined;
  }

  /** The store's refusals pass: the next second tries again. Anything else is our fault and ends the thread. */
  #background(job: Promise<unknown>): void {
    job.catch((error: unknown) => {
      if (error instanceof StoreFailure) return;
      queueMicrotask(() => {
        throw error;
      });
    });
  }
}

const SUSPECT_WAIT_MS = 10 * SECOND;
const UNREACHABLE_PAGE = 500;

function hold(
  message: QueuedMessage,
  recipients: readonly QueuedRecipient[],
  content: MessageContent,
): Held {
  const possibleDuplicate = recipients.some(({ attemptUnknown }) => attemptUnknown === true);
  return { message, recipients, content, possibleDuplicate, stored: false };
}
