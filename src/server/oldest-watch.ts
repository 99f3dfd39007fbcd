import type { Clock } from "../base/clock.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import type { LogHost } from "./log-host.ts";

/** How often it is looked for. */
const LOOK_INTERVAL_MS = 5 * SECOND;
/** Messages may come in with an id below that of others, or leave quarantine. */
const RESTART_INTERVAL_MS = MINUTE;
/** Slices of the queue that one look passes: some milliseconds, away from mail. */
const SLICES_MAX = 4;

/** Knows when the oldest waiting message was received, as of some seconds ago. */
export class OldestWatch {
  readonly #parts: { readonly clock: Clock; readonly logs: Pick<LogHost, "remote"> };
  #receivedMs: number | undefined;
  #from = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #restartedMs = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  /** Nothing but quarantine so far: who began anew would never get behind it. */
  #isOnTheWay = false;

  constructor(parts: { readonly clock: Clock; readonly logs: Pick<LogHost, "remote"> }) {
    this.#parts = parts;
  }

  /** Epoch ms; `undefined`: nothing waits. */
  get receivedMs(): number | undefined {
    return this.#receivedMs;
  }

  /** Looks, if the last look was some time ago; nobody waits for it. */
  refresh(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#isLooking || nowMs - this.#lookedMs < LOOK_INTERVAL_MS) return;
    this.#lookedMs = nowMs;
    if (!this.#isOnTheWay && nowMs - this.#restartedMs >= RESTART_INTERVAL_MS) {
      this.#restartedMs = nowMs;
      this.#from = 0;
    }
    this.#isLooking = true;
    this.#look()
      // The log thread is being started anew, or the database is busy: the next look may succeed.
      .catch(() => undefined)
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #look(): Promise<void> {
    for (let slice = 0; slice < SLICES_MAX; slice += 1) {
      const { receivedMs, from } = await this.#parts.logs.remote.ask("oldestWaiting", this.#from);
      this.#from = from ?? this.#from;
      this.#isOnTheWay = receivedMs === undefined && from !== undefined;
      if (this.#isOnTheWay) continue;
      this.#receivedMs = receivedMs;
      return;
    }
  }
}
