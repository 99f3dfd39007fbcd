import type { Socket } from "node:net";
import { assert, unreachable } from "../base/assert.ts";
import type { Timer } from "../base/clock.ts";
import { freeBytes } from "../base/free-bytes.ts";
import { SECOND } from "../base/units.ts";
import type { Reply } from "../smtp/reply.ts";
import { formatReply } from "../smtp/reply-format.ts";
import { REPLY } from "../smtp/reply-table.ts";
import { type Effect, QUIT_REASON } from "../smtp/server-effect.ts";
import { ServerMachine } from "../smtp/server-machine.ts";
import type {
  ContentSink,
  SessionHandler,
  TlsFacts,
  Verdict,
  XclientAttributes,
} from "../smtp/session-handler.ts";
import { type ServerConnectionContext, tellCrash } from "./server-context.ts";
import { askLogon, askVerdict, currentOptions } from "./session-questions.ts";
import { SessionSocket, type SocketEvents } from "./session-socket.ts";
import type { Swept } from "./session-sweep.ts";

/** How long a client may take to close after we have: until then what it still sends is dropped. */
const LINGER_MS = 5 * SECOND;

const NOTHING = Buffer.alloc(0);

type Phase = "handshake" | "talking" | "closing" | "closed";

/**
 * The driver of one session: the only place where a socket meets the machine and the handler. It
 * has no opinions; whatever it does, the machine, the handler or a limit has asked for.
 *
 * Holds at most one piece of input while a question is open, and lets the kernel hold the rest.
 */
export class ServerConnection implements Swept, SocketEvents {
  readonly #context: ServerConnectionContext;
  #handler: SessionHandler;
  #remoteAddress: string;
  readonly #onClosed: (connection: ServerConnection) => void;
  readonly #openedMs: number;
  readonly #socket: SessionSocket;
  #machine: ServerMachine | undefined;
  #sink: ContentSink | undefined;
  #phase: Phase = "talking";
  /** Received last, and perhaps not read to its end. */
  #input: Buffer | undefined;
  /** What the machine waits for: the handler's answer, the tarpit, or the client's reading. */
  #waiting: "" | "answer" | "tarpit" | "drain" = "";
  #pumping = false;
  #inputEnded = false;
  #tarpit: Timer | undefined;
  /** When the client was last heard, or last got a reply; when the phase began in other phases. */
  #activeMs: number;
  /** When the handler was asked about a logon last. */
  #askedMs = 0;
  /** The session's time is over, but the handler is still at work: its reply goes first. */
  #overdue = false;
  #reason = "connection lost";

  constructor(
    socket: Socket,
    session: {
      readonly context: ServerConnectionContext;
      readonly handler: SessionHandler;
      readonly remoteAddress: string;
      readonly onClosed: (connection: ServerConnection) => void;
    },
  ) {
    this.#context = session.context;
    this.#handler = session.handler;
    this.#remoteAddress = session.remoteAddress;
    this.#onClosed = session.onClosed;
    this.#openedMs = this.#activeMs = session.context.clock.monotonicMs();
    this.#socket = new SessionSocket(socket, this);
    this.#socket.listen();
    if (session.context.implicitTls) this.#startTls("first-byte");
    else this.#greet(undefined);
  }

