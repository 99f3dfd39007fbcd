import type { Timer } from "../../base/clock.ts";
import type { Organization } from "../../org/organization.ts";
import type { Courier, Delivery, Lane, LaneEnd, RecipientOutcome } from "./courier.ts";
import type { DeliveryQueue, Held } from "./delivery-queue.ts";
import type { Hop } from "./outcome.ts";
import type { QueueContext } from "./queue-context.ts";

/** What a lane asks of the queue's owner. */
export interface LaneHost {
  /**
   * Whether deliveries may be handed out now: the store takes outcomes, and not too many are on
   * their way to it.
   */
  readonly mayAttempt: () => boolean;
  /** Whether a lane that has carried so many has to end, since others wait for its connection. */
  readonly mustYield: (queue: DeliveryQueue, takenCount: number) => boolean;
  /** Something was taken: more may have to be read from the store. */
  readonly taken: (queue: DeliveryQueue) => void;
  /**
   * `unmark` is for when the outcome is durable: a notice that breaks us is the message's fault
   * too.
   */
  readonly settle: (
    queue: DeliveryQueue,
    settlement: {
      readonly held: Held;
      readonly outcomes: readonly RecipientOutcome[];
      readonly unmark: () => void;
    },
  ) => void;
  /** The hop answered after failures: the queue's stored state has to change. */
  readonly recovered: (queue: DeliveryQueue) => void;
  readonly ended: (queue: DeliveryQueue, end: LaneEnd) => void;
  /** The courier threw: we are wrong, and `held` was in its hands. */
  readonly broke: (queue: DeliveryQueue, held: readonly Held[], error: unknown) => void;
}

/** Runs one lane of a queue from its opening to its end. Never rejects. */
export async function runLane(parts: {
  readonly queue: DeliveryQueue;
  readonly courier: Courier;
  readonly organization: Organization;
  readonly context: QueueContext;
  readonly host: LaneHost;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { queue, host } = parts;
  const lane = new OpenLane(parts);
  queue.laneCount += 1;
  let end: LaneEnd = { kind: "done" };
  let broken: { readonly error: unknown } | undefined;
  try {
    end = await parts.courier.run(lane);
  } catch (error) {
    broken = { error };
  }
  queue.laneCount -= 1;
  if (lane.isConnected) queue.connectedCount -= 1;
  const left = lane.close();
  if (broken !== undefined) {
    host.broke(queue, left, broken.error);
    return;
  }
  for (const held of left) {
    queue.inHand.delete(held);
    queue.add(held);
  }
  host.ended(queue, end);
}

class OpenLane implements Lane {
  readonly key: DeliveryQueue["key"];
  readonly organization: Organization;
  readonly signal: AbortSignal;
  isConnected = false;
  #takenCount = 0;
  readonly #queue: DeliveryQueue;
  readonly #context: QueueContext;
  readonly #host: LaneHost;
  /** Taken and neither settled nor given back. */
  readonly #held = new Map<Delivery, { readonly held: Held; readonly unmark: () => void }>();

  constructor(parts: {
    readonly queue: DeliveryQueue;
    readonly organization: Organization;
    readonly context: QueueContext;
    readonly host: LaneHost;
    readonly signal: AbortSignal;
  }) {
    this.#queue = parts.queue;
    this.key = parts.queue.key;
    this.organization = parts.organization;
    this.#context = parts.context;
    this.#host = parts.host;
    this.signal = parts.signal;
  }

  take(): Delivery | undefined {
    if (this.signal.aborted || this.#mustEnd || !this.#host.mayAttempt()) return undefined;
    return this.#accept(this.#queue.take());
  }

  get #mustEnd(): boolean {
    // What it was opened under is not in force any more: connectors, policies, credentials.
    if (this.organization !== this.#context.organization()) return true;
    return this.#host.mustYield(this.#queue, this.#takenCount);
  }

  takeWithin(waitMs: number): Promise<Delivery | undefined> {
    const ready = this.take();
    const isOver = this.signal.aborted || waitMs <= 0 || this.#mustEnd;
    if (ready !== undefined || isOver) return Promise.resolve(ready);
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const wake = (held: Held | undefined) => {
        timer?.cancel();
        this.signal.removeEventListener("abort", stop);
        resolve(this.#accept(held));
      };
      const stop = () => {
        const index = this.#queue.waiting.indexOf(wake);
        if (index === -1) return;
        this.#queue.waiting.splice(index, 1);
        wake(undefined);
      };
      timer = this.#context.clock.startTimer(waitMs, stop);
      this.signal.addEventListener("abort", stop, { once: true });
      this.#queue.waiting.push(wake);
    });
  }

  settle(delivery: Delivery, outcomes: readonly RecipientOutcome[]): void {
    const entry = this.#release(delivery);
    if (entry === undefined) return;
    this.#queue.lastProgressMs = this.#context.clock.monotonicMs();
    this.#host.settle(this.#queue, { ...entry, outcomes });
  }

  giveBack(delivery: Delivery): void {
    const entry = this.#release(delivery);
    if (entry === undefined) return;
    entry.unmark();
    this.#queue.inHand.delete(entry.held);
    this.#queue.add(entry.held);
  }

  connected(_hop: Hop): void {
    if (this.isConnected) return;
    this.isConnected = true;
    if (this.#queue.connected()) this.#host.recovered(this.#queue);
  }

  /** What the courier left unsettled; the lane takes no more part in anything. */
  close(): readonly Held[] {
    const left = [...this.#held.values()];
    this.#held.clear();
    for (const { unmark } of left) unmark();
    return left.map(({ held }) => held);
  }

  #accept(held: Held | undefined): Delivery | undefined {
    if (held === undefined) return undefined;
    this.#takenCount += 1;
    const unmark = this.#context.mark(held.message.id);
    this.#held.set(held, { held, unmark });
    this.#host.taken(this.#queue);
    return held;
  }

  #release(delivery: Delivery): { readonly held: Held; readonly unmark: () => void } | undefined {
    const entry = this.#held.get(delivery);
    if (entry !== undefined) this.#held.delete(delivery);
    return entry;
  }
}
