import type { Address } from "../../mail/address.ts";
import { type DialledSocket, type DialTarget, dial, endpointsOf } from "../../net/dial.ts";
import type { TlsPolicy } from "../../org/tls-settings.ts";
import type { SessionEnd } from "../../smtp/client-event.ts";
import { SessionTape } from "../../smtp/session-tape.ts";
import type { Fault, Hop } from "../queue/outcome.ts";
import { ClientSession } from "./client-session.ts";
import type { HopSession } from "./delivery-attempt.ts";
import { dialFault, ourFault, sessionFault } from "./hop-fault.ts";
import type { HopLog } from "./hop-log.ts";
import type { HopTls } from "./hop-tls.ts";
import type { LogonConversation } from "./logon.ts";
import type { RecentFailures } from "./recent-failures.ts";
import { recipientTlsFault } from "./recipient-tls.ts";
import { requireTlsFault } from "./require-tls.ts";
import type { SendDependencies } from "./send-dependencies.ts";
import type { TellTlsAttempt } from "./tls-attempt.ts";
import { policyFault, reportTls } from "./tls-outcome.ts";
import { describeTls } from "./tls-words.ts";

/** One address to try. */
export interface HopCandidate {
  readonly kind: "candidate";
  /** Host name, or "" when only an address is known. */
  readonly name: string;
  readonly target: DialTarget;
  /** What TLS has to come to; `undefined`: as the settings say, whoever answers. */
  readonly tls?: HopTls | undefined;
}

/** A host, or all of them, that could not be resolved. */
export interface HopUnresolved {
  readonly kind: "impossible" | "failed";
  readonly fault: Fault;
}

/** How sessions with a hop are opened; from the connector. */
export interface HopSettings {
  readonly protocol: "smtp" | "lmtp";
  /** Whether the hosts come from a domain's MX records, or somebody set them. */
  readonly routing: "mx" | "fixed";
  readonly fqdn: string;
  readonly ownNames: readonly string[];
  readonly forceHelo: boolean;
  /** For logs: the connector's name. */
  readonly connector: string;
  /** Whether its sessions are in the protocol log. */
  readonly isVerbose: boolean;
  readonly tls: "never" | "opportunistic" | "required";
  /** Of the recipients' domains, where hosts take mail for all of them. */
  readonly tlsPolicies?: readonly TlsPolicy[] | undefined;
  /** Our address towards that one; `undefined` leaves it to the system. */
  readonly sourceAddress?: (target: string) => string | undefined;
  /** What a session logs on with; `undefined`: it does not. */
  readonly logon?: (() => LogonConversation) | undefined;
}

/** What came of trying the candidates in turn. */
export type Connected =
  | { readonly kind: "connected"; readonly target: HopSession }
  | { readonly kind: "failed" | "impossible"; readonly fault: Fault }
  /** Hops that could be reached may not have the message at hand; others may have theirs. */
  | { readonly kind: "unfit"; readonly fault: Fault }
  | { readonly kind: "aborted" };

/** How long one address may take to answer; the next one is waiting. */
export const CONNECT_TIMEOUT_MS = 30_000;
/** Addresses tried in one go; more would hold the queue's lane for too long. */
export const CANDIDATES_MAX = 16;

/** What `connectHop` works with. */
export interface HopContext {
  readonly settings: HopSettings;
  readonly dependencies: SendDependencies;
  readonly log: HopLog;
  readonly failures: RecentFailures;
  readonly signal: AbortSignal;
  /** The message at hand has REQUIRETLS: a hop that may not have it is passed over. */
  readonly requireTls: boolean;
  readonly tlsAttempt: TellTlsAttempt;
}

