import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { SECOND } from "../base/units.ts";
import type { GssapiAcceptor, GssapiContext } from "../sasl/mechanism.ts";
import { type AcceptorReply, type AcceptorRequest, isAcceptorReply } from "./acceptor-protocol.ts";

/** A request of one context, without what the process adds. */
type Asked = AcceptorRequest extends infer Request
  ? Request extends AcceptorRequest
    ? Omit<Request, "id">
    : never
  : never;

/** A call is a few milliseconds' work; a process that takes longer hangs, and is ended. */
const CALL_TIMEOUT_MS = 10 * SECOND;
/** After a death, logons by Kerberos fail at once for so long. */
const RESTART_DELAY_MS = 5 * SECOND;
/** Requests under way; more fail at once. */
const CALLS_MAX = 2000;

interface Call {
  readonly resolve: (reply: AcceptorReply) => void;
  readonly reject: (error: Error) => void;
}

/** The process as a transport thread holds it; started with the first logon. */
export class GssapiProcess implements GssapiAcceptor {
  readonly #options: {
    readonly keytab: string;
    readonly clock: Clock;
    readonly diagnostics: Diagnostics;
  };
  readonly #calls = new Map<number, Call>();
  #child: ChildProcess | undefined;
  #ready: Promise<void> | undefined;
  #diedMs = Number.NEGATIVE_INFINITY;
  #lastId = 0;
  #lastContext = 0;
  #isClosed = false;

  /** @param options `keytab` is a file that the server's user can read (MIT's KRB5_KTNAME) */
  constructor(options: {
    readonly keytab: string;
    readonly clock: Clock;
    readonly diagnostics: Diagnostics;
  }) {
    this.#options = options;
  }

  async open(options: {
    readonly hostName: string;
    readonly channelBinding: Uint8Array | undefined;
  }): Promise<GssapiContext> {
    this.#lastContext += 1;
    const context = this.#lastContext;
    const { channelBinding } = options;
    await this.#ask({ kind: "open", context, channelBinding });
    const bytesOf = (reply: AcceptorReply) => {
      assert(reply.kind === "bytes", "wrap and unwrap give bytes");
      return reply.bytes;
    };
    return {
      accept: async (bytes) => {
        const reply = await this.#ask({ kind: "accept", context, bytes });
        assert(reply.kind === "accepted", "accept gives its result");
        return reply.result;
      },
      wrap: async (bytes) => {
        const wrapped = bytesOf(await this.#ask({ kind: "wrap", context, bytes }));
        if (wrapped === undefined) throw new Error("the Kerberos context cannot wrap");
        return wrapped;
      },
      unwrap: async (bytes) => bytesOf(await this.#ask({ kind: "unwrap", context, bytes })),
      close: () => this.#send({ id: 0, kind: "close", context }),
    };
  }

  /** Ends the process; what is under way fails. */
  close(): void {
    this.#isClosed = true;
    this.#child?.disconnect();
  }

  async #ask(asked: Asked): Promise<AcceptorReply> {
    await this.#start();
    if (this.#calls.size >= CALLS_MAX) throw new Error("too many Kerberos logons at once");
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = await new Promise<AcceptorReply>((resolve, reject) => {
      const timer = this.#options.clock.startTimer(CALL_TIMEOUT_MS, () => {
        // A lookup that hangs would hang every logon behind it.
        this.#child?.kill("SIGKILL");
      });
      const settle = (act: () => void) => {
        timer.cancel();
        this.#calls.delete(id);
        act();
      };
      this.#calls.set(id, {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      // The two halves are the parts of one request: what Omit has torn apart.
      this.#send({ ...asked, id } as AcceptorRequest);
    });
    if (reply.kind === "failed") throw new Error(reply.detail);
    return reply;
  }

  #send(request: AcceptorRequest): void {
    // Its end is told by `exit`; an error to send is the same news.
    if (this.#child?.connected === true) this.#child.send(request, () => {});
  }

  #start(): Promise<void> {
    const { clock } = this.#options;
    if (this.#isClosed) return Promise.reject(new Error("the server is stopping"));
    if (this.#ready !== undefined) return this.#ready;
    if (clock.monotonicMs() - this.#diedMs < RESTART_DELAY_MS) {
      return Promise.reject(new Error("the Kerberos process has just ended"));
    }
    const ready = new Promise<void>((resolve, reject) => this.#fork(resolve, reject));
    this.#ready = ready;
    return ready;
  }

  #fork(ready: () => void, failed: (error: Error) => void): void {
    const { keytab, diagnostics, clock } = this.#options;
    const child = fork(fileURLToPath(new URL("./acceptor-process.ts", import.meta.url)), [], {
      // Only what the library needs: a core of this process must not hold the server's environment.
      env: {
        KRB5_KTNAME: keytab,
        ...(process.env["KRB5_CONFIG"] && { KRB5_CONFIG: process.env["KRB5_CONFIG"] }),
        ...(process.env["TMPDIR"] && { TMPDIR: process.env["TMPDIR"] }),
      },
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    // One that never gets ready would keep every session that waits for it.
    const starting = clock.startTimer(CALL_TIMEOUT_MS, () => child.kill("SIGKILL"));
    let lastWords = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      lastWords = (lastWords + bytes.toString("utf8")).slice(-500);
    });
    child.on("message", (reply) => {
      if (!isAcceptorReply(reply)) return;
      if (reply.id === 0) {
        starting.cancel();
        ready();
      } else {
        this.#calls.get(reply.id)?.resolve(reply);
      }
    });
    const ended = (reason: string) => {
      starting.cancel();
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#ready = undefined;
      this.#diedMs = clock.monotonicMs();
      const error = new Error(`the Kerberos process ended: ${reason}`);
      failed(error);
      for (const call of [...this.#calls.values()]) call.reject(error);
      if (!this.#isClosed) {
        const cure = "install libgssapi-krb5-2 and check the keytab";
        diagnostics.error("gssapi-process-ended", { reason, lastWords, cure });
      }
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(signal ?? `exit code ${code}`));
  }
}
