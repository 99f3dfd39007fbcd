import { Worker } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { MiB, SECOND } from "../base/units.ts";
import type { DnsServer } from "../dns/transport.ts";
import {
  type AuthenticationQuestion,
  type SenderAuthentication,
  unknownAuthentication,
} from "../mailauth/sender-authentication.ts";
import type { ReadDmarcReport } from "../transport/deliver/report-intake.ts";
import type { CheckSender } from "../transport/receive/sender-id-agent.ts";
import type { MailauthCalls, MailauthThreadData } from "./mailauth-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** Longer than the thread itself allows for all checks of one message: then it hangs. */
const ANSWER_MS_MAX = 30 * SECOND;
/** A thread that dies at once is not started again at once. */
const RESTART_DELAY_MS = SECOND;
/** Messages, and what they are long together, that wait for the thread at one time. */
const WAITING_MAX = 500;
const WAITING_BYTES_MAX = 256 * MiB;

/** What the host works with. */
export interface MailauthHostParts {
  readonly nameServers: readonly DnsServer[];
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/** The thread of the moment; `remote` rejects what is asked of it once it has ended. */
interface Thread {
  readonly worker: Worker;
  readonly remote: Remote<MailauthCalls>;
}

/**
 * The thread that checks senders, as the transport thread that it works for holds it. Started with
 * the first question, since many connectors have none. When it dies, hangs or has too much to do,
 * the answer is that nothing is known: temporary errors, never a pass.
 */
export class MailauthHost {
  readonly #parts: MailauthHostParts;
  #thread: Thread | undefined;
  #isClosed = false;
  #notBeforeMs = 0;
  #waiting = 0;
  #waitingBytes = 0;

  constructor(parts: MailauthHostParts) {
    this.#parts = parts;
  }

  /**
   * Finds out who has sent a message, within 30 seconds of having read it. Content is read once
   * there is room for it, so that memory has a bound however many send at one time; rejects with
   * what reading throws.
   * @param unread `undefined`: the content is too large to be looked at
   */
  readonly check: CheckSender = async (question, unread) => {
    const bytes = unread?.bytes ?? 0;
    if (this.#waiting >= WAITING_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.#parts.diagnostics.warn("mailauth-thread-busy", { waiting: this.#waiting });
      return unknownAuthentication(question);
    }
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    try {
      const content = await unread?.read();
      return (await this.#ask({ ...question, content })) ?? unknownAuthentication(question);
    } finally {
      this.#waiting -= 1;
      this.#waitingBytes -= bytes;
    }
  };

  /** Reads the DMARC report in a mail; `undefined` also when the thread cannot. Never rejects. */
  readonly readDmarcReport: ReadDmarcReport = (content) =>
    this.#askThread((remote) => remote.ask("readDmarcReport", content));

  /** Ends the thread; who waits, and who asks later, is told that nothing is known. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.worker.terminate();
  }

  #ask(question: AuthenticationQuestion): Promise<SenderAuthentication | undefined> {
    return this.#askThread((remote) => remote.ask("check", question));
  }

  async #askThread<Answer>(
    ask: (remote: Remote<MailauthCalls>) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const { clock } = this.#parts;
    if (this.#thread === undefined) {
      if (this.#isClosed || clock.monotonicMs() < this.#notBeforeMs) return undefined;
      this.#thread = this.#start();
    }
    const thread = this.#thread;
    const late = Promise.withResolvers<undefined>();
    const timer = clock.startTimer(ANSWER_MS_MAX, () => {
      this.#hung(thread);
      late.resolve(undefined);
    });
    try {
      return await Promise.race([ask(thread.remote), late.promise]);
    } catch {
      // It has died meanwhile, which was told where it was heard of.
      return undefined;
    } finally {
      timer.cancel();
    }
  }

  #start(): Thread {
    const data: MailauthThreadData = { nameServers: this.#parts.nameServers };
    const worker = new Worker(new URL("./mailauth-thread.ts", import.meta.url), {
      workerData: data,
      name: "mailauth",
    });
    const thread = { worker, remote: linkThreads<MailauthCalls>(worker, {}) };
    worker.on("error", (error) => this.#failed(error.stack ?? error.message));
    worker.on("exit", () => this.#drop(thread));
    worker.unref();
    return thread;
  }

  #failed(reason: string): void {
    this.#parts.diagnostics.error("mailauth-thread-failed", { reason });
  }

  #hung(thread: Thread): void {
    if (this.#thread !== thread) return;
    this.#failed("it does not answer");
    this.#drop(thread);
    void thread.worker.terminate();
  }

  #drop(thread: Thread): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#notBeforeMs = this.#parts.clock.monotonicMs() + RESTART_DELAY_MS;
  }
}
