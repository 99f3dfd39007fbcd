import { isIP } from "node:net";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { type DialFault, type DialledSocket, type DialTarget, dial } from "../net/dial.ts";
import type { ScanEndpoint } from "./scan-endpoint.ts";
import type { ScanFault } from "./scan-fault.ts";
import type { ScanGate } from "./scan-gate.ts";

/** A scanner, and how long it may take. */
export interface ScanPeer {
  readonly endpoint: ScanEndpoint;
  readonly clock: Clock;
  /** Addresses of a host, none when there are none. Never rejects. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** For the whole of one scan, from looking its host up to its last word. */
  readonly timeoutMs: number;
  /** For the connection alone. */
  readonly connectTimeoutMs: number;
  /** Where scans wait for their turn; without it, they all begin at once. */
  readonly gate?: ScanGate | undefined;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The message to scan. */
export interface ScanContent {
  /** How many octets `read` gives. */
  readonly bytes: number;
  /** The whole content, in pieces; called once per scan. It may reject when the store fails. */
  read(): AsyncIterable<Uint8Array>;
}

/** The end of a scan's time, or of the wish for it. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Why it has ended; of no meaning before. */
  fault(): ScanFault;
  /** Must be called, whatever the end: it holds a timer and a listener. */
  cancel(): void;
}

/** Starts the time of a scan, or of one step of it. */
export function startDeadline(peer: {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}): Deadline {
  const { clock, timeoutMs, signal } = peer;
  const controller = new AbortController();
  let reason: ScanFault = { kind: "aborted", text: "the scan was given up" };
  const stop = () => controller.abort();
  const timer = clock.startTimer(timeoutMs, () => {
    reason = { kind: "timeout", text: `no answer within ${timeoutMs} ms` };
    stop();
  });
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  return {
    signal: controller.signal,
    fault: () => reason,
    cancel: () => {
      timer.cancel();
      signal?.removeEventListener("abort", stop);
    },
  };
}

/** More addresses of one scanner are not tried. */
const ADDRESSES_MAX = 4;

/** Connects to a scanner, to one address of its host after the other. Never rejects. */
export async function connectPeer(
  peer: ScanPeer,
  deadline: Deadline,
): Promise<Result<DialledSocket, ScanFault>> {
  const { endpoint, clock, connectTimeoutMs } = peer;
  const { signal } = deadline;
  const targets = await targetsOf(peer, signal);
  let last: ScanFault = { kind: "unreachable", text: "its host has no address" };
  for (const target of targets) {
    if (signal.aborted) break;
    const options = { clock, connectTimeoutMs, sourceAddress: undefined, signal };
    const dialled = await dial(target, options);
    if (dialled.ok) return ok(dialled.value);
    last = faultOf(dialled.fault, endpoint);
  }
  return fault(signal.aborted ? deadline.fault() : last);
}

async function targetsOf(
  { endpoint, lookup }: ScanPeer,
  signal: AbortSignal,
): Promise<readonly DialTarget[]> {
  if (endpoint.kind === "unix") return [endpoint];
  const { host, port } = endpoint;
  const aborted = new Promise<readonly string[]>((resolve) => {
    signal.addEventListener("abort", () => resolve([]), { once: true });
  });
  const addresses = isIP(host) === 0 ? await Promise.race([lookup(host), aborted]) : [host];
  return addresses.slice(0, ADDRESSES_MAX).map((address) => ({ kind: "tcp", address, port }));
}

function faultOf({ kind, code }: DialFault, endpoint: ScanEndpoint): ScanFault {
  const why = kind === "timeout" ? "no connection in time" : code || kind;
  return { kind: "unreachable", text: `${endpoint.kind === "unix" ? "socket" : "host"}: ${why}` };
}
