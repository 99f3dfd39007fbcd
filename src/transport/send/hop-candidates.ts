import { isIP } from "node:net";
import type { MxPlan } from "../../dns/mx-plan.ts";
import type { SmartHost } from "../../org/organization.ts";
import type { HopCandidate, HopUnresolved } from "./connect-hop.ts";
import { planFault } from "./hop-fault.ts";
import type { TlsGuard } from "./hop-tls.ts";
import type { HostResolution } from "./send-dependencies.ts";

/** Takes what DNS has said of a name. */
export type TellHosts = (name: string, plan: MxPlan) => void;

/** Where candidates listen, and what TLS with them has to come to; no guard: nothing. */
export interface CandidateOptions {
  /** Told what DNS says, for the connectivity log. */
  readonly tellHosts: TellHosts;
  readonly port: number;
  readonly guard: TlsGuard | undefined;
}

/**
 * Every address of every host of a plan, in its order; `domain` is the one whose hosts they are. A
 * host that its TLS policy forbids is only told of.
 */
export async function* candidatesOf(
  plan: MxPlan & { readonly kind: "hosts" },
  domain: string,
  { port, guard }: CandidateOptions,
): AsyncGenerator<HopCandidate | HopUnresolved> {
  const domainGuard = guard?.of(domain);
  for (const host of plan.hosts) {
    const decided = await domainGuard?.decide(host, plan);
    if (decided?.kind === "refuse") {
      yield { kind: "failed", fault: decided.fault };
      continue;
    }
    // A literal's host has its address for a name: no name for SNI or the notice.
    const name = isIP(host.name) === 0 ? host.name : "";
    for (const address of host.addresses) {
      yield { kind: "candidate", name, target: { kind: "tcp", address, port }, tls: decided?.tls };
    }
  }
}

/** The addresses of a smart host, or of an LMTP host given by name. */
export async function* hostOf(
  host: SmartHost,
  options: CandidateOptions,
  { resolveHost }: Pick<HostResolution, "resolveHost">,
): AsyncGenerator<HopCandidate | HopUnresolved> {
  if (host.isAddress) {
    const only = { name: host.host, addresses: [host.host], preference: 0 };
    yield* candidatesOf({ kind: "hosts", hosts: [only] }, "", options);
    return;
  }
  const plan = await resolveHost(host.host);
  options.tellHosts(host.host, plan);
  if (plan.kind === "hosts") yield* candidatesOf(plan, host.host.toLowerCase(), options);
  // What the administrator wrote is never the recipient's fault: mail waits (RFC 5321 §4.5.4.1).
  else yield { kind: "failed", fault: planFault({ ...plan, kind: "failed" }) };
}

/**
 * The port of LMTP where none is given (RFC 2033 leaves it open, IANA registered 24 for private
 * mail).
 */
const LMTP_PORT = 24;

/** Where an LMTP server listens: a socket path, or host and port. */
export type LmtpEndpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "host"; readonly host: SmartHost; readonly port: number };

/** Reads `/path`, `host`, `host:port`, `192.0.2.1:24` or `[2001:db8::1]:24`. */
export function parseLmtpEndpoint(text: string): LmtpEndpoint | undefined {
  if (text.startsWith("/")) return { kind: "unix", path: text };
  const match = LMTP_ENDPOINT.exec(text);
  const name = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? LMTP_PORT : Number(match[3]);
  if (name === undefined || port < 1 || port > 65_535) return undefined;
  const isAddress = isIP(name) !== 0;
  if (match?.[1] !== undefined && !isAddress) return undefined;
  return { kind: "host", host: { host: name, isAddress }, port };
}

const LMTP_ENDPOINT = /^(?:\[([^\]]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/;
