import { Worker } from "node:worker_threads";
import { type Clock, delay } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MiB, SECOND } from "../base/units.ts";
import type { ContentSource, ContentTask, ContentWorkFault } from "../content/content-work.ts";
import type { ContentCalls, ContentCallTable, ContentThreadCalls } from "./content-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** Longer than the calls themselves allow for one message: then the thread hangs. */
const CALL_MS_MAX = 30 * SECOND;
/** A thread that dies at once is not started again at once. */
const RESTART_DELAY_MS = SECOND;
/** Messages, and what they are long together, that wait for the thread at one time. */
const WAITING_MAX = 500;
const WAITING_BYTES_MAX = 256 * MiB;
/** Of what JavaScript holds; bytes of messages and of what is unpacked are bounded by limits. */
const HEAP_MB = 512;
const YOUNG_HEAP_MB = 64;

/** What the host works with. */
interface ContentHostParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Where the thread's code is, when it is not the server's own. */
  readonly entry?: URL;
}

interface Thread {
  readonly worker: Worker;
  readonly remote: Remote<ContentThreadCalls>;
  /** Its end has been told already. */
  isTold: boolean;
}

interface Job {
  readonly name: string;
  readonly source: ContentSource;
  readonly argument: unknown;
  readonly settle: (answer: Result<unknown, ContentWorkFault>) => void;
  readonly reject: (reason: unknown) => void;
}

type Argument<Call> = Call extends (content: Buffer, argument: infer Value) => unknown
  ? Value
  : never;
type Answer<Call> = Call extends (...parameters: never) => infer Value ? Awaited<Value> : never;

/**
 * The thread that reads messages, as the transport thread that it works for holds it. Started with
 * the first message, since many servers have nothing that looks into one. It is given one message
 * at a time: one that it hangs or dies at costs the others some waiting and nothing else.
 */
export class ContentHost<Calls extends ContentCallTable = ContentCalls> {
  readonly #parts: ContentHostParts;
  #thread: Thread | undefined;
  #isClosed = false;
  #isWorking = false;
  #notBeforeMs = 0;
  #jobs: Job[] = [];
  #bytes = 0;

  constructor(parts: ContentHostParts) {
    this.#parts = parts;
  }

  /** The call of this name, as those below see it. */
  task<Name extends keyof Calls & string>(
    name: Name,
  ): ContentTask<Argument<Calls[Name]>, Answer<Calls[Name]>> {
    return async (source, argument) =>
      (await this.#ask({ name, source, argument })) as Result<
        Answer<Calls[Name]>,
        ContentWorkFault
      >;
  }

  /** Ends the thread; who waits, and who asks later, is told that it failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.worker.terminate();
  }

  async #ask(
    question: Pick<Job, "name" | "source" | "argument">,
  ): Promise<Result<unknown, ContentWorkFault>> {
    const { bytes } = question.source;
    if (this.#jobs.length >= WAITING_MAX || this.#bytes + bytes > WAITING_BYTES_MAX) {
      this.#parts.diagnostics.warn("content-thread-busy", { waiting: this.#jobs.length });
      return fault("busy");
    }
    this.#bytes += bytes;
    try {
      return await new Promise((settle, reject) => {
        this.#jobs.push({ ...question, settle, reject });
        if (!this.#isWorking) void this.#work();
      });
    } finally {
      this.#bytes -= bytes;
    }
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      try {
        const pieces: Uint8Array[] = [];
        for await (const piece of job.source.content()) pieces.push(piece);
        job.settle(await this.#run(job, pieces));
      } catch (error) {
        job.reject(error);
      }
    }
    this.#isWorking = false;
  }

  async #run(job: Job, pieces: readonly Uint8Array[]): Promise<Result<unknown, ContentWorkFault>> {
    const { clock } = this.#parts;
    const waitMs = this.#thread === undefined ? this.#notBeforeMs - clock.monotonicMs() : 0;
    if (waitMs > 0 && !this.#isClosed) await delay(clock, waitMs);
    if (this.#isClosed) return fault("failed");
    this.#thread ??= this.#start();
    const thread = this.#thread;
    const late = Promise.withResolvers<Result<unknown, ContentWorkFault>>();
    const timer = clock.startTimer(CALL_MS_MAX, () => {
      this.#end(thread, { reason: "it takes too long", call: job.name });
      void thread.worker.terminate();
      late.resolve(fault("slow"));
    });
    const asked = thread.remote.ask("work", { name: job.name, pieces, argument: job.argument });
    try {
      return await Promise.race([asked.then(ok), late.promise]);
    } catch (error) {
      // Its end is told where the worker says why; what remains is a call that threw.
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#thread === thread) this.#failed({ reason, call: job.name });
      return fault("failed");
    } finally {
      timer.cancel();
    }
  }

  #start(): Thread {
    const worker = new Worker(
      this.#parts.entry ?? new URL("./content-thread.ts", import.meta.url),
      {
        name: "content",
        resourceLimits: {
          maxOldGenerationSizeMb: HEAP_MB,
          maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
        },
      },
    );
    const remote = linkThreads<ContentThreadCalls>(worker, {});
    const thread: Thread = { worker, remote, isTold: false };
    worker.on("error", (error) => this.#end(thread, { reason: error.message }));
    worker.on("exit", () => this.#end(thread, { reason: "it has ended" }));
    worker.unref();
    return thread;
  }

  /** The thread is of no use any more: the next message gets a new one. */
  #end(thread: Thread, told: { readonly reason: string; readonly call?: string }): void {
    if (!thread.isTold && !this.#isClosed) this.#failed(told);
    thread.isTold = true;
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#notBeforeMs = this.#parts.clock.monotonicMs() + RESTART_DELAY_MS;
  }

  #failed(fields: { readonly reason: string; readonly call?: string }): void {
    this.#parts.diagnostics.error("content-thread-failed", fields);
  }
}
