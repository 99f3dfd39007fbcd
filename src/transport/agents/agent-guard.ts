import type { Clock, Timer } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { SECOND } from "../../base/units.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { AgentFailure } from "./agent-failure.ts";

/** Failures in a row after which an agent is not asked any more. */
const FAILURES_MAX = 5;
/** How long it is left alone; then one question tries it again. */
const REST_MS = 30 * SECOND;
/** Of what it said when it broke, so much is kept for the administrator. */
const FAULT_CHARACTERS_MAX = 1000;

/** Why there is no answer. */
export type AgentFault = "AgentFailed" | "AgentTimedOut" | "AgentResting";

/** What comes of a question: the agent's answer, or why there is none. */
export type Guarded<Answer> =
  | { readonly kind: "answered"; readonly answer: Answer | undefined }
  | { readonly kind: "failed"; readonly fault: AgentFault };

/** How an agent is, for the administrator. */
export interface AgentHealth {
  readonly state: "Healthy" | "Resting";
  /** Since the start of the thread. */
  readonly failures: number;
  readonly timeouts: number;
  /** Questions that were not asked because it rested. */
  readonly passedOver: number;
  /** What it said last when it broke, and when (epoch ms). */
  readonly lastFault: string;
  readonly lastFaultMs: number | undefined;
  /** Answers that were waited for; those that were at hand cost nothing worth telling. */
  readonly waits: number;
  /** Milliseconds of all these waits together, and of the longest. */
  readonly waitedMs: number;
  readonly longestMs: number;
}

/** How a question is asked. */
export interface QuestionOptions {
  readonly timeLimitMs: number;
  /** What becomes of a store that failed the agent. */
  readonly storeFailure: "throw" | "count";
}

/** What a guard needs of its surroundings. */
export interface GuardDependencies {
  readonly clock: Clock;
  readonly diagnostics: Pick<Diagnostics, "error" | "info">;
}

/**
 * Stands between the server and one agent: an answer takes its time limit at most, and an agent
 * that fails again and again is left alone for a while (circuit breaker). It lives as long as its
 * thread, so that a change of configuration forgets nothing.
 */
export class AgentGuard {
  readonly #name: string;
  readonly #dependencies: GuardDependencies;
  #failuresInRow = 0;
  /** Monotonic ms until which it rests. */
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #isTrying = false;
  #failures = 0;
  #timeouts = 0;
  #passedOver = 0;
  #lastFault = "";
  #lastFaultMs: number | undefined;
  #waits = 0;
  #waitedMs = 0;
  #longestMs = 0;

  constructor(name: string, dependencies: GuardDependencies) {
    this.#name = name;
    this.#dependencies = dependencies;
  }

  /** The clock by which answers are timed. */
  get monotonicMs(): number {
    return this.#dependencies.clock.monotonicMs();
  }

  get health(): AgentHealth {
    return {
      state: this.#failuresInRow >= FAILURES_MAX ? "Resting" : "Healthy",
      failures: this.#failures,
      timeouts: this.#timeouts,
      passedOver: this.#passedOver,
      lastFault: this.#lastFault,
      lastFaultMs: this.#lastFaultMs,
      waits: this.#waits,
      waitedMs: this.#waitedMs,
      longestMs: this.#longestMs,
    };
  }

  /**
   * Asks. Without a promise when the agent gives none; `undefined` when it has nothing to say. An
   * agent that answers too late is heard no more.
   * @throws StoreFailure where `storeFailure` says so: content could not be read, which is not the
   *   agent's fault
   */
  ask<Answer>(
    question: () => Promise<Answer> | Answer | undefined,
    how: QuestionOptions,
  ): Promise<Guarded<Answer>> | Guarded<Answer> | undefined {
    if (this.#rests()) {
      this.#passedOver += 1;
      return { kind: "failed", fault: "AgentResting" };
    }
    try {
      const answer = question();
      if (answer instanceof Promise) return this.#await(answer, how);
      this.#succeeded();
      return answer === undefined ? undefined : { kind: "answered", answer };
    } catch (error) {
      if (how.storeFailure === "throw" && error instanceof StoreFailure) {
        // A trial that came to nothing: the next question is one.
        this.#isTrying = false;
        throw error;
      }
      return this.#broke(error);
    }
  }

  #rests(): boolean {
    if (this.#failuresInRow < FAILURES_MAX) return false;
    const isOver = this.#dependencies.clock.monotonicMs() >= this.#restsUntilMs;
    if (!isOver || this.#isTrying) return true;
    this.#isTrying = true;
    return false;
  }

  async #await<Answer>(
    asked: Promise<Answer>,
    { timeLimitMs, storeFailure }: QuestionOptions,
  ): Promise<Guarded<Answer>> {
    const startedMs = this.monotonicMs;
    let timer: Timer | undefined;
    const tooLate = new Promise<"too-late">((resolve) => {
      timer = this.#dependencies.clock.startTimer(timeLimitMs, () => resolve("too-late"));
    });
    // Nobody may wait for it any more when it rejects.
    asked.catch(() => undefined);
    try {
      const answer = await Promise.race([asked, tooLate]);
      if (answer === "too-late") {
        this.#timeouts += 1;
        this.#failed(`no answer within ${timeLimitMs} ms`);
        return { kind: "failed", fault: "AgentTimedOut" };
      }
      this.#succeeded();
      return { kind: "answered", answer };
    } catch (error) {
      if (storeFailure === "throw" && error instanceof StoreFailure) {
        this.#isTrying = false;
        throw error;
      }
      return this.#broke(error);
    } finally {
      timer?.cancel();
      this.#waited(this.monotonicMs - startedMs);
    }
  }

  #waited(ms: number): void {
    this.#waits += 1;
    this.#waitedMs += ms;
    this.#longestMs = Math.max(this.#longestMs, ms);
  }

  #broke(error: unknown): { readonly kind: "failed"; readonly fault: AgentFault } {
    this.#failures += 1;
    this.#failed(describe(error));
    return { kind: "failed", fault: "AgentFailed" };
  }

  #failed(text: string): void {
    const { clock, diagnostics } = this.#dependencies;
    this.#isTrying = false;
    this.#failuresInRow += 1;
    this.#lastFault = text.slice(0, FAULT_CHARACTERS_MAX);
    this.#lastFaultMs = clock.nowMs();
    diagnostics.error("agent-failed", { agent: this.#name, error: this.#lastFault });
    if (this.#failuresInRow < FAILURES_MAX) return;
    // Questions that were open already put off its trial no further.
    if (clock.monotonicMs() < this.#restsUntilMs) return;
    this.#restsUntilMs = clock.monotonicMs() + REST_MS;
    diagnostics.error("agent-rests", { agent: this.#name, seconds: REST_MS / SECOND });
  }

  #succeeded(): void {
    if (this.#failuresInRow >= FAILURES_MAX) {
      this.#dependencies.diagnostics.info("agent-works-again", { agent: this.#name });
    }
    this.#isTrying = false;
    this.#failuresInRow = 0;
  }
}

function describe(error: unknown): string {
  if (error instanceof AgentFailure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
