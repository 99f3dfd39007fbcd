import type { ServerResponse } from "node:http";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import type { Execute, ExecutionRecord } from "../cmdlet/execution.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { type Answer, errorAnswer } from "./http-answer.ts";
import { RunSlots } from "./run-slots.ts";

/** Runs at one time over the network. The Unix socket has places of its own: root gets in. */
const NETWORK_RUNS = { inAll: 32, perCaller: 8 };
const SOCKET_RUNS = { inAll: 64, perCaller: 64 };

/** For a place; somebody looks at an empty page meanwhile. */
const WAITS_MS = 10 * SECOND;

/** Silence after which an idle connection is closed; a run may be silent for longer. */
export const CONNECTION_TIMEOUT_MS: number = MINUTE;

const BUSY = errorAnswer(503, {
  code: "unavailable",
  message: "too many cmdlets are running already; try again when one has ended",
});
const STOPPING = errorAnswer(503, { code: "unavailable", message: "the server is stopping" });

/** What is to be run. */
export interface RunRequest {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly whatIf: boolean;
}

interface RunsParts {
  readonly execute: Execute;
  readonly diagnostics: Diagnostics;
  readonly clock: Clock;
}

/** The cmdlets that are running for clients of the management server. */
export class CmdletRuns {
  readonly #parts: RunsParts;
  readonly #network = new RunSlots(NETWORK_RUNS);
  readonly #socket = new RunSlots(SOCKET_RUNS);
  readonly #running = new Set<AbortController>();

  constructor(parts: RunsParts) {
    this.#parts = parts;
  }

  /**
   * A run whose records are to be written to `response`; it is cancelled when that closes first.
   * Nothing happens before the first record is asked for. It takes its place until all of the
   * answer is out: what waits for a slow client is memory too. It waits for a place in a short
   * line. A fault: there was none in time, or the line is too long.
   */
  async begin(
    request: RunRequest,
    { caller, response }: { readonly caller: Caller; readonly response: ServerResponse },
  ): Promise<Result<AsyncGenerator<ExecutionRecord>, Answer>> {
    const slots = caller.via === "socket" ? this.#socket : this.#network;
    const control = new AbortController();
    const { signal } = control;
    const cancel = () => control.abort();
    response.once("close", cancel);
    if (response.closed) cancel();
    this.#running.add(control);
    const { clock } = this.#parts;
    const release = await slots.wait(caller.name, { clock, withinMs: WAITS_MS, signal });
    if (release === undefined || signal.aborted) {
      release?.();
      this.#running.delete(control);
      return fault(signal.aborted ? STOPPING : BUSY);
    }
    const life = { isRunning: false };
    const leave = () => {
      if (life.isRunning || !response.closed) return;
      release();
      this.#running.delete(control);
    };
    const end = () => {
      response.socket?.setTimeout(CONNECTION_TIMEOUT_MS);
      life.isRunning = false;
      leave();
    };
    response.once("close", leave);
    // A dead client is noticed by TCP: its silence says nothing.
    response.socket?.setTimeout(0).setKeepAlive(true, CONNECTION_TIMEOUT_MS);
    const records = this.#parts.execute({ ...request, caller, signal });
    return ok(this.#run(records, { life, end }));
  }

  /** Cancels everything: the server stops. */
  stop(): void {
    for (const control of this.#running) control.abort();
  }

  async *#run(
    records: AsyncIterable<ExecutionRecord>,
    { life, end }: { readonly life: { isRunning: boolean }; readonly end: () => void },
  ): AsyncGenerator<ExecutionRecord> {
    life.isRunning = true;
    try {
      yield* records;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.diagnostics.error("cmdlet-run-failed", { reason });
      const message = "the run has failed; the server's diagnostics say why";
      yield { kind: "failed", code: "fault", message };
    } finally {
      end();
    }
  }
}
