import type { Clock, Timer } from "../../base/clock.ts";
import type { TransportService } from "../../org/organization.ts";
import { HEALTHY } from "../../store/queue-rows.ts";
import type {
  QueuedMessage,
  QueuedRecipient,
  QueueKey,
  QueueState,
} from "../../store/queue-store.ts";
import type { Delivery } from "./courier.ts";
import { HopPace } from "./hop-pace.ts";
import type { MessageContent } from "./message-content.ts";
import { MinuteRate } from "./minute-rate.ts";
import type { Fault } from "./outcome.ts";
import { PriorityFifo } from "./priority-fifo.ts";
import type { QueueContext } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import { queueRetryIntervalMs } from "./retry-plan.ts";

/** A delivery as its owner holds it. */
export interface Held extends Delivery {
  readonly content: MessageContent;
  /** Its recipients are stored in this queue (leased); otherwise they are stored as submitted. */
  readonly stored: boolean;
}

/** A delivery that has just come from the categorizer. */
export function holdDelivery(
  message: QueuedMessage,
  recipients: readonly QueuedRecipient[],
  content: MessageContent,
): Held {
  const possibleDuplicate = recipients.some(({ attemptUnknown }) => attemptUnknown === true);
  return { message, recipients, content, possibleDuplicate, stored: false };
}

/** Deliveries that a busy lane is trusted to get to soon. */
const DELIVERIES_PER_LANE = 2;
/** How long a queue that was refused further connections keeps to those it has. */
const LANE_LIMIT_MS = 60_000;

/** Whether busy lanes are trusted with what is ready, or every delivery gets a lane if it can. */
export type Spread = "needed" | "all";

/** Status of a queue (reference §5.3). */
export type QueueStatus = "Active" | "Connecting" | "Ready" | "Retry" | "Suspended";

/**
 * One delivery queue as its owning thread holds it: what is ready in memory, its lanes, its
 * back-off. Decides only from what it holds; the store and the lanes are its owner's business.
 */
export class DeliveryQueue {
  readonly key: QueueKey;
  readonly keyText: string;
  readonly ready = new PriorityFifo<Held>();
  readonly pace = new HopPace();
  /** Deliveries that joined the queue, and those that left it for good. */
  readonly incoming = new MinuteRate();
  readonly outgoing = new MinuteRate();
  /** Taken by lanes or being settled. */
  readonly inHand = new Set<Held>();
  /** Open lanes, and those of them that have a connection. */
  laneCount = 0;
  connectedCount = 0;
  /** Lanes that keep their connection for the next delivery. */
  readonly waiting: ((held: Held | undefined) => void)[] = [];
  state: QueueState = HEALTHY;
  /** Set once the queue has a row in the store. */
  storeId: number | undefined;
  #mayHaveStored = false;
  #storedMark = 0;
  storedCount = 0;
  isLoading = false;
  /** When something last went out or was tried. */
  lastProgressMs: number;
  /** Since when due mail lies without an attempt; the watchdog's. */
  dueSinceMs: number | undefined;
  /** The back-off that ended with a connection which has served nothing yet. */
  #endedBackOff: Pick<QueueState, "failureCount" | "firstRetryMs"> | undefined;
  readonly #clock: Clock;
  readonly #sendsMail: () => boolean;
  readonly #monotonicMs = () => this.#clock.monotonicMs();
  #laneLimit = Number.POSITIVE_INFINITY;
  #laneLimitUntilMs = 0;
  timer: Timer | undefined;
  /** Runs while deliveries are left to busy lanes: when it rings they have waited long enough. */
  lingerTimer: Timer | undefined;
  /** Epoch ms for which `timer` is set. */
  wakeMs: number | undefined;

  constructor(key: QueueKey, context: Pick<QueueContext, "clock" | "sendsMail">) {
    this.key = key;
    this.keyText = formatQueueKey(key);
    this.#clock = context.clock;
    this.#sendsMail = context.sendsMail ?? (() => true);
    this.lastProgressMs = context.clock.monotonicMs();
  }

  /** Whether the store may hold recipients that are due and not leased. */
  get mayHaveStored(): boolean {
    return this.#mayHaveStored;
  }

  /** Something due has been stored, or has come due there. */
  markStored(): void {
    this.#mayHaveStored = true;
    this.#storedMark += 1;
  }

  /** Changes with every `markStored`. */
  get storedMark(): number {
    return this.#storedMark;
  }

