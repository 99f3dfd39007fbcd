import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import {
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { TlsFacts } from "../smtp/session-handler.ts";
import type { ServerProof } from "../tls/peer-check.ts";
import { readServerBinding } from "./channel-binding.ts";
import { readPeerCertificate } from "./peer-certificate.ts";

/** Versions, ciphers, our certificate and whom we trust, towards a server. */
export type ClientTlsContext = SecureContext;

/** How TLS begins. */
export interface StartTlsOptions {
  /** Name for SNI; `undefined`: none. */
  readonly serverName: string | undefined;
  readonly timeoutMs: number;
  /** `undefined`: the runtime's defaults, and no certificate of our own. */
  readonly context?: ClientTlsContext | undefined;
}

/** What a handshake came to. */
export interface StartedTls {
  readonly facts: TlsFacts;
  /** Nothing of it has been judged. */
  readonly proof: ServerProof;
}

/** Who is told what the connection brings. */
export interface ConnectionListener {
  /** Bytes as they come; they belong to the connection again when the call returns. */
  data(bytes: Uint8Array): void;
  /**
   * Nothing more will come, and nothing more can be sent. Called once, but not for a failed
   * `startTls`.
   */
  closed(): void;
}

/** One outgoing connection, clear or TLS. Errors of the socket are its end and nothing else. */
export class ClientConnection {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  #socket: Socket;
  #tls: TlsFacts | undefined;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(
    socket: Socket,
    options: { readonly clock: Clock; readonly listener: ConnectionListener },
  ) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#listener = options.listener;
    this.remoteAddress = socket.remoteAddress ?? "";
    this.localAddress = socket.localAddress ?? "";
    this.#attach(socket);
  }

  /** What TLS came to; `undefined` while in clear. */
  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  /** Whether it is over. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Sends. False asks the caller to wait for `drained` before the next piece: what is buffered is
   * then at most that piece and the socket's high-water mark.
   */
  write(data: Uint8Array | string): boolean {
    return this.#closed || this.#socket.write(data);
  }

  /** As `write` for several pieces, in one system call where it can be. */
  writeAll(pieces: readonly (Uint8Array | string)[]): boolean {
    if (this.#closed) return true;
    this.#socket.cork();
    let ready = true;
    for (const piece of pieces) ready = this.#socket.write(piece);
    this.#socket.uncork();
    return ready;
  }

  /** Whether nothing that was written waits here any more. */
  get isFlushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  /** Resolves once more may be written, or the connection is over. */
  drained(): Promise<void> {
    if (this.#closed || !this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /**
   * Changes to TLS (RFC 3207), whoever the server says it is: what it has to prove is for the
   * caller to check, before it says anything. What came in clear and has not been passed on is not
   * passed on any more: it is taken for a part of the handshake, and ends it. After a fault the
   * connection is over.
   */
  startTls(options: StartTlsOptions): Promise<Result<StartedTls, string>> {
    if (this.#closed) return Promise.resolve(fault("connection closed"));
    const clear = this.#socket;
    this.#detach(clear);
    return new Promise((resolve) => {
      const socket = connectTls({
        socket: clear,
        secureContext: options.context ?? opportunisticContext(),
        rejectUnauthorized: false,
        // Names are the caller's affair: what is left of the check is the chain.
        checkServerIdentity: () => undefined,
        ...(options.serverName === undefined ? {} : { servername: options.serverName }),
      });
      const timer = this.#clock.startTimer(options.timeoutMs, () => failed(new Error("timeout")));
      const failed = (error?: Error) => {
        settle();
        socket.on("error", ignore);
        clear.on("error", ignore);
        socket.destroy();
        clear.destroy();
        // The caller learns it from the result; `closed` is for what nobody waits for.
        this.#closed = true;
        this.#release();
        resolve(fault(error?.message ?? "connection closed"));
      };
      const closed = () => failed();
      const secured = () => {
        settle();
        this.#socket = socket;
        this.#attach(socket);
        const started = readStartedTls(socket, options.serverName);
        this.#tls = started.facts;
        resolve(ok(started));
      };
      const settle = () => {
        timer.cancel();
        socket.off("error", failed).off("close", closed).off("secureConnect", secured);
        clear.off("error", ignore);
      };
      clear.on("error", ignore);
      socket.on("error", failed).on("close", closed).on("secureConnect", secured);
    });
  }

  /** Sends what is buffered and closes. */
  end(): void {
    if (!this.#closed) this.#socket.end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#close();
  }

  #attach(socket: Socket): void {
    socket.on("data", this.#onData);
    socket.on("drain", this.#onDrain);
    socket.on("end", this.#onClose);
    socket.on("close", this.#onClose);
    socket.on("error", this.#onClose);
  }

  #detach(socket: Socket): void {
    socket.off("data", this.#onData);
    socket.off("drain", this.#onDrain);
    socket.off("end", this.#onClose);
    socket.off("close", this.#onClose);
    socket.off("error", this.#onClose);
  }

  readonly #onData = (bytes: Uint8Array) => {
    if (!this.#closed) this.#listener.data(bytes);
  };

  readonly #onDrain = () => this.#release();

  readonly #onClose = () => this.destroy();

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
    this.#listener.closed();
  }
}

function ignore(): void {}

function readStartedTls(socket: TLSSocket, serverName: string | undefined): StartedTls {
  const certificate = socket.getPeerX509Certificate();
  const peerCertificate = certificate && readPeerCertificate(socket, certificate);
  const facts: TlsFacts = {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().standardName,
    serverName,
    ...(peerCertificate && { peerCertificate }),
    channelBinding: (type) => readServerBinding(socket, certificate, type),
  };
  const chain = () => certificate && chainOf(certificate);
  const chainFault = peerCertificate === undefined ? "no certificate" : peerCertificate.fault;
  return { facts, proof: { certificate, chain, chainFault } };
}

/** More certificates than any chain has. */
const CHAIN_LENGTH_MAX = 20;

/** What the server has sent, in its order; a self-signed one at the end names itself. */
function chainOf(own: X509Certificate): [X509Certificate, ...X509Certificate[]] {
  const chain: [X509Certificate, ...X509Certificate[]] = [own];
  for (let next = own.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    const { fingerprint256 } = next;
    if (chain.some((one) => one.fingerprint256 === fingerprint256)) break;
    if (chain.length >= CHAIN_LENGTH_MAX) break;
    chain.push(next);
  }
  return chain;
}

let context: SecureContext | undefined;

/**
 * One for all connections: making it reads every certificate authority, which costs milliseconds.
 */
function opportunisticContext(): SecureContext {
  context ??= createSecureContext();
  return context;
}
