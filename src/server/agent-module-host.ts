import { MessageChannel, Worker } from "node:worker_threads";
import { type Clock, delay, type Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, type Result } from "../base/result.ts";
import { MiB, SECOND } from "../base/units.ts";
import { AgentFailure } from "../transport/agents/agent-failure.ts";
import type { ModuleFacts } from "../transport/agents/agent-report.ts";
import type { AskModule, ModuleQuestion } from "../transport/agents/module-agent.ts";
import type { ModuleAnswer } from "../transport/agents/module-answer.ts";
import type {
  AgentModuleCalls,
  AgentModuleHostCalls,
  AgentModuleStart,
} from "./agent-module-calls.ts";
import { AgentModuleOutput } from "./agent-module-output.ts";
import { AgentModuleReader } from "./agent-module-reader.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** A module has to be there within this. */
const LOAD_MS_MAX = 15 * SECOND;
/** One that dies at once is not started again at once. */
const RESTART_DELAY_MS = SECOND;
/** While questions are open, its thread is looked at so often. */
const WATCH_MS = SECOND / 2;
/** A thread that computes for so long without a pause is taken for hung. */
const HANG_MS = 10 * SECOND;
/** What the guard has given up is told to the module so much later. */
const LATE_MS = SECOND / 10;
/** Questions that are open at one time. */
const QUESTIONS_MAX = 200;
/** Heap of JavaScript; a module that wants more is ended. */
const HEAP_MB = 128;
const YOUNG_HEAP_MB = 16;
const STACK_MB = 4;
/** Buffers, which are no part of the heap. */
const EXTERNAL_BYTES_MAX = 256 * MiB;

/** What a host is made of. */
export interface AgentModuleHostParts {
  readonly agent: string;
  /** `file:` URL of the module. */
  readonly url: string;
  readonly clock: Clock;
  readonly diagnostics: Pick<Diagnostics, "error" | "info" | "warn">;
  /** How long an answer may take; the guard's, which decides. */
  readonly timeLimitMs: () => number;
  /** Told each time the module has been loaded, or could not be. */
  readonly loaded?: (facts: Result<ModuleFacts, string>) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly remote: Remote<AgentModuleCalls>;
  readonly facts: Promise<Result<ModuleFacts, string>>;
  /** Resolves with why, once it has ended. */
  readonly ended: Promise<string>;
  /** Why we have ended it; what the worker says of its end counts less. */
  reason: string | undefined;
  /** Since when it has not answered (monotonic ms). */
  silentSinceMs: number | undefined;
}

/**
 * An installed agent's thread, as the transport thread that asks it holds it. A module that dies,
 * hangs or eats memory costs the questions that are open with it, and is started anew.
 */
export class AgentModuleHost {
  readonly #parts: AgentModuleHostParts;
  readonly #output: AgentModuleOutput;
  readonly #readers = new Map<number, AgentModuleReader>();
  #thread: Thread | undefined;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #questionCount = 0;
  #openCount = 0;
  #isRetired = false;
  #watch: Timer | undefined;

  constructor(parts: AgentModuleHostParts) {
    this.#parts = parts;
    this.#output = new AgentModuleOutput(parts);
  }

