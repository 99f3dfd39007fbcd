import { type QueueKey, type StoredQueue, StoreFailure } from "../../store/queue-store.ts";
import type { LaneEnd } from "./courier.ts";
import { DeliveryQueue, type Held, type Spread } from "./delivery-queue.ts";
import { DeliverySettlement } from "./delivery-settlement.ts";
import { type LaneHost, runLane } from "./lane-run.ts";
import type { Notice } from "./notices.ts";
import type { Fault } from "./outcome.ts";
import { OutgoingLimits } from "./outgoing-limits.ts";
import type { QueueContext } from "./queue-context.ts";
import { formatQueueKey } from "./queue-key.ts";
import { QueueLoader } from "./queue-loader.ts";
import { resubmitQueue } from "./queue-resubmission.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { Settler } from "./settler.ts";

/** Deliveries that a queue keeps in memory at most; more wait in the store. */
const READY_MAX = 8_000;
/** Fewer than these in memory, and the next page is read. */
const READY_LOW = 100;
/** How long a delivery may be left to busy lanes before it gets one of its own. */
const LINGER_MS = 20;

/** What the owner of the delivery queues needs from the rest of the queue. */
export interface OwnerHost {
  /** Notices that have become durable go to the categorizer. */
  readonly categorizeNotices: (notices: readonly Notice[]) => void;
  /** Sends deliveries back to the categorizer; their recipients are stored as submitted by then. */
  readonly recategorize: (deliveries: readonly Held[]) => Promise<void>;
  /** A courier broke on these deliveries: counts the crash, sets poison aside, defers the rest. */
  readonly crashed: (queue: DeliveryQueue, held: Held, error: unknown) => Promise<void>;
}