  /** Ends what has taken too long. */
  sweep(nowMs: number): void {
    const { options } = this.#handler;
    const silentMs = nowMs - this.#activeMs;
    if (this.#phase === "closing") {
      if (silentMs >= LINGER_MS) this.#socket.destroy();
    } else if (this.#phase === "handshake") {
      if (silentMs >= this.#context.handshakeTimeoutMs) this.#fail("TLS handshake timed out");
    } else if (nowMs - this.#openedMs >= options.sessionTimeoutMs) {
      if (this.#waiting === "answer") this.#overdue = true;
      else this.#finish(REPLY.sessionTooLong, "session timed out");
    } else if (this.#waiting !== "answer" && silentMs >= options.idleTimeoutMs) {
      this.#finish(REPLY.idleTooLong, "idle timeout");
    }
  }

  /** Lets a running transaction finish, then says 421 and closes. */
  stop(): void {
    if (this.#phase === "handshake") this.#fail("service stopping");
    this.#machine?.stop();
    this.#pump();
  }

  /** Closes at once; the client has to send again what has not been answered. */
  destroy(reason: string): void {
    this.#fail(reason);
  }

  #greet(tls: TlsFacts | undefined, unread: Buffer = NOTHING): void {
    const { tape } = this.#handler;
    this.#socket.tape = tape;
    const facts = { remoteAddress: this.#remoteAddress, tls, unread, tape };
    this.#machine = new ServerMachine({ options: currentOptions(this.#handler), ...facts });
    this.#pump();
  }

  received(bytes: Buffer): void {
    if (this.#phase !== "talking" || this.#machine === undefined) return;
    this.#activeMs = this.#context.clock.monotonicMs();
    this.#machine.receive(bytes);
    this.#input = bytes;
    // Clients that wait for replies never come here while a question is open, and are not paused.
    if (this.#waiting === "") this.#pump();
    else this.#socket.pause();
  }

  /** The client has said all it has to say, but may still want to hear our replies. */
  inputEnded(): void {
    this.#inputEnded = true;
    if (this.#phase === "handshake") this.#fail("TLS handshake broken off");
    this.#pump();
  }

  drained(): void {
    if (this.#waiting === "drain") this.#proceed();
  }

  /** Does what the machine wants until it is idle or has to wait. */
  #pump(): void {
    if (this.#pumping || this.#waiting !== "" || this.#phase !== "talking") return;
    this.#pumping = true;
    try {
      while (this.#phase === "talking" && this.#waiting === "" && this.#machine !== undefined) {
        if (!this.#perform(this.#machine, this.#machine.next())) break;
      }
    } catch (error) {
      this.#crash(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** False when the machine has nothing more to do. */
  #perform(machine: ServerMachine, effect: Effect): boolean {
    switch (effect.kind) {
      case "idle":
        this.#rest();
        return false;
      case "reply":
        this.#say(effect.reply, effect.delayMs);
        return true;
      case "mail":
      case "rcpt":
        this.#await(askVerdict(this.#handler, machine.client, effect));
        return true;
      case "authenticate":
      case "continue-authentication":
        this.#askedMs = this.#context.clock.monotonicMs();
        this.#wait(askLogon(this.#handler, machine.client, effect), (step) =>
          machine.answerLogon(step, currentOptions(this.#handler)),
        );
        return true;
      case "cancel-authentication":
        this.#handler.cancelAuthentication();
        return true;
      case "xclient":
        this.#becomeClient(machine, effect.attributes);
        return true;
      case "begin-content": {
        const opened = this.#handler.beginContent(machine.client);
        if ("code" in opened) machine.answer(opened);
        else {
          this.#sink = opened;
          machine.answer(undefined);
        }
        return true;
      }
      case "content":
        this.#pass(effect.bytes);
        return true;
      case "end-content": {
        assert(this.#sink !== undefined, "content ends that has not begun");
        const ended = this.#sink.end();
        this.#sink = undefined;
        this.#await(ended);
        return true;
      }
      case "abort-content":
        this.#abort();
        return true;
      case "reset":
        this.#handler.reset();
        return true;
      case "start-tls":
        this.#flush();
        this.#startTls("starttls");
        return false;
      case "close":
        this.#end(effect.reason);
        return false;
      default:
        return unreachable(effect);
    }
  }

  #rest(): void {
    this.#flush();
    if (this.#inputEnded) this.#end("client closed the connection");
    if (this.#waiting !== "") return;
    // An idle machine has read and copied all it was given.
    if (this.#input !== undefined) freeBytes(this.#input);
    this.#input = undefined;
    if (!this.#inputEnded) this.#socket.resume();
  }

  /** Takes a verdict at hand without a turn of the event loop. */
  #await(verdict: Promise<Verdict> | Verdict): void {
    if (verdict instanceof Promise) {
      this.#wait(verdict, (reply) => this.#machine?.answer(reply));
    } else {
      this.#machine?.answer(verdict);
    }
  }

  /** Another client's session begins on this connection, with what this one has sent already. */
  #becomeClient(machine: ServerMachine, attributes: XclientAttributes): void {
    const next = this.#handler.xclient(attributes);
    if ("code" in next) {
      machine.answer(next);
      return;
    }
    this.#handler.closed("XCLIENT");
    this.#handler = next;
    this.#remoteAddress = attributes.address ?? this.#remoteAddress;
    this.#greet(machine.client.tls, machine.release());
  }

  #pass(bytes: Uint8Array): void {
    const room = this.#sink?.write(bytes);
    if (room !== undefined) {
      // Content keeps coming: without this the stream would fill its own buffer meanwhile.
      this.#socket.pause();
      this.#wait(room, () => {});
    }
  }

  #wait<Value>(promise: Promise<Value>, take: (value: Value) => void): void {
    this.#waiting = "answer";
    promise.then(
      (value) => {
        if (this.#phase !== "talking") return;
        try {
          take(value);
        } catch (error) {
          this.#crash(error);
        }
        this.#proceed();
      },
      (error: unknown) => this.#crash(error),
    );
  }

  #proceed(): void {
    this.#waiting = "";
    this.#activeMs = this.#context.clock.monotonicMs();
    this.#pump();
    if (this.#overdue && this.#waiting === "") {
      this.#finish(REPLY.sessionTooLong, "session timed out");
    }
  }

  /**
   * Sends a reply, after the tarpit's delay if it is an error. A delay of its own is a logon's, and
   * runs from the question on: how long the answer took is nobody's business.
   */
  #say(reply: Reply, ownDelayMs: number | undefined): void {
    const { options } = this.#handler;
    const text = formatReply(reply, { enhanced: options.extensions.enhancedStatusCodes });
    let delayMs = reply.code >= 500 ? options.tarpitMs : 0;
    if (ownDelayMs !== undefined) {
      delayMs = ownDelayMs - (this.#context.clock.monotonicMs() - this.#askedMs);
    }
    if (delayMs > 0) {
      this.#flush();
      this.#waiting = "tarpit";
      this.#tarpit = this.#context.clock.startTimer(delayMs, () => {
        this.#socket.say(text);
        this.#proceed();
      });
      return;
    }
    if (this.#socket.say(text)) this.#flush();
  }

  #flush(): void {
    if (!this.#socket.flush() && this.#waiting === "") {
      this.#waiting = "drain";
      this.#socket.pause();
    }
  }

  #startTls(from: "starttls" | "first-byte"): void {
    const { tls } = this.#handler;
    if (tls === undefined) {
      const facts = { remoteAddress: this.#remoteAddress };
      this.#context.diagnostics.error("tls-without-certificate", facts);
      this.#fail("no certificate for TLS");
      return;
    }
    this.#phase = "handshake";
    this.#activeMs = this.#context.clock.monotonicMs();
    try {
      this.#socket.startTls(tls, from);
    } catch (error) {
      this.#crash(error);
    }
  }

  secured(facts: TlsFacts): void {
    if (this.#phase !== "handshake") return;
    this.#context.count("postrider_tls_handshakes_total:in_done");
    this.#phase = "talking";
    this.#activeMs = this.#context.clock.monotonicMs();
    try {
      this.#handler.secured(facts);
    } catch (error) {
      this.#crash(error);
    }
    this.#machine?.tlsStarted(facts, currentOptions(this.#handler));
    if (this.#machine === undefined) this.#greet(facts);
    else this.#pump();
  }

  /** Says a last reply that nobody has asked for, and closes. */
  #finish(reply: Reply, reason: string): void {
    if (this.#phase !== "talking") return;
    const { enhancedStatusCodes } = this.#handler.options.extensions;
    this.#socket.say(formatReply(reply, { enhanced: enhancedStatusCodes }));
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#phase !== "talking") return;
    this.#phase = "closing";
    this.#reason = reason;
    this.#activeMs = this.#context.clock.monotonicMs();
    this.#abort();
    this.#tarpit?.cancel();
    // After QUIT there is nothing to wait for. Many clients are gone before they read our goodbye,
    // and reading on would only bring their reset.
    if (reason === QUIT_REASON) this.#socket.leave();
    else this.#socket.end();
  }

  #fail(reason: string): void {
    if (this.#phase !== "closing") this.#reason = reason;
    this.#socket.destroy();
  }

  #abort(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.abort();
  }

  lost(error: Error): void {
    if (this.#phase === "handshake") this.#reason = `TLS handshake failed: ${error.message}`;
    else if (this.#phase === "talking") this.#reason = `connection lost: ${error.message}`;
  }

  /** Our own fault: the session ends with 421, and only it (style §4). */
  #crash(error: unknown): void {
    tellCrash(this.#context, error);
    if (this.#phase === "handshake") this.#fail("internal error");
    this.#finish(REPLY.internalError, "internal error");
  }

  closed(): void {
    if (this.#phase === "closed") return;
    if (this.#phase === "handshake")
      this.#context.count("postrider_tls_handshakes_total:in_failed");
    this.#phase = "closed";
    this.#tarpit?.cancel();
    this.#abort();
    this.#handler.closed(this.#reason);
    this.#onClosed(this);
  }
}