  /** Starts the module, if it does not run. Resolves with what it says of itself, or why not. */
  async load(): Promise<Result<ModuleFacts, string>> {
    const { clock } = this.#parts;
    const waitMs = this.#thread === undefined ? this.#notBeforeMs - clock.monotonicMs() : 0;
    if (waitMs > 0) await delay(clock, waitMs);
    if (this.#isRetired) return fault("it has been uninstalled");
    this.#thread ??= this.#start();
    return this.#thread.facts;
  }

  /** As AskModule. One that has been uninstalled has nothing to say. */
  readonly ask: AskModule = async (question) => {
    if (this.#isRetired) return undefined;
    if (this.#openCount >= QUESTIONS_MAX) {
      throw new AgentFailure(`it has ${QUESTIONS_MAX} questions to answer already`);
    }
    this.#openCount += 1;
    this.#watch ??= this.#startWatch();
    try {
      return await this.#ask(question);
    } finally {
      this.#openCount -= 1;
      if (this.#openCount === 0) this.#rest();
    }
  };

  /** It is asked no more; what is open may still be answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#openCount === 0) this.#rest();
  }

  /** Ends the thread at once. */
  async close(): Promise<void> {
    this.#isRetired = true;
    this.#watch?.cancel();
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    thread.reason ??= "the server has ended it";
    await thread.worker.terminate();
  }

  async #ask(question: ModuleQuestion): Promise<ModuleAnswer | undefined> {
    const { clock, timeLimitMs } = this.#parts;
    const { event, subject, content } = question;
    this.#questionCount += 1;
    const id = this.#questionCount;
    const late = Promise.withResolvers<Result<undefined, string>>();
    // The guard has given up before that, and decided: its silence is what it is logged with.
    const timer = clock.startTimer(timeLimitMs() + LATE_MS, () => {
      this.#thread?.remote.tell("over", id);
      late.resolve(fault("it did not answer in time"));
    });
    const reader = content && new AgentModuleReader(content);
    if (reader !== undefined) this.#readers.set(id, reader);
    try {
      const asked = this.#askThread({ id, event, subject });
      const answer = await Promise.race([asked, late.promise]);
      // Our own store has failed it: whatever it has made of that is not its fault.
      if (reader?.storeFailure !== undefined) throw reader.storeFailure;
      if (!answer.ok) throw new AgentFailure(answer.fault);
      return answer.value;
    } finally {
      timer.cancel();
      reader?.close();
      this.#readers.delete(id);
    }
  }

  async #askThread(
    question: Parameters<AgentModuleCalls["question"]>[0],
  ): Promise<Result<ModuleAnswer | undefined, string>> {
    const facts = await this.load();
    if (!facts.ok) return fault(`the module cannot be loaded: ${facts.fault}`);
    const thread = this.#thread;
    if (thread === undefined) return fault("its thread has ended");
    try {
      return await thread.remote.ask("question", question);
    } catch {
      return fault(await thread.ended);
    }
  }

  #start(): Thread {
    const { url, clock, loaded } = this.#parts;
    const worker = new Worker(new URL("./agent-module-thread.ts", import.meta.url), {
      name: "agent",
      env: {},
      argv: [],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: HEAP_MB,
        maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
        stackSizeMb: STACK_MB,
      },
    });
    const { port1, port2 } = new MessageChannel();
    const start: AgentModuleStart = { port: port2, url };
    worker.postMessage(start, [port2]);
    this.#output.watch(worker.stdout);
    this.#output.watch(worker.stderr);
    const calls: AgentModuleHostCalls = {
      nextPiece: (from) => this.#nextPiece(from),
      endStream: ({ id, stream }) => this.#readers.get(id)?.end(stream),
    };
    const remote = linkThreads<AgentModuleCalls>(port1, calls);
    const ended = Promise.withResolvers<string>();
    const late = Promise.withResolvers<Result<ModuleFacts, string>>();
    const timer = clock.startTimer(LOAD_MS_MAX, () => {
      this.#end(thread, `it is not loaded after ${LOAD_MS_MAX / SECOND} seconds`);
    });
    const facts = Promise.race([
      remote.ask("load", undefined).catch(async () => fault(await ended.promise)),
      late.promise,
    ]).then((answer) => {
      timer.cancel();
      // What it holds is of no use, and the file may be another one the next time.
      if (!answer.ok) this.#end(thread, answer.fault);
      loaded?.(answer);
      return answer;
    });
    const thread: Thread = {
      ...{ worker, remote, facts, ended: ended.promise },
      reason: undefined,
      silentSinceMs: undefined,
    };
    let said: string | undefined;
    worker.on("error", (error) => {
      said = reasonOf(error);
    });
    worker.on("exit", (code) => {
      port1.close();
      const reason = thread.reason ?? said ?? `it has ended its thread (exit code ${code})`;
      ended.resolve(reason);
      late.resolve(fault(reason));
      this.#end(thread, reason);
    });
    // A server that stops waits for nobody's module.
    worker.unref();
    port1.unref();
    return thread;
  }

  /** The thread is of no use any more: the next question gets a new one. */
  #end(thread: Thread, reason: string): void {
    thread.reason ??= reason;
    void thread.worker.terminate();
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#notBeforeMs = this.#parts.clock.monotonicMs() + RESTART_DELAY_MS;
    if (this.#isRetired) return;
    const { agent, diagnostics } = this.#parts;
    diagnostics.error("agent-module-ended", { agent, reason: thread.reason });
  }

  /** No question is open. */
  #rest(): void {
    if (this.#isRetired) void this.close();
  }

  /** Until no question is open and the thread has answered: one that is given up may hang it. */
  #startWatch(): Timer {
    return this.#parts.clock.startTimer(WATCH_MS, () => {
      this.#watch = undefined;
      const thread = this.#thread;
      if (thread === undefined && this.#openCount === 0) return;
      if (thread !== undefined) this.#look(thread);
      if (this.#openCount > 0 || thread?.silentSinceMs !== undefined) {
        this.#watch = this.#startWatch();
      }
    });
  }

  /** Ends a thread that computes without a pause, or holds too much outside its heap. */
  #look(thread: Thread): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (thread.silentSinceMs === undefined) {
      thread.silentSinceMs = nowMs;
      const heard = () => {
        thread.silentSinceMs = undefined;
      };
      thread.remote.ask("ping", undefined).then(heard, heard);
    } else if (nowMs - thread.silentSinceMs >= HANG_MS) {
      this.#end(thread, `it computes without a pause for ${HANG_MS / SECOND} seconds`);
      return;
    }
    thread.worker.getHeapStatistics().then(
      ({ external_memory }) => {
        if (external_memory <= EXTERNAL_BYTES_MAX) return;
        this.#end(thread, `it holds more than ${EXTERNAL_BYTES_MAX / MiB} MiB in buffers`);
      },
      // It has ended meanwhile.
      () => undefined,
    );
  }

  async #nextPiece({
    id,
    stream,
  }: Parameters<AgentModuleHostCalls["nextPiece"]>[0]): ReturnType<
    AgentModuleHostCalls["nextPiece"]
  > {
    const reader = this.#readers.get(id);
    return reader === undefined ? fault("the question is over") : reader.next(stream);
  }
}

/** As the administrator is told. */
function reasonOf(error: Error & { readonly code?: unknown }): string {
  if (error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return `it used more than its ${HEAP_MB} MiB of memory`;
  }
  return `its thread died of ${error.stack ?? error.message}`;
}
