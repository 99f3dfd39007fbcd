import { type QueueKey, type StoredQueue, StoreFailure } from "../../store/queue-store.ts";
import type { LaneEnd, RecipientOutcome } from "./courier.ts";
import { DeliveryQueue, type Held, type Spread } from "./delivery-queue.ts";
import { type LaneHost, runLane } from "./lane-run.ts";
import type { Notice } from "./notices.ts";
import type { Fault } from "./outcome.ts";
import { type QueueContext, STORE_RETRY_MS } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { Settler } from "./settler.ts";

/** Deliveries that a queue keeps in memory at most; more wait in the store. */
const READY_MAX = 8_000;
/** Fewer than these in memory, and the next page is read. */
const READY_LOW = 100;
/** Settlements on their way to the store at most; beyond, lanes wait. */
const SETTLING_MAX = 2_000;
/** How long a delivery may be left to busy lanes before it gets one of its own. */
const LINGER_MS = 20;
/** Due mail without an attempt for this long is a fault of ours. */
const STALLED_MS = 30_000;

/** What the owner of the delivery queues needs from the rest of the queue. */
export interface OwnerHost {
  /** Notices that have become durable go to the categorizer. */
  readonly categorizeNotices: (notices: readonly Notice[]) => void;
  /** Sends deliveries back to the categorizer; their recipients are stored as submitted by then. */
  readonly recategorize: (queue: DeliveryQueue, deliveries: readonly Held[]) => Promise<void>;
  /** A courier broke on these deliveries: counts the crash, sets poison aside, defers the rest. */
  readonly crashed: (queue: DeliveryQueue, deliveries: readonly Held[], error: unknown) => void;
}

/** All delivery queues that this transport thread owns, with their lanes, timers and limits. */
export class DeliveryOwner {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  readonly #storage: QueueStorage;
  readonly #host: OwnerHost;
  readonly #queues = new Map<string, DeliveryQueue>();
  readonly #stop = new AbortController();
  /** The whole queue fails so: its hop can never be reached. */
  readonly #impossible = new Map<DeliveryQueue, Fault>();
  #laneCount = 0;
  #settlingCount = 0;
  readonly #jobs = new Set<Promise<void>>();

  constructor(parts: {
    readonly context: QueueContext;
    readonly settler: Settler;
    readonly storage: QueueStorage;
    readonly host: OwnerHost;
  }) {
    this.#context = parts.context;
    this.#settler = parts.settler;
    this.#storage = parts.storage;
    this.#host = parts.host;
  }

  /** Takes over the queues that the store has for this thread; their back-off goes on. */
  async open(stored: readonly StoredQueue[]): Promise<void> {
    for (const { id, key, state, recipientCount } of stored) {
      const queue = this.#open(key);
      queue.storeId = id;
      queue.state = state;
      queue.storedCount = recipientCount;
      queue.mayHaveStored = recipientCount > 0;
      if (recipientCount > 0) {
        for (const held of await this.#storage.reclaim(queue)) queue.add(held);
      }
      this.pump(queue);
    }
  }

  /** Adds one delivery to its queue. */
  add(key: QueueKey, held: Held): void {
    const queue = this.#open(key);
    if (queue.ready.length >= READY_MAX) {
      this.#park(queue, [held], undefined);
      return;
    }
    queue.add(held);
    this.pump(queue);
  }

  /** All queues owned here. */
  get queues(): ReadonlyMap<string, DeliveryQueue> {
    return this.#queues;
  }

  /** Opens lanes, reads pages and sets timers, as the queue's state asks. Safe to call at any time. */
  pump(queue: DeliveryQueue): void {
    const nowMs = this.#context.clock.nowMs();
    if (this.#stop.signal.aborted) return;
    if (queue.isHeldBack(nowMs)) {
      queue.releaseWaiting();
      this.#parkReady(queue);
      const { nextRetryMs, suspended } = queue.state;
      if (!suspended && nextRetryMs !== undefined) this.wakeAt(queue, nextRetryMs);
      return;
    }
    const fault = this.#impossible.get(queue);
    if (fault !== undefined) this.#failReady(queue, fault);
    if (queue.mayHaveStored && !queue.isLoading && queue.ready.length < READY_LOW)
      this.#load(queue);
    if (fault !== undefined) {
      if (!queue.mayHaveStored && !queue.isLoading) this.#impossible.delete(queue);
      return;
    }
    this.#distribute(queue, "needed");
    // A busy lane may be at something long; what was left to it waits no longer than this.
    if (queue.ready.length > 0 && queue.lingerTimer === undefined) {
      queue.lingerTimer = this.#context.clock.startTimer(LINGER_MS, () => {
        queue.lingerTimer = undefined;
        if (!this.#stop.signal.aborted) this.#distribute(queue, "all");
      });
    }
  }

  #distribute(queue: DeliveryQueue, spread: Spread): void {
    const nowMs = this.#context.clock.nowMs();
    queue.wake({ nowMs, spread });
    const { maxOutboundConnections } = this.#context.organization().transportService;
    let wanted = queue.lanesWanted(this.#laneMax(queue), { nowMs, spread });
    for (; wanted > 0; wanted -= 1) {
      if (this.#laneCount * this.#context.threadCount >= maxOutboundConnections) return;
      this.#openLane(queue);
    }
  }

  /** Sends everything that waits in a queue back to the categorizer (routes have changed, or long failure). */
  async resubmit(queue: DeliveryQueue): Promise<void> {
    await this.#host.recategorize(queue, queue.ready.drain());
    while (queue.mayHaveStored && !this.#stop.signal.aborted) {
      const held = await this.#storage.lease(queue);
      if (held.length === 0) queue.mayHaveStored = false;
      else await this.#host.recategorize(queue, held);
    }
  }

  /** Once a second: wakes what a lost timer would leave asleep, and removes queues long empty. */
  maintain(): void {
    const monotonicMs = this.#context.clock.monotonicMs();
    const { queueMaxIdleTimeMs, maxIdleTimeBeforeResubmitMs } =
      this.#context.organization().transportService;
    for (const queue of this.#queues.values()) {
      if (queue.isEmpty && monotonicMs - queue.lastProgressMs > queueMaxIdleTimeMs) {
        this.#remove(queue);
        continue;
      }
      const { firstRetryMs } = queue.state;
      const nowMs = this.#context.clock.nowMs();
      if (firstRetryMs !== undefined && nowMs - firstRetryMs > maxIdleTimeBeforeResubmitMs) {
        queue.state = { ...queue.state, firstRetryMs: nowMs };
        this.#run(this.resubmit(queue));
      }
      if (this.stalledMs(queue) > STALLED_MS) {
        this.#context.diagnostics.error("queue-stalled", {
          nextHopDomain: queue.key.nextHopDomain,
        });
        this.#context.metrics.add("postrider_watchdog_alarms_total");
        queue.isLoading = false;
      }
      this.pump(queue);
    }
  }

