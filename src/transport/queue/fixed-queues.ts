import { FIXED_QUEUES, fixedQueueOf, HEALTHY, isSetAside } from "../../store/queue-rows.ts";
import type { QueueKey, QueueState, StoredQueue } from "../../store/queue-store.ts";
import type { QueueContext } from "./queue-context.ts";
import type { Settler } from "./settler.ts";

/** The key of the quarantine, as queue views name it. */
export const QUARANTINE_KEY: QueueKey = {
  deliveryType: "Undefined",
  nextHopDomain: "Quarantine",
  nextHopConnector: "",
};

/** What administrators have said of Submission and Unreachable; every thread knows it. */
export class FixedQueues {
  readonly #context: QueueContext;
  readonly #settler: Settler;
  readonly #states = new Map<number, QueueState>(FIXED_QUEUES.map(({ id }) => [id, HEALTHY]));

  constructor(context: QueueContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /** Takes over what the store has. */
  open(stored: readonly StoredQueue[]): void {
    for (const { id, state } of stored) if (this.#states.has(id)) this.#states.set(id, state);
  }

  state(queueId: number): QueueState {
    return this.#states.get(queueId) ?? HEALTHY;
  }

  /** Nothing leaves it by itself. Poison and the quarantine are always so. */
  isSuspended(queueId: number): boolean {
    return isSetAside(queueId) || this.state(queueId).suspended;
  }

  /** Suspends one, or lets it go on when `by` is undefined; here at once, in the store later. */
  async suspend(
    key: QueueKey,
    how: { readonly by: string | undefined; readonly writes: "state" | "nothing" },
  ): Promise<void> {
    const { by, writes } = how;
    const fixed = fixedQueueOf(key);
    if (fixed === undefined) return;
    const suspendedMs = by === undefined ? undefined : this.#context.clock.nowMs();
    const state = { ...HEALTHY, suspended: by !== undefined, suspendedBy: by, suspendedMs };
    this.#states.set(fixed.id, state);
    if (writes === "nothing") return;
    await this.#settler.persist(async () => {
      const { id } = await this.#context.store.openQueue(fixed.key);
      // What is in force by then: the store may have refused an earlier word until after a later.
      const inForce = this.state(fixed.id);
      await this.#context.store.commit({ queueStates: [{ queueId: id, state: inForce }] });
    });
  }
}