/** Tries the candidates in order until one is ready for messages (RFC 5321 §5.1). Never rejects. */
export async function connectHop(
  candidates: AsyncIterable<HopCandidate | HopUnresolved>,
  context: HopContext,
): Promise<Connected> {
  let last: HopUnresolved | undefined;
  let unfit: Fault | undefined;
  let tried = 0;
  for await (const candidate of untilAborted(candidates, context.signal)) {
    if (candidate.kind !== "candidate") {
      context.log.tell(candidate.fault.diagnostic);
      last ??= candidate;
      continue;
    }
    const result = await tryCandidate(candidate, context);
    if (result.kind === "connected") {
      const fault = context.requireTls ? result.target.requireTlsFault() : undefined;
      if (fault === undefined) return result;
      unfit ??= fault;
      result.target.session.quit();
      continue;
    }
    if (context.signal.aborted) return { kind: "aborted" };
    if (result.isSelf && context.settings.routing === "mx") {
      // RFC 5321 §5.1: hosts behind ourselves must not be tried. Those before us may come back;
      // without any, the domain leads nowhere.
      return last ?? { kind: "impossible", fault: LOOP };
    }
    last = result;
    tried += 1;
    if (tried >= CANDIDATES_MAX) break;
  }
  if (context.signal.aborted) return { kind: "aborted" };
  // A host that failed just now may be the right one the next time (RFC 8689 §4.2.1).
  if (last === undefined && unfit !== undefined) return { kind: "unfit", fault: unfit };
  return last ?? { kind: "failed", fault: dialFault({ kind: "failed", code: "no host" }) };
}

/**
 * The same, but over as soon as it is aborted: name servers and the web servers of policies may
 * take a minute, and a stop must not wait for them.
 */