  /**
   * A look that began at `seen` found nothing more, unless something was stored in the meantime.
   */
  loadedAll(seen: number): void {
    if (this.#storedMark === seen) this.#mayHaveStored = false;
  }

  /** True while nothing may leave: suspended, out of service, or waiting for its next attempt. */
  isHeldBack(nowMs: number): boolean {
    if (this.#isSuspended) return true;
    return this.state.nextRetryMs !== undefined && nowMs < this.state.nextRetryMs;
  }

  get #isSuspended(): boolean {
    return this.state.suspended || !this.#sendsMail();
  }

  status(nowMs: number): QueueStatus {
    if (this.#isSuspended) return "Suspended";
    if (this.isHeldBack(nowMs)) return "Retry";
    if (this.laneCount > 0) return this.connectedCount > 0 ? "Active" : "Connecting";
    return "Ready";
  }

  /** How many more lanes to open now. A queue that failed tries with one first. */
  lanesWanted(
    laneMax: number,
    options: { readonly nowMs: number; readonly spread: Spread },
  ): number {
    const { nowMs, spread } = options;
    if (this.ready.length === 0 || this.waiting.length > 0 || this.isHeldBack(nowMs)) return 0;
    if (this.paceWaitMs > 0) return 0;
    if (this.state.failureCount > 0 && this.connectedCount === 0) return this.laneCount > 0 ? 0 : 1;
    if (nowMs >= this.#laneLimitUntilMs) this.#laneLimit = Number.POSITIVE_INFINITY;
    const left = spread === "all" ? this.ready.length : this.#beyondBusy / DELIVERIES_PER_LANE;
    return Math.max(
      0,
      Math.min(Math.ceil(left), Math.min(laneMax, this.#laneLimit) - this.laneCount),
    );
  }

  /** Milliseconds until the pace lets the next delivery go. */
  get paceWaitMs(): number {
    return this.pace.waitMs(this.#monotonicMs);
  }

  /** Adds a delivery; `wake` and `lanesWanted` say who takes it. */
  add(held: Held): void {
    this.ready.push(held, held.message.priority);
  }

  /**
   * Hands deliveries to lanes that wait for one. Those that the busy lanes will come to by
   * themselves are left to them: a connection that goes from message to message costs less than two
   * that pause.
   */
  wake(options: { readonly nowMs: number; readonly spread: Spread }): void {
    if (this.isHeldBack(options.nowMs)) return;
    while (
      this.ready.length > 0 &&
      this.paceWaitMs === 0 &&
      (options.spread === "all" || this.#beyondBusy > 0)
    ) {
      const lane = this.waiting.pop();
      if (lane === undefined) return;
      lane(this.take());
    }
  }

  /** Deliveries that the busy lanes will not get to soon. */
  get #beyondBusy(): number {
    const busyCount = this.laneCount - this.waiting.length;
    return this.ready.length - busyCount * DELIVERIES_PER_LANE;
  }

  /** The next delivery for a lane. */
  take(): Held | undefined {
    if (this.isHeldBack(this.#clock.nowMs()) || this.paceWaitMs > 0) return undefined;
    const held = this.ready.shift();
    if (held === undefined) return undefined;
    this.inHand.add(held);
    this.pace.taken(this.#monotonicMs);
    return held;
  }

  /** The hop answered: the back-off is over. Returns whether the stored state has to change. */
  connected(): boolean {
    this.connectedCount += 1;
    this.lastProgressMs = this.#clock.monotonicMs();
    const { failureCount, firstRetryMs, suspended, suspendedBy, suspendedMs } = this.state;
    if (failureCount === 0) return false;
    this.#endedBackOff = { failureCount, firstRetryMs };
    this.state = { ...HEALTHY, suspended, suspendedBy, suspendedMs };
    return true;
  }

  /** The hop took or refused a message for good: it works, and its next failure is a first one. */
  served(): void {
    this.#endedBackOff = undefined;
  }

  /**
   * A lane could not connect. While others have a connection, the hop only wants no more of them;
   * otherwise the queue backs off. Returns whether it does.
   */
  failed(fault: Fault, settings: { readonly service: TransportService }): boolean {
    const nowMs = this.#clock.nowMs();
    if (this.connectedCount > 0) {
      this.#laneLimit = this.connectedCount;
      this.#laneLimitUntilMs = nowMs + LANE_LIMIT_MS;
      return false;
    }
    // Several lanes that fail together are one failed attempt.
    if (this.isHeldBack(nowMs)) return false;
    // A hop that answers and then breaks off at every message has not got better in between.
    const before = this.state.failureCount > 0 ? this.state : (this.#endedBackOff ?? this.state);
    this.#endedBackOff = undefined;
    const failureCount = before.failureCount + 1;
    const spread = { service: settings.service, random: this.#clock.random() };
    this.state = {
      ...this.state,
      failureCount,
      firstRetryMs: before.firstRetryMs ?? nowMs,
      lastRetryMs: nowMs,
      nextRetryMs: nowMs + queueRetryIntervalMs(failureCount, this.key.deliveryType, spread),
      lastError: fault.diagnostic,
    };
    this.lastProgressMs = this.#clock.monotonicMs();
    return true;
  }

  /** A delivery is done with all of its recipients. */
  left(): void {
    this.outgoing.add(this.#clock.monotonicMs());
  }

  /** Ends every wait for a next delivery, so that the lanes close their connections. */
  releaseWaiting(): void {
    for (const lane of this.waiting.splice(0)) lane(undefined);
  }

  /**
   * Whether nothing of it is left in memory or in the store: for what waits there, it is to wake.
   */
  get isEmpty(): boolean {
    return (
      this.ready.length === 0 &&
      this.inHand.size === 0 &&
      this.laneCount === 0 &&
      !this.mayHaveStored &&
      !this.isLoading &&
      this.wakeMs === undefined
    );
  }
}
