import { createServer, type Server, type Socket } from "node:net";
import { fault, ok, type Result } from "../base/result.ts";
import { KiB } from "../base/units.ts";
import type { Reply } from "../smtp/reply.ts";
import { formatReply } from "../smtp/reply-format.ts";
import { REPLY } from "../smtp/reply-table.ts";
import type { ConnectionFacts, OpenSession } from "../smtp/session-handler.ts";
import { shownAddress } from "./client-address.ts";
import { ProxyComplaints, ProxyIntake } from "./proxy-intake.ts";
import { ServerConnection } from "./server-connection.ts";
import { type ServerConnectionContext, tellCrash } from "./server-context.ts";
import { SessionSweep } from "./session-sweep.ts";

/** An SMTP listener to be opened. */
export interface ListenerOptions extends ServerConnectionContext {
  /** `0.0.0.0` and `::` may be listened on side by side. */
  readonly address: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly openSession: OpenSession;
  /**
   * Whether connections from this address begin with a PROXY header: then they must, and the real
   * client is the one named there. Nobody else's is looked for.
   */
  readonly isTrustedProxy: (address: string) => boolean;
}

/** Why a listener could not be opened. */
export interface ListenFault {
  readonly kind: "in-use" | "not-permitted" | "no-such-address" | "other";
  /** For the operator: names address, port and cure. */
  readonly message: string;
}

/** An open listener. */
export interface Listener {
  readonly port: number;
  /** Sessions open now. */
  readonly sessionCount: number;
  /**
   * Takes no new connections, lets running transactions finish for at most `limitMs`, and resolves
   * when every session is over. The second call changes nothing.
   */
  stop(limitMs: number): Promise<void>;
}

/** A connection, from its first byte to its end. */
type Listened = ServerConnection | ProxyIntake;

/** What accepting takes. */
interface Door {
  readonly options: ListenerOptions;
  readonly sweep: SessionSweep<Listened>;
  readonly complaints: ProxyComplaints;
}

const BACKLOG = 1024;
/** Small, so that a paused session holds little; what it does not hold, the kernel does. */
const STREAM_BUFFER_BYTES = 16 * KiB;

/**
 * Opens a listening socket that shares its port with those of the other threads (SO_REUSEPORT).
 * Resolves once it is open, or with the reason why it is not; never rejects.
 */
export function openListener(options: ListenerOptions): Promise<Result<Listener, ListenFault>> {
  const sweep = new SessionSweep<Listened>(options.clock);
  const door: Door = { options, sweep, complaints: new ProxyComplaints(options) };
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, highWaterMark: STREAM_BUFFER_BYTES },
    (socket) => accept(socket, door),
  );
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(fault(describeFault(error, options)));
    });
    const { address: host, port } = options;
    server.listen({ host, port, backlog: BACKLOG, reusePort: true, ipv6Only: true }, () => {
      server.removeAllListeners("error");
      server.on("error", (error) => {
        options.diagnostics.error("listener-failed", { address: host, message: error.message });
      });
      resolve(ok(new OpenListener(server, sweep, options)));
    });
  });
}

class OpenListener implements Listener {
  readonly port: number;
  readonly #server: Server;
  readonly #sweep: SessionSweep<Listened>;
  readonly #options: ListenerOptions;
  #stopped: Promise<void> | undefined;

  constructor(server: Server, sweep: SessionSweep<Listened>, options: ListenerOptions) {
    this.#server = server;
    this.#sweep = sweep;
    this.#options = options;
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : options.port;
  }

  get sessionCount(): number {
    return this.#sweep.sessions.size;
  }

  stop(limitMs: number): Promise<void> {
    this.#stopped ??= this.#stop(limitMs);
    return this.#stopped;
  }

  async #stop(limitMs: number): Promise<void> {
    // Its callback comes with the last connection's end, those that were refused included.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = this.#options.clock.startTimer(limitMs, () => {
      for (const session of this.#sweep.sessions) session.destroy("service stopped");
    });
    for (const session of this.#sweep.sessions) session.stop();
    await closed;
    // A session learns of its socket's end a moment after the server does.
    await this.#sweep.whenEmpty();
    timer.cancel();
  }
}

function accept(socket: Socket, door: Door): void {
  const facts = connectionFacts(socket);
  if (facts === undefined) {
    // Gone before we could look at it.
    socket.on("error", () => {});
    socket.destroy();
  } else if (door.options.isTrustedProxy(facts.remoteAddress)) {
    acceptProxied(socket, facts, door);
  } else {
    begin(socket, facts, door);
  }
}

function acceptProxied(socket: Socket, facts: ConnectionFacts, door: Door): void {
  const { options, sweep, complaints } = door;
  const proxyAddress = facts.remoteAddress;
  const intake = new ProxyIntake(socket, {
    openedMs: options.clock.monotonicMs(),
    onHeader(client) {
      const { address: remoteAddress, port: remotePort } = client ?? {};
      begin(
        socket,
        remoteAddress === undefined || remotePort === undefined
          ? facts
          : { ...facts, remoteAddress, remotePort, proxyAddress },
        door,
      );
    },
    onRefused: (reason) => complaints.tell(proxyAddress, reason),
    onOver: () => sweep.delete(intake),
  });
  sweep.add(intake);
}

/** The client is known: its session begins, or it is told why not. */
function begin(socket: Socket, facts: ConnectionFacts, { options, sweep }: Door): void {
  const opened = openSessionSafely(facts, options);
  if ("code" in opened) {
    refuse(socket, opened, options);
    return;
  }
  const connection = new ServerConnection(socket, {
    context: options,
    handler: opened,
    remoteAddress: facts.remoteAddress,
    onClosed: (closed) => sweep.delete(closed),
  });
  sweep.add(connection);
}

/** A fault of ours with one connection must not end the others. */
function openSessionSafely(
  facts: ConnectionFacts,
  options: ListenerOptions,
): ReturnType<OpenSession> {
  try {
    return options.openSession(facts);
  } catch (error) {
    tellCrash(options, error);
    return REPLY.internalError;
  }
}

function connectionFacts(socket: Socket): ConnectionFacts | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (localAddress === undefined || localPort === undefined) return undefined;
  const scope = remoteAddress.split("%")[1];
  return {
    ...(scope !== undefined && { scope }),
    remoteAddress: shownAddress(remoteAddress),
    remotePort,
    localAddress: shownAddress(localAddress),
    localPort,
  };
}

/** Says why in place of the banner, but not in clear to a client that speaks TLS. */
function refuse(socket: Socket, reply: Reply, options: ListenerOptions): void {
  socket.on("error", () => {});
  if (!options.implicitTls) socket.write(formatReply(reply, { enhanced: true }), "latin1");
  socket.destroySoon();
}

function describeFault(
  error: NodeJS.ErrnoException,
  at: { readonly address: string; readonly port: number },
): ListenFault {
  const endpoint = at.address.includes(":")
    ? `[${at.address}]:${at.port}`
    : `${at.address}:${at.port}`;
  const failed = `Cannot listen on ${endpoint}`;
  switch (error.code) {
    case "EADDRINUSE":
      return {
        kind: "in-use",
        message: `${failed}: another program uses this port. Stop it or choose another port.`,
      };
    case "EACCES":
    case "EPERM":
      return {
        kind: "not-permitted",
        message: `${failed}: not permitted. Ports below 1024 need CAP_NET_BIND_SERVICE.`,
      };
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
      return {
        kind: "no-such-address",
        message: `${failed}: this machine has no such address.`,
      };
    default:
      return { kind: "other", message: `${failed}: ${error.message}` };
  }
}