async function* untilAborted<Value>(
  values: AsyncIterable<Value>,
  signal: AbortSignal,
): AsyncGenerator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  for (;;) {
    const next = await orAborted(iterator.next(), signal);
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

type Tried =
  | (Connected & { readonly kind: "connected" })
  | (HopUnresolved & { readonly kind: "failed"; readonly isSelf?: boolean });

const LOOP = ourFault(
  554,
  "5.4.6",
  "SMTPSEND.DNS.MxLoopback; DNS records for this domain are configured in a loop",
);

async function tryCandidate(candidate: HopCandidate, context: HopContext): Promise<Tried> {
  const startTls = candidate.tls?.decision.startTls ?? context.settings.tls;
  const first = await openSession(candidate, context, startTls);
  if (first.kind !== "handshake-failed") return first;
  context.dependencies.count("tls-failures", 1);
  context.log.tell(`TLS negotiation with ${endpointOf(candidate)} failed: ${first.text}`);
  // Whoever breaks the handshake must not get the password in clear for it.
  const mayBeClear = startTls !== "required" && context.settings.logon === undefined;
  if (!mayBeClear) return { kind: "failed", fault: first.fault };
  // Opportunistic: in clear is better than not at all (RFC 7435 §3), on a new connection.
  const second = await openSession(candidate, context, "never");
  if (second.kind !== "handshake-failed") return second;
  return { kind: "failed", fault: second.fault };
}

type Opened =
  | Tried
  | { readonly kind: "handshake-failed"; readonly text: string; readonly fault: Fault };

async function openSession(
  candidate: HopCandidate,
  context: HopContext,
  startTls: HopSettings["tls"],
): Promise<Opened> {
  const { settings, dependencies, log, failures, signal } = context;
  const { clock, count } = dependencies;
  const endpoint = endpointOf(candidate);
  const { target } = candidate;
  const dialled = await dial(target, {
    clock,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    sourceAddress: target.kind === "tcp" ? settings.sourceAddress?.(target.address) : undefined,
    signal,
  });
  if (!dialled.ok) {
    const fault = dialFault(dialled.fault);
    if (dialled.fault.kind !== "aborted") {
      count("connection-failures", 1);
      failures.add(endpoint);
      log.tell(`Failed to connect to ${endpoint}: ${fault.diagnostic}`);
    }
    return { kind: "failed", fault };
  }
  const session = beginSession(candidate, context, { socket: dialled.value, startTls });
  const end = await openOrAbort(session, signal);
  const hop = hopOf(candidate, session);
  if (end === undefined) {
    failures.remove(endpoint);
    count("connections", 1);
    if (session.tls !== undefined) {
      count("tls-connections", 1);
      log.tell(`TLS negotiation succeeded: ${describeTls(session.tls, candidate.tls)}`);
    }
    if (startTls !== "never") reportTls({ candidate, session, hop }, context);
    const { tlsPolicies = [] } = settings;
    const facts = { proof: session.proof, tls: candidate.tls, nowMs: clock.nowMs() };
    const recipientFault =
      tlsPolicies.length === 0
        ? undefined
        : (address: Address) => recipientTlsFault(address, tlsPolicies, facts);
    const requireTls = () => requireTlsFault(session, candidate.tls, clock.nowMs());
    return {
      kind: "connected",
      target: {
        ...{ session, hop, protocol: settings.protocol },
        ...{ requireTlsFault: requireTls, recipientFault },
      },
    };
  }
  const failure = reportTls({ candidate, session, hop, end }, context);
  const fault =
    failure && candidate.tls ? policyFault(failure, candidate.tls) : sessionFault(end, hop);
  if (end.kind === "lost" && end.cause === "handshake") {
    return { kind: "handshake-failed", text: session.tlsFault?.detail ?? "", fault };
  }
  if (end.kind !== "lost" || end.cause !== "aborted") {
    count("connection-failures", 1);
    failures.add(endpoint);
    log.tell(`${endpoint} is of no use: ${fault.diagnostic}`);
  }
  return { kind: "failed", fault, isSelf: end.kind === "self" };
}

/** The connection is there: a session begins on it, and whoever listens to it. */
function beginSession(
  candidate: HopCandidate,
  { settings, dependencies, log }: HopContext,
  on: { readonly socket: DialledSocket; readonly startTls: HopSettings["tls"] },
): ClientSession {
  const { socket, startTls } = on;
  const id = log.nextSession(dependencies.nextSessionId);
  const other = id === log.session ? "" : ` (session ${id})`;
  log.tell(`Established connection to ${endpointOf(candidate)}${other}`);
  const { protocol, fqdn, ownNames, forceHelo, connector } = settings;
  const logon = settings.logon?.();
  const facts = { direction: "Send", connector } as const;
  return new ClientSession({
    id,
    socket,
    clock: dependencies.clock,
    client: { protocol, fqdn, ownNames, forceHelo, startTls, logsOn: logon !== undefined },
    logon,
    tape: SessionTape.open(
      dependencies.desk,
      { ...facts, ...endpointsOf(socket, candidate.target) },
      { verbose: settings.isVerbose, id, redact: logon && ((text) => logon.redact(text)) },
    ),
    serverName: candidate.tls?.serverName ?? (candidate.name || undefined),
    tls: candidate.tls && { context: candidate.tls.context, checks: candidate.tls.decision.checks },
  });
}

async function openOrAbort(
  session: ClientSession,
  signal: AbortSignal,
): Promise<SessionEnd | undefined> {
  const abort = () => session.abort(0);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  return session.opened().finally(() => signal.removeEventListener("abort", abort));
}

function hopOf(candidate: HopCandidate, session: ClientSession): Hop {
  const { target, name } = candidate;
  const address = target.kind === "unix" ? target.path : session.remoteAddress || target.address;
  const { id: sessionId, tls, localAddress } = session;
  const hop = { name: name || session.offers.serverName, address, localAddress, sessionId };
  if (tls === undefined) return hop;
  const mode = candidate.tls?.decision.mode ?? "Opportunistic";
  return { ...hop, tls: { version: tls.version, cipher: tls.cipher, mode } };
}

/** As the logs and `RecentFailures` name it. */
export function endpointOf({ target }: HopCandidate): string {
  if (target.kind === "unix") return target.path;
  return target.address.includes(":")
    ? `[${target.address}]:${target.port}`
    : `${target.address}:${target.port}`;
}
