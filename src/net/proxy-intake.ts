import type { Socket } from "node:net";
import { SECOND } from "../base/units.ts";
import { type ProxiedClient, parseProxyHeader } from "./proxy-header.ts";
import type { ServerConnectionContext } from "./server-context.ts";
import type { Swept } from "./session-sweep.ts";

/** A proxy has everything at hand that it says in its header. */
const HEADER_TIMEOUT_MS = 5 * SECOND;
/** So often at most the operator is told of headers that are missing or wrong. */
const LOG_INTERVAL_MS = 1 * SECOND;
const SOCKET_EVENTS = ["data", "end", "error", "close"] as const;
const NOTHING = Buffer.alloc(0);

/** Tells the operator of proxies that don't send what they should, not more than once a second. */
export class ProxyComplaints {
  readonly #context: ServerConnectionContext;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(context: ServerConnectionContext) {
    this.#context = context;
  }

  tell(proxyAddress: string, reason: string): void {
    const { clock, count, diagnostics } = this.#context;
    count("postrider_connections_refused_total:proxy_header");
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#toldMs < LOG_INTERVAL_MS) return;
    this.#toldMs = nowMs;
    diagnostics.warn("proxy-header-refused", { proxyAddress, reason });
  }
}

/** A connection from a trusted proxy, until its header has been read: before TLS and any banner. */
export class ProxyIntake implements Swept {
  readonly #socket: Socket;
  readonly #refuse: (reason: string) => void;
  readonly #openedMs: number;
  readonly #onHeader: (client: ProxiedClient | undefined) => void;
  readonly #onOver: () => void;
  #received: Buffer = NOTHING;

  constructor(
    socket: Socket,
    intake: {
      readonly openedMs: number;
      /** The header is there; the socket is paused, and holds what came behind it. */
      readonly onHeader: (client: ProxiedClient | undefined) => void;
      readonly onRefused: (reason: string) => void;
      /** Called once, after the others. */
      readonly onOver: () => void;
    },
  ) {
    this.#socket = socket;
    this.#openedMs = intake.openedMs;
    this.#onHeader = intake.onHeader;
    this.#refuse = intake.onRefused;
    this.#onOver = intake.onOver;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("end", () => this.#ended());
    socket.on("error", () => {});
    socket.on("close", () => this.#onOver());
  }

  sweep(nowMs: number): void {
    if (nowMs - this.#openedMs >= HEADER_TIMEOUT_MS) this.#fail("the header has not come in time");
  }

  stop(): void {
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    const header = parseProxyHeader(this.#received);
    if (header.kind === "incomplete") return;
    if (header.kind === "fault") {
      this.#fail(header.reason);
      return;
    }
    const socket = this.#socket;
    for (const event of SOCKET_EVENTS) socket.removeAllListeners(event);
    socket.pause();
    const rest = this.#received.subarray(header.octets);
    if (rest.length > 0) socket.unshift(rest);
    this.#onHeader(header.client);
    this.#onOver();
  }

  #ended(): void {
    // A check that only looks whether somebody listens says nothing.
    if (this.#received.length === 0) this.#socket.destroy();
    else this.#fail("the header is cut short");
  }

  #fail(reason: string): void {
    if (this.#socket.destroyed) return;
    this.#refuse(reason);
    this.#socket.destroy();
  }
}