  /** How long due mail of the queue has lain without an attempt, 0 when all is as it should be. */
  stalledMs(queue: DeliveryQueue): number {
    if (queue.laneCount > 0 || !this.#settler.isStoreWell) return 0;
    if (queue.isHeldBack(this.#context.clock.nowMs())) return 0;
    if (queue.ready.length === 0 && !queue.mayHaveStored) return 0;
    return this.#context.clock.monotonicMs() - queue.lastProgressMs;
  }

  /** Ends the lanes, puts down what is left, and resolves when all of it is durable. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const queue of this.#queues.values()) {
      queue.timer?.cancel();
      queue.lingerTimer?.cancel();
    }
    while (this.#laneCount > 0 || this.#jobs.size > 0) await Promise.allSettled([...this.#jobs]);
    for (const queue of this.#queues.values()) {
      const left = queue.ready.drain();
      if (left.length > 0) await this.#storage.park(queue, left, undefined);
    }
  }

  #open(key: QueueKey): DeliveryQueue {
    const keyText = formatQueueKey(key);
    let queue = this.#queues.get(keyText);
    if (queue === undefined) {
      queue = new DeliveryQueue(key, this.#context.clock);
      this.#queues.set(keyText, queue);
    }
    return queue;
  }

  #remove(queue: DeliveryQueue): void {
    if (queue.state.suspended) return;
    queue.timer?.cancel();
    this.#queues.delete(queue.keyText);
    const { storeId } = queue;
    if (storeId !== undefined) {
      this.#run(this.#context.store.removeQueue(storeId));
    }
  }

  #laneMax(queue: DeliveryQueue): number {
    const service = this.#context.organization().transportService;
    return queue.key.deliveryType === "SmtpDeliveryToMailbox"
      ? service.maxConcurrentMailboxDeliveries
      : service.maxPerDomainOutboundConnections;
  }

  #openLane(queue: DeliveryQueue): void {
    const organization = this.#context.organization();
    this.#laneCount += 1;
    const lane = runLane({
      queue,
      courier: this.#context.courierFor(queue.key.deliveryType),
      organization,
      context: this.#context,
      host: this.#laneHost,
      signal: this.#stop.signal,
    });
    this.#run(
      lane.then(() => {
        this.#laneCount -= 1;
        this.pump(queue);
      }),
    );
  }

  readonly #laneHost: LaneHost = {
    mayAttempt: () => this.#settler.isStoreWell && this.#settlingCount < SETTLING_MAX,
    taken: (queue) => {
      if (queue.mayHaveStored && queue.ready.length < READY_LOW) this.pump(queue);
    },
    settle: (queue, held, outcomes) => this.#run(this.#settle(queue, held, outcomes)),
    recovered: (queue) => {
      this.#run(this.#storage.writeState(queue));
      this.pump(queue);
    },
    ended: (queue, end) => this.#ended(queue, end),
    broke: (queue, held, error) => {
      if (held.length === 0) {
        const diagnostic = "451 4.3.0 Internal fault while connecting to the next hop";
        this.#ended(queue, {
          kind: "hop-failed",
          fault: { status: "4.3.0", diagnostic, hop: undefined, source: "QUEUE" },
        });
      }
      this.#host.crashed(queue, held, error);
    },
  };

  #ended(queue: DeliveryQueue, end: LaneEnd): void {
    if (end.kind === "hop-impossible") {
      this.#impossible.set(queue, end.fault);
      queue.lastProgressMs = this.#context.clock.monotonicMs();
    }
    if (end.kind !== "hop-failed") return;
    const service = this.#context.organization().transportService;
    if (!queue.failed(end.fault, { service })) return;
    this.#context.diagnostics.info("queue-retry", {
      nextHopDomain: queue.key.nextHopDomain,
      failureCount: queue.state.failureCount,
      lastError: end.fault.diagnostic,
    });
    this.#run(this.#storage.writeState(queue));
  }

  async #settle(
    queue: DeliveryQueue,
    held: Held,
    outcomes: readonly RecipientOutcome[],
  ): Promise<void> {
    this.#settlingCount += 1;
    const byPosition = new Map(outcomes.map(({ position, outcome }) => [position, outcome]));
    const { notices, waiting } = await this.#settler.settle({
      message: held.message,
      content: held.content,
      endings: held.recipients.map((recipient) => ({
        recipient,
        ending: byPosition.get(recipient.position) ?? NOT_REPORTED,
      })),
      queueId: () => this.#storage.storeId(queue),
      connector: queue.key.nextHopConnector,
      possibleDuplicate: held.possibleDuplicate,
    });
    this.#settlingCount -= 1;
    held.content.release();
    queue.inHand.delete(held);
    if (held.stored) queue.storedCount -= held.recipients.length;
    queue.storedCount += waiting.length;
    for (const { placement } of waiting) this.wakeAt(queue, placement.dueMs);
    if (notices.length > 0) this.#host.categorizeNotices(notices);
  }

  #failReady(queue: DeliveryQueue, fault: Fault): void {
    for (const held of queue.ready.drain()) {
      queue.inHand.add(held);
      const outcomes = held.recipients.map(({ position }) => ({
        position,
        outcome: { kind: "failed", fault } as const,
      }));
      this.#run(this.#settle(queue, held, outcomes));
    }
  }

  #parkReady(queue: DeliveryQueue): void {
    const { lastError } = queue.state;
    const fault: Fault | undefined =
      lastError === undefined
        ? undefined
        : { status: "4.4.0", diagnostic: lastError, hop: undefined, source: "QUEUE" };
    if (queue.ready.length > 0) this.#park(queue, queue.ready.drain(), fault);
  }

  #park(queue: DeliveryQueue, deliveries: readonly Held[], fault: Fault | undefined): void {
    for (const held of deliveries) queue.inHand.add(held);
    this.#run(this.#storage.park(queue, deliveries, fault).then(() => this.pump(queue)));
  }

  #load(queue: DeliveryQueue): void {
    queue.isLoading = true;
    const load = async () => {
      try {
        const held = await this.#storage.lease(queue);
        if (held.length === 0) {
          queue.mayHaveStored = false;
          const { store, clock } = this.#context;
          const dueMs = await store.nextDueMs(await this.#storage.storeId(queue), clock.nowMs());
          if (dueMs !== undefined) this.wakeAt(queue, dueMs);
        }
        for (const delivery of held) queue.add(delivery);
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error;
        this.#context.clock.startTimer(STORE_RETRY_MS, () => this.pump(queue));
        return;
      } finally {
        queue.isLoading = false;
      }
      this.pump(queue);
    };
    this.#run(load());
  }

  /** Looks at the queue again at `dueMs`, or earlier when a timer is set for that already. */
  wakeAt(queue: DeliveryQueue, dueMs: number): void {
    if (queue.wakeMs !== undefined && queue.wakeMs <= dueMs) return;
    queue.timer?.cancel();
    queue.wakeMs = dueMs;
    queue.timer = this.#context.clock.startTimer(dueMs - this.#context.clock.nowMs(), () => {
      queue.wakeMs = undefined;
      // Not by `storedCount`: a count is an estimate, and one read too many costs nothing.
      queue.mayHaveStored = queue.storeId !== undefined;
      this.pump(queue);
    });
  }

  /** Keeps account of a job; one that fails is a fault of ours and ends the thread (style §4). */
  #run(job: Promise<void>): void {
    this.#jobs.add(job);
    void job.then(
      () => this.#jobs.delete(job),
      (error: unknown) => {
        this.#jobs.delete(job);
        if (error instanceof StoreFailure) return;
        queueMicrotask(() => {
          throw error;
        });
      },
    );
  }
}

/** A courier that leaves a recipient out is wrong; its mail waits and is tried again. */
const NOT_REPORTED = {
  kind: "deferred",
  fault: {
    status: "4.3.0",
    diagnostic: "451 4.3.0 The attempt ended without an outcome for this recipient",
    hop: undefined,
    source: "QUEUE",
  },
} as const;
