import { connect, isIP, type Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { formatEndpoint } from "./client-address.ts";

/** A connected socket, on its way to its ClientConnection; only this room looks inside. */
export type DialledSocket = Socket;

/**
 * Where to connect: an address (never a name: names are resolved before) or a Unix socket (LMTP).
 */
export type DialTarget =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Why there is no connection. */
export interface DialFault {
  readonly kind: "refused" | "timeout" | "unreachable" | "aborted" | "failed";
  /** The system's error code, `ECONNREFUSED`, or "" */
  readonly code: string;
}

/** How to connect. */
export interface DialOptions {
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  /** Our own address; a target of the other family then fails as unreachable. */
  readonly sourceAddress: string | undefined;
  /** Gives up when aborted. */
  readonly signal: AbortSignal | undefined;
}

const REFUSED = new Set(["ECONNREFUSED", "ENOENT", "EACCES"]);
const UNREACHABLE = new Set(["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** Both ends of a connection as logs name them; "" for ours where it has no address. */
export function endpointsOf(
  socket: DialledSocket,
  target: DialTarget,
): { readonly localEndpoint: string; readonly remoteEndpoint: string } {
  if (target.kind === "unix") return { localEndpoint: "", remoteEndpoint: target.path };
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return {
    localEndpoint: localAddress === undefined ? "" : formatEndpoint(localAddress, localPort ?? 0),
    remoteEndpoint: formatEndpoint(remoteAddress ?? target.address, remotePort ?? target.port),
  };
}

/** Connects to one target. Never rejects; a socket that comes too late is closed. */
export function dial(target: DialTarget, options: DialOptions): Promise<Result<Socket, DialFault>> {
  const { sourceAddress, signal } = options;
  if (signal?.aborted === true) return Promise.resolve(fault({ kind: "aborted", code: "" }));
  if (target.kind === "tcp" && !isReachable(target.address, sourceAddress)) {
    return Promise.resolve(fault({ kind: "unreachable", code: "EAFNOSUPPORT" }));
  }
  return new Promise((resolve) => {
    const socket =
      target.kind === "unix"
        ? connect({ path: target.path })
        : connect({
            host: target.address,
            port: target.port,
            ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
            noDelay: true,
            autoSelectFamily: false,
          });
    const settle = (result: Result<Socket, DialFault>) => {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
      socket.off("connect", connected);
      socket.off("error", failed);
      // Whatever comes of the socket now is of no interest, but an error without a listener throws.
      if (!result.ok) socket.on("error", ignore).destroy();
      resolve(result);
    };
    const connected = () => settle(ok(socket));
    const failed = (error: Error) => settle(fault(classify(error)));
    const abort = () => settle(fault({ kind: "aborted", code: "" }));
    const timer = options.clock.startTimer(options.connectTimeoutMs, () =>
      settle(fault({ kind: "timeout", code: "ETIMEDOUT" })),
    );
    socket.once("connect", connected);
    socket.once("error", failed);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function ignore(): void {}

/**
 * An address literal of the family that our own address has: anything else cannot work, or would
 * ask DNS.
 */
function isReachable(address: string, sourceAddress: string | undefined): boolean {
  const family = isIP(address);
  return family !== 0 && (sourceAddress === undefined || isIP(sourceAddress) === family);
}

function classify(error: Error): DialFault {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (REFUSED.has(code)) return { kind: "refused", code };
  if (code === "ETIMEDOUT") return { kind: "timeout", code };
  if (UNREACHABLE.has(code)) return { kind: "unreachable", code };
  return { kind: "failed", code };
}
