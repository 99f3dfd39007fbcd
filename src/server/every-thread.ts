import { type Clock, delay } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import type { Supervisor } from "./supervisor.ts";
import type { TransportThreadCalls } from "./thread-calls.ts";
import type { Remote } from "./thread-link.ts";

/** How long an act waits for threads that are being started anew. */
const WAIT_MS = 30 * SECOND;
const LOOK_MS = SECOND / 10;
/** An act that sees so many threads die is not tried again. */
const TRIES_MAX = 5;

type Thread = Remote<TransportThreadCalls>;

/**
 * Acts that concern all transport threads: one that is dead just now, or dies meanwhile, would be
 * left out, and what it had in hand with it.
 */
export class EveryThread {
  readonly #clock: Clock;
  readonly #supervisor: Pick<Supervisor, "remotes" | "isReady" | "deaths">;

  constructor(parts: {
    readonly clock: Clock;
    readonly supervisor: Pick<Supervisor, "remotes" | "isReady" | "deaths">;
  }) {
    this.#clock = parts.clock;
    this.#supervisor = parts.supervisor;
  }

  /**
   * Acts on queues: in the first thread, which writes what all of them have to know, then in the
   * others; again where one dies, so an act must do nothing where it has been done.
   * @throws CmdletFault when threads are not up in time; otherwise what an act has failed with
   */
  actOnQueues<Answer>(ask: (thread: Thread) => Promise<Answer>): Promise<readonly Answer[]> {
    return this.#act(ask, { kind: "queues" });
  }

  /** As `actOnQueues`, in all at once, and only when they have in hand what those before had. */
  actOnMessages<Answer>(ask: (thread: Thread) => Promise<Answer>): Promise<readonly Answer[]> {
    return this.#act(ask, { kind: "messages" });
  }

  /** As `QueueDesk.whole`. */
  async whole(signal: AbortSignal): Promise<() => boolean> {
    for (;;) {
      signal.throwIfAborted();
      await this.#up(signal);
      const { deaths, remotes } = this.#supervisor;
      const asked = [...remotes.values()].map((thread) => thread.ask("takenUp", undefined));
      await Promise.allSettled(asked);
      const isWhole = () => this.#supervisor.deaths === deaths;
      if (isWhole()) return isWhole;
    }
  }

  async #act<Answer>(
    ask: (thread: Thread) => Promise<Answer>,
    { kind }: { readonly kind: "queues" | "messages" },
  ): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    for (let tries = 1; ; tries += 1) {
      await this.#ready(kind);
      const { deaths } = this.#supervisor;
      const failures: unknown[] = [];
      const one = async (thread: Thread) => {
        try {
          answers.push(await ask(thread));
        } catch (error) {
          failures.push(error);
        }
      };
      const threads = [...this.#supervisor.remotes]
        .sort(([left], [right]) => left - right)
        .map(([, thread]) => thread);
      // What the first has not written, those that start later would not know.
      const first = kind === "queues" ? threads.splice(0, 1) : [];
      await Promise.all(first.map(one));
      if (failures.length === 0) await Promise.all(threads.map(one));
      if (failures.length === 0) return answers;
      const isDeath = this.#supervisor.deaths > deaths;
      if (!isDeath || tries === TRIES_MAX) throw failures[0];
    }
  }

  async #ready(kind: "queues" | "messages"): Promise<void> {
    const late = delay(this.#clock, WAIT_MS).then(() => "late" as const);
    const abort = new AbortController();
    const ready = kind === "messages" ? this.whole(abort.signal) : this.#up(abort.signal);
    ready.catch(() => undefined);
    if ((await Promise.race([ready, late])) !== "late") return;
    abort.abort();
    const text = "a transport thread is being started anew; try again in a minute";
    throw new CmdletFault("unavailable", text);
  }

  async #up(signal: AbortSignal): Promise<void> {
    while (!this.#supervisor.isReady) {
      signal.throwIfAborted();
      await delay(this.#clock, LOOK_MS);
    }
  }
}
