import type { MessagePort } from "node:worker_threads";
import type { Timer } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import type { Organization } from "../../org/organization.ts";
import { isSetAside } from "../../store/queue-rows.ts";
import {
  type RecipientKey,
  StoreFailure,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { Categorize } from "./categorization.ts";
import { DeliveryOwner } from "./delivery-owner.ts";
import { type DeliveryQueue, holdDelivery } from "./delivery-queue.ts";
import { FixedQueues } from "./fixed-queues.ts";
import { Handover, holdingOf, type RoutedDelivery } from "./handover.ts";
import { type Holding, selectHeld } from "./holding.ts";
import { IdSource } from "./id-source.ts";
import { MessageContent } from "./message-content.ts";
import { NoticeSweep } from "./notice-sweep.ts";
import type { Fault } from "./outcome.ts";
import { PoisonDetector } from "./poison.ts";
import type { PressureGauge } from "./pressure.ts";
import { QueueAdministration } from "./queue-administration.ts";
import type { QueueContext } from "./queue-context.ts";
import { type QueueFigures, queueFigures } from "./queue-figures.ts";
import { QueueStorage } from "./queue-storage.ts";
import { QueueViews } from "./queue-views.ts";
import { type OpeningState, Recovery } from "./recovery.ts";
import { rejectSubmission } from "./rejection.ts";
import { Settler } from "./settler.ts";
import type { Submission, SubmissionQueue } from "./submission.ts";
import { SubmissionOwner } from "./submission-owner.ts";

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
  readonly #recovery: Recovery;
  readonly #fixed: FixedQueues;
  /** Administrator's acts on what this thread holds. */
  readonly administration: QueueAdministration;
  /** What administrators see of what this thread holds. */
  readonly views: QueueViews;
  readonly #pressure: PressureGauge;
  /** What other threads have handed over before the queues here were open. */
  readonly #early: RoutedDelivery[] = [];
  #isOpen = false;
  #timer: Timer | undefined;
  #secondsUntilForget = FORGET_SECONDS;
  #isMaintaining = false;
  #isStopped = false;
  #isTakenUp = false;
  readonly #takenUp = Promise.withResolvers<void>();

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
    this.#fixed = new FixedQueues(context, this.#settler);
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
        isSuspended: () => this.#fixed.isSuspended(SUBMISSION_QUEUE_ID),
        crashed: ({ message, recipients }, error) =>
          this.#poison.submissionBroke(message, recipients, error),
      },
    });
    this.#owner = new DeliveryOwner({
      context,
      settler: this.#settler,
      storage: this.#storage,
      host: {
        categorizeNotices: (notices) => this.#submission.categorizeNotices(notices),
        recategorize: (deliveries) => this.#submission.resubmit(deliveries),
        crashed: async (queue, { message, recipients }, error) => {
          const queueId = () => this.#storage.storeId(queue);
          const waits = await this.#poison.deliveryBroke(message, recipients, { queueId, error });
          if (waits !== undefined) this.#owner.wakeAt(queue, waits.dueMs);
        },
      },
    });
    this.#recovery = new Recovery({
      ...parts,
      settler: this.#settler,
      storage: this.#storage,
      submission: this.#submission,
      held: (recipients) => this.holds(recipients, parts.threadIndex),
      isBusyWith: (messageId) => this.#isBusyWith(messageId),
      isStopped: () => this.#isStopped,
    });
    this.#sweep = this.#createSweep();
    this.administration = this.#createAdministration();
    this.views = new QueueViews({
      context,
      storage: this.#storage,
      owner: this.#owner,
      fixed: this.#fixed,
      submission: this.#submission,
      pending: (messageId) => this.administration.pending(messageId),
    });
  }

  /** Takes up what the store holds for this thread. Resolves when new mail may come. */
  async open(state: OpeningState): Promise<void> {
    const poisoned = await this.#poison.blame(state.blamed);
    for (const messageId of poisoned) state.cleared(messageId);
    const suspects = state.suspects.filter((id) => !poisoned.has(id));
    const queues = await this.#context.store.listQueues();
    this.#fixed.open(queues);
    const own = queues.filter(
      ({ id, key }) => id > SUBMISSION_QUEUE_ID && this.#handover.owns(key),
    );
    await this.#recovery.setApart(suspects, new Set(own.map(({ id }) => id)));
    await this.#owner.open(own);
    this.#isOpen = true;
    for (const delivery of this.#early.splice(0)) this.#receive(delivery);
    const takeUp = async () => {
      const isDone = await this.#recovery.takeUp(state, suspects);
      this.#isTakenUp = isDone || !state.wasUnclean;
      this.#takenUp.resolve();
      await this.#resubmitUnreachable();
    };
    this.#background(takeUp());
    this.#scheduleMaintenance(state);
  }

  /** Resolves once all that a thread or process before had in hand is in hand here. */
  get takenUp(): Promise<void> {
    return this.#takenUp.promise;
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
    const { store } = this.#context;
    const notices = await rejectSubmission(submission, fault, { store, settler: this.#settler });
    this.#submission.categorizeNotices(notices);
    if (submission.firstChunk > 0) await store.discardContent(submission.message.contentId);
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

  readonly readContent: SubmissionQueue["readContent"] = (contentId, index) =>
    this.#context.store.readContent(contentId, index);

  admits(_source: "SMTP" | "PICKUP"): boolean {
    return !this.#isStopped && !this.#pressure.rejects && this.#pressure.takesMail;
  }

  /** Milliseconds to hold back the reply to MAIL. */
  get mailDelayMs(): number {
    return this.#pressure.pressure.delayMs;
  }

  /** Which of these recipients this thread has in hand, or takes up before thread `asker`. */
  holds(recipients: readonly RecipientKey[], asker: number): readonly RecipientKey[] {
    const held = new Set(selectHeld(recipients, this.#holdings(asker)));
    return recipients.filter((key) => held.has(key) || this.#recovery.claims(key, asker));
  }

  *#holdings(asker: number): Iterable<Holding> {
    yield* this.#inHand();
    yield* this.#handover.holdings(asker);
  }

  /** What this thread works on, or has to. */
  *#inHand(): Iterable<Holding> {
    yield* this.#submission.holdings();
    yield* this.#settler.holdings();
    yield* this.#early.map(holdingOf);
    for (const queue of this.#owner.queues.values()) {
      for (const held of [...queue.ready.values(), ...queue.inHand]) {
        const positions = held.recipients.map(({ position }) => position);
        yield { messageId: held.message.id, positions };
      }
    }
  }

  #isBusyWith(messageId: number): boolean {
    for (const holding of this.#inHand()) if (holding.messageId === messageId) return true;
    return false;
  }

  /** Figures for metrics, back pressure and the watchdog. */
  figures(): QueueFigures {
    return queueFigures(this.#owner.queues.values(), {
      nowMs: this.#context.clock.nowMs(),
      submissionLength: this.#submission.length + this.#handover.pendingCount,
      stalledMs: (queue) => this.#owner.stalledMs(queue),
    });
  }

  /**
   * Lanes end with the message in hand, and connections that idle at once: the next ones are as the
   * configuration now says. Where routes may have changed, what waits is categorized again.
   */
  organizationChanged(before: Organization, now: Organization): void {
    const queues = [...this.#owner.queues.values()];
    for (const queue of queues) queue.releaseWaiting();
    const routes = (organization: Organization) =>
      JSON.stringify([organization.sendConnectors, organization.acceptedDomains]);
    if (routes(before) === routes(now)) return;
    this.#recovery.routesChanged();
    this.#background(this.#resubmitUnreachable());
    for (const queue of queues) this.#background(this.#owner.resubmit(queue));
  }

  /**
   * Finishes what is under way, puts the rest down in the store; resolves when all is durable, and
   * false when the start had not come to some that may have been attempted before it.
   */
  async stop(waitMs: number): Promise<boolean> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#submission.drain(waitMs);
    await this.#owner.stop();
    return this.#isTakenUp;
  }

  #createSweep(): NoticeSweep {
    return new NoticeSweep({
      context: this.#context,
      settler: this.#settler,
      storage: this.#storage,
      broke: (message, error) => this.#poison.count(message, error),
      isMine: (queueId) => this.#isMine(queueId),
      connectorOf: (queueId) => this.#queueOf(queueId)?.key.nextHopConnector ?? "",
      categorizeNotices: (notices) => this.#submission.categorizeNotices(notices),
    });
  }

  #createAdministration(): QueueAdministration {
    const isFirst = this.#threadIndex === 0;
    return new QueueAdministration({
      context: this.#context,
      settler: this.#settler,
      storage: this.#storage,
      owner: this.#owner,
      fixed: this.#fixed,
      submission: this.#submission,
      isFirst,
      owns: (key) => this.#handover.owns(key),
      isMine: (queueId) => this.#isMine(queueId) || (isSetAside(queueId) && isFirst),
      resubmitUnreachable: () => this.#resubmitUnreachable(),
      background: (job) => this.#background(job),
    });
  }

  #deliver(delivery: Omit<RoutedDelivery, "piece"> & { readonly content: MessageContent }): void {
    const { key, message, recipients, content } = delivery;
    if (this.#handover.owns(key)) {
      this.#owner.add(key, holdDelivery(message, recipients, content));
      return;
    }
    this.#handover.send({ key, message, recipients, piece: content.piece });
    content.release();
  }

  #receive(delivery: RoutedDelivery): void {
    if (!this.#isOpen) {
      // An attempt now could end before what the store has for its queue is taken over.
      this.#early.push(delivery);
      return;
    }
    const { key, message, recipients, piece } = delivery;
    const { store, budget } = this.#context;
    const { contentId, contentBytes: bytes } = message;
    const content = new MessageContent({ store, budget, contentId, bytes, piece });
    this.#owner.add(key, holdDelivery(message, recipients, content));
  }

  /** Only the first thread owns Unreachable. */
  async #resubmitUnreachable(): Promise<void> {
    if (this.#threadIndex !== 0 || this.#fixed.isSuspended(UNREACHABLE_QUEUE_ID)) return;
    await this.#recovery.resubmitUnreachable();
  }

  #scheduleMaintenance(state: OpeningState): void {
    this.#timer = this.#context.clock.startTimer(SECOND, () => {
      if (this.#isStopped) return;
      this.#scheduleMaintenance(state);
      this.#recovery.clearTried(state);
      this.#owner.maintain();
      this.#secondsUntilForget -= 1;
      if (this.#secondsUntilForget === 0) {
        this.#secondsUntilForget = FORGET_SECONDS;
        this.#handover.forget();
      }
      if (this.#isMaintaining) return;
      this.#isMaintaining = true;
      const sweep = async () => {
        try {
          await this.#sweep.run();
          await this.administration.quarantine.expire();
          await this.administration.safetyNet.run();
          const isHeld = this.#fixed.isSuspended(SUBMISSION_QUEUE_ID);
          if (this.#threadIndex === 0 && !isHeld) await this.#recovery.retryDeferred();
          if (this.#recovery.areRoutesEverywhere()) await this.#resubmitUnreachable();
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

  /**
   * The store's refusals pass: the next second tries again. Anything else is our fault and ends the
   * thread.
   */
  #background(job: Promise<unknown>): void {
    job.catch((error: unknown) => {
      if (error instanceof StoreFailure) return;
      queueMicrotask(() => {
        throw error;
      });
    });
  }
}

/** What other threads have taken is remembered for longer than they need to answer a question. */
const FORGET_SECONDS = 10;
