import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { MetricsSnapshot } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import type { TransportService } from "../org/organization.ts";
import type { LogThreadCalls, LogThreadData } from "./thread-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** A thread that dies at once is not started again at once. */
const RESTART_DELAY_MS = SECOND;

/** What the main thread gives its log thread. */
export interface LogHostParts {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** As `TestFaults`. */
  readonly figureIntervalMs?: number | undefined;
  /** Called when another thread has taken the place of one that died: ports must be had anew. */
  readonly restarted: () => void;
}

/** The log thread as the main thread holds it: started again whenever it dies. */
export class LogHost {
  readonly #parts: LogHostParts;
  #service: TransportService;
  #thread: { readonly worker: Worker; readonly remote: Remote<LogThreadCalls> };
  #restart: Timer | undefined;
  #isClosing = false;

  constructor(parts: LogHostParts, service: TransportService) {
    this.#parts = parts;
    this.#service = service;
    this.#thread = this.#start();
  }

  /** Calls to the thread of the moment; they reject when it has died. */
  get remote(): Remote<LogThreadCalls> {
    return this.#thread.remote;
  }

  /** One more way to the logs, for `openLogWriter`. */
  attach(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.remote.tell("attach", { port: port1 }, [port1]);
    return port2;
  }

  /** Other limits, from now on. */
  configure(service: TransportService): void {
    this.#service = service;
    this.remote.tell("configure", service);
  }

  /** Figures of the thread; none while it is being started anew. */
  async snapshots(): Promise<readonly MetricsSnapshot[]> {
    return this.remote.ask("report", undefined).then(
      (snapshot) => [snapshot],
      () => [],
    );
  }

  /** Writes what was sent and ends the thread. All writers must have been flushed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#restart?.cancel();
    await this.remote.ask("close", undefined).catch((error: unknown) => {
      this.#parts.diagnostics.error("logs-not-closed", { reason: String(error) });
    });
    await this.#thread.worker.terminate();
  }

  #start() {
    const { dataDirectory, diagnostics, clock, figureIntervalMs } = this.#parts;
    const data: LogThreadData = {
      ...{ dataDirectory, figureIntervalMs },
      transportService: this.#service,
    };
    const worker = new Worker(new URL("./log-thread.ts", import.meta.url), {
      workerData: data,
      name: "logs",
    });
    worker.on("error", (error) => {
      diagnostics.error("log-thread-failed", { reason: error.stack ?? error.message });
    });
    worker.on("exit", () => {
      if (this.#isClosing) return;
      this.#restart = clock.startTimer(RESTART_DELAY_MS, () => {
        this.#thread = this.#start();
        this.#parts.restarted();
      });
    });
    return { worker, remote: linkThreads<LogThreadCalls>(worker, {}) };
  }
}