/** All delivery queues that this transport thread owns, with their lanes, timers and limits. */
export class DeliveryOwner {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  readonly #settlement: DeliverySettlement;
  readonly #storage: QueueStorage;
  readonly #loader: QueueLoader;
  readonly #host: OwnerHost;
  readonly #queues = new Map<string, DeliveryQueue>();
  readonly #stop = new AbortController();
  /** The whole queue fails so: its hop can never be reached. */
  readonly #impossible = new Map<DeliveryQueue, Fault>();
  readonly #limits: OutgoingLimits;
  #laneCount = 0;
  /** Some queue was denied an attempt because outcomes were not taken fast enough. */
  #isBlocked = false;
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
    this.#limits = new OutgoingLimits(parts.context);
    this.#loader = new QueueLoader({
      ...parts,
      pump: (queue) => this.pump(queue),
      run: (job) => this.#run(job),
    });
    this.#settlement = new DeliverySettlement({
      ...parts,
      retryAt: (queue, dueMs) => this.wakeAt(queue, dueMs),
      settled: () => this.#unblock(),
    });
  }

  /** Takes over the queues that the store has for this thread; their back-off goes on. */
  async open(stored: readonly StoredQueue[]): Promise<void> {
    for (const { id, key, state, recipientCount } of stored) {
      const queue = this.#open(key);
      queue.storeId = id;
      queue.state = state;
      queue.storedCount = recipientCount;
    }
    for (const { key, recipientCount } of stored) {
      const queue = this.#open(key);
      // Loading has to wait until then: what it leases would be reclaimed.
      if (recipientCount > 0) {
        for (const held of await this.#storage.reclaim(queue)) queue.add(held);
        queue.markStored();
      }
      this.pump(queue);
    }
  }

  /** Adds one delivery to its queue. */
  add(key: QueueKey, held: Held): void {
    const queue = this.#open(key);
    queue.incoming.add(this.#context.clock.monotonicMs());
    if (queue.ready.length >= READY_MAX) {
      this.#loader.park(queue, [held], undefined);
      return;
    }
    queue.add(held);
    this.pump(queue);
  }

  /** All queues owned here. */
  get queues(): ReadonlyMap<string, DeliveryQueue> {
    return this.#queues;
  }

  /**
   * Opens lanes, reads pages and sets timers, as the queue's state asks. Safe to call at any time.
   */
  pump(queue: DeliveryQueue): void {
    const nowMs = this.#context.clock.nowMs();
    if (this.#stop.signal.aborted) return;
    if (queue.isHeldBack(nowMs)) {
      queue.releaseWaiting();
      this.#loader.parkReady(queue);
      const { nextRetryMs, suspended } = queue.state;
      if (!suspended && nextRetryMs !== undefined) this.wakeAt(queue, nextRetryMs);
      return;
    }
    const fault = this.#impossible.get(queue);
    if (fault !== undefined) this.#failReady(queue, fault);
    if (queue.mayHaveStored && !queue.isLoading && queue.ready.length < READY_LOW) {
      if (this.#settlement.mayAttempt) this.#loader.load(queue);
      else this.#isBlocked = true;
    }
    if (fault !== undefined) {
      if (!queue.mayHaveStored && !queue.isLoading) this.#impossible.delete(queue);
      return;
    }
    this.#distribute(queue, "needed");
    this.#linger(queue);
  }

  /**
   * A busy lane may be at something long: what was left to it waits no longer than this. What its
   * pace holds back goes when that allows it.
   */
  #linger(queue: DeliveryQueue): void {
    if (queue.ready.length === 0 || queue.lingerTimer !== undefined) return;
    const waitMs = Math.max(LINGER_MS, queue.paceWaitMs);
    queue.lingerTimer = this.#context.clock.startTimer(waitMs, () => {
      queue.lingerTimer = undefined;
      if (this.#stop.signal.aborted) return;
      this.#distribute(queue, "all");
      if (queue.paceWaitMs > 0) this.#linger(queue);
    });
  }

  #distribute(queue: DeliveryQueue, spread: Spread): void {
    if (queue.ready.length === 0) return;
    if (!this.#settlement.mayAttempt) {
      this.#isBlocked = true;
      return;
    }
    const nowMs = this.#context.clock.nowMs();
    queue.wake({ nowMs, spread });
    let wanted = queue.lanesWanted(this.#limits.laneMax(queue), { nowMs, spread });
    for (; wanted > 0 && !this.#limits.isAtLimit(queue); wanted -= 1) {
      this.#openLane(queue);
      if (queue.paceWaitMs > 0) return;
    }
  }

  /** Goes on with what had to wait for the store. */
  #unblock(): void {
    if (!this.#isBlocked || !this.#settlement.mayAttempt) return;
    this.#isBlocked = false;
    for (const queue of this.#queues.values()) this.pump(queue);
  }

  /**
   * Sends everything that waits in a queue back to the categorizer (routes have changed, or long
   * failure).
   */
  resubmit(queue: DeliveryQueue): Promise<void> {
    return resubmitQueue(queue, {
      settler: this.#settler,
      storage: this.#storage,
      recategorize: this.#host.recategorize,
      signal: this.#stop.signal,
    });
  }

  /**
   * Tries a queue at once, whatever it waits for, and with it all mail that waits for a time of its
   * own; resolves when that is due. A suspended queue stays as it is.
   */
  retry(queue: DeliveryQueue): Promise<void> {
    if (queue.state.suspended) return Promise.resolve();
    queue.state = { ...queue.state, nextRetryMs: undefined };
    if (queue.storeId !== undefined) queue.markStored();
    this.pump(queue);
    return this.#storage.bringForward(queue, () => this.pump(queue));
  }

  /**
   * Suspends a queue or lets it go on; resolves when that is durable. What is under way finishes.
   */
  async suspend(key: QueueKey, by: string | undefined): Promise<void> {
    const queue = this.#open(key);
    const suspended = by !== undefined;
    const suspendedMs = suspended ? this.#context.clock.nowMs() : undefined;
    queue.state = { ...queue.state, suspended, suspendedBy: by, suspendedMs };
    await this.#storage.writeState(queue);
    if (!suspended) queue.markStored();
    this.pump(queue);
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
      this.#limits.refresh(queue);
      const { firstRetryMs } = queue.state;
      const nowMs = this.#context.clock.nowMs();
      if (firstRetryMs !== undefined && nowMs - firstRetryMs > maxIdleTimeBeforeResubmitMs) {
        queue.state = { ...queue.state, firstRetryMs: nowMs };
        this.#run(this.#storage.writeState(queue));
        this.#run(this.resubmit(queue));
      }
      if (this.stalledMs(queue) > this.#context.alarmMs) {
        this.#context.diagnostics.error("queue-stalled", {
          nextHopDomain: queue.key.nextHopDomain,
        });
        this.#context.metrics.add("postrider_watchdog_alarms_total");
      }
      this.pump(queue);
    }
  }

  /**
   * How long due mail of the queue has lain without an attempt that could have been made, 0 when
   * all is as it should be. Asked about once a second.
   */
  stalledMs(queue: DeliveryQueue): number {
    const nowMs = this.#context.clock.monotonicMs();
    const isDue =
      (queue.ready.length > 0 || queue.mayHaveStored) &&
      queue.laneCount === 0 &&
      this.#settlement.mayAttempt &&
      !this.#limits.isAtLimit(queue) &&
      queue.paceWaitMs === 0 &&
      !queue.isHeldBack(this.#context.clock.nowMs());
    if (!isDue) {
      queue.dueSinceMs = undefined;
      return 0;
    }
    queue.dueSinceMs = Math.max(queue.dueSinceMs ?? nowMs, queue.lastProgressMs);
    return nowMs - queue.dueSinceMs;
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
      queue = new DeliveryQueue(key, this.#context);
      this.#limits.refresh(queue);
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

  #openLane(queue: DeliveryQueue): void {
    const organization = this.#context.organization();
    this.#laneCount += 1;
    this.#limits.opened(queue);
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
        for (const one of this.#limits.closed(queue)) this.pump(one);
      }),
    );
  }

  readonly #laneHost: LaneHost = {
    mayAttempt: () => this.#settlement.mayAttempt,
    taken: (queue) => {
      if (queue.mayHaveStored && queue.ready.length < READY_LOW) this.pump(queue);
    },
    mustYield: (queue, takenCount) => this.#limits.mustYield(queue, takenCount),
    settle: (queue, { held, outcomes, unmark }) => {
      this.#limits.learn(queue, outcomes);
      this.#run(this.#settlement.settle(queue, held, outcomes).finally(unmark));
    },
    recovered: (queue) => {
      this.#run(this.#storage.writeState(queue));
      this.pump(queue);
    },
    ended: (queue, end) => this.#ended(queue, end),
    broke: (queue, held, error) => {
      if (held.length === 0) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#context.diagnostics.error("courier-broke", { ...queue.key, reason });
        const diagnostic = "451 4.3.0 Internal fault while connecting to the next hop";
        this.#ended(queue, {
          kind: "hop-failed",
          fault: { status: "4.3.0", diagnostic, hop: undefined, source: "QUEUE" },
        });
      }
      for (const one of held) this.#run(this.#settlement.crashed(queue, one, error));
    },
  };

  #ended(queue: DeliveryQueue, end: LaneEnd): void {
    if (end.kind === "hop-impossible") {
      this.#impossible.set(queue, end.fault);
      queue.lastProgressMs = this.#context.clock.monotonicMs();
    }
    if (end.kind === "done" || end.kind === "hop-impossible") return;
    // It was categorized before that changed, here or in another thread, and has come since.
    if (end.kind === "route-gone") this.#run(this.resubmit(queue));
    this.#limits.learnFault(queue, end.fault);
    const service = this.#context.organization().transportService;
    if (!queue.failed(end.fault, { service })) return;
    this.#context.diagnostics.info("queue-retry", {
      nextHopDomain: queue.key.nextHopDomain,
      failureCount: queue.state.failureCount,
      lastError: end.fault.diagnostic,
    });
    this.#run(this.#storage.writeState(queue));
  }

  #failReady(queue: DeliveryQueue, fault: Fault): void {
    for (const held of queue.ready.drain()) {
      queue.inHand.add(held);
      const outcomes = held.recipients.map(({ position }) => ({
        position,
        outcome: { kind: "failed", fault } as const,
      }));
      this.#run(this.#settlement.settle(queue, held, outcomes));
    }
  }

  /** Looks at the queue again at `dueMs`, or earlier when that was asked for already. */
  wakeAt(queue: DeliveryQueue, dueMs: number): void {
    this.#loader.wakeAt(queue, dueMs);
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
