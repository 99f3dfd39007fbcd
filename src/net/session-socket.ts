import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { KiB } from "../base/units.ts";
import type { SessionTls, TlsFacts } from "../smtp/session-handler.ts";
import type { SessionTape } from "../smtp/session-tape.ts";
import { readTlsFacts, wrapServerSocket } from "./server-tls.ts";

/** Replies that may wait for a client to read them; past it nothing more is read from it. */
const UNREAD_REPLY_BYTES_MAX = 64 * KiB;
/** Replies to one piece of input are sent together, but for very many. */
const REPLY_BATCH_BYTES_MAX = 16 * KiB;

const SOCKET_EVENTS = ["data", "end", "drain", "error", "close"] as const;

/** Who is told what happens on a session's socket. */
export interface SocketEvents {
  received(bytes: Buffer): void;
  /** The client has said all it has to say. */
  inputEnded(): void;
  drained(): void;
  lost(error: Error): void;
  closed(): void;
  /** The handshake is over. */
  secured(facts: TlsFacts): void;
}

/** The socket of one session, first in clear or under TLS at once: bytes, and no opinions. */
export class SessionSocket {
  readonly #events: SocketEvents;
  #socket: Socket;
  #output = "";
  /** Hears what is said; another session on the connection has another one. */
  tape: SessionTape | undefined;

  constructor(socket: Socket, events: SocketEvents) {
    this.#socket = socket;
    this.#events = events;
  }

  /** Begins to tell of what comes in clear. */
  listen(): void {
    this.#attach(this.#socket);
  }

  /** Wraps the socket; from now on it tells of what comes through TLS. */
  startTls(tls: SessionTls, from: "starttls" | "first-byte"): void {
    // The certificate is asked for anew each time, so that renewals take hold; it may fail.
    const usual = tls.secureContext(undefined);
    const clear = this.#socket;
    for (const event of SOCKET_EVENTS) clear.removeAllListeners(event);
    const socket = wrapServerSocket(clear, tls, { from, usual });
    this.#socket = socket;
    this.#attach(socket);
    socket.once("secure", () => this.#secured(socket, tls));
  }

  /** Adds to what is sent next; true when that has become much. */
  say(text: string): boolean {
    this.tape?.saidReply(text);
    this.#output += text;
    return this.#output.length >= REPLY_BATCH_BYTES_MAX;
  }

  /** Sends what has been said; false when the client should first read what it has been sent. */
  flush(): boolean {
    if (this.#output === "") return true;
    this.#socket.write(this.#output, "latin1");
    this.#output = "";
    return this.#socket.writableLength <= UNREAD_REPLY_BYTES_MAX;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Sends what has been said, then closes our side; what still comes in is dropped. */
  end(): void {
    this.flush();
    this.#socket.end();
    // Unread input would make the kernel answer with a reset, which can overtake the last reply.
    this.#socket.resume();
  }

  /** Sends what has been said, then closes both sides: the client waits for nothing more. */
  leave(): void {
    this.flush();
    const socket = this.#socket;
    // What the kernel has taken arrives whichever way we close, and this way takes one call less.
    // TLS has a last word of its own to say.
    if (socket.writableLength === 0 && !(socket instanceof TLSSocket)) {
      socket.destroy();
      return;
    }
    this.end();
    socket.once("finish", () => socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #attach(socket: Socket): void {
    const events = this.#events;
    socket.on("data", (bytes) => events.received(bytes));
    socket.on("end", () => events.inputEnded());
    socket.on("drain", () => events.drained());
    socket.on("error", (error) => events.lost(error));
    socket.on("close", () => events.closed());
  }

  #secured(socket: TLSSocket, tls: SessionTls): void {
    // A client has no reason to negotiate again, and each time costs us far more than it.
    socket.disableRenegotiation();
    this.#events.secured(readTlsFacts(socket, tls));
  }
}
