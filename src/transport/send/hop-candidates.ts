import { isIP } from "node:net";
import type { MxPlan } from "../../dns/mx-plan.ts";
import type { SmartHost } from "../../org/organization.ts";
import type { HopCandidate, HopUnresolved } from "./connect-hop.ts";
import { planFault } from "./hop-fault.ts";
import type { SendDependencies } from "./send-dependencies.ts";

/** Every address of every host of a plan, in its order. */
export function* candidatesOf(
  plan: MxPlan & { readonly kind: "hosts" },
  port: number,
): Generator<HopCandidate> {
  for (const host of plan.hosts) {
    // A literal's host has its address for a name: no name for SNI or the notice.
    const name = isIP(host.name) === 0 ? host.name : "";
    for (const address of host.addresses) {
      yield { kind: "candidate", name, target: { kind: "tcp", address, port } };
    }
  }
}

/** The addresses of a smart host, or of an LMTP host given by name. */
export async function* hostOf(
  host: SmartHost,
  port: number,
  { resolveHost }: Pick<SendDependencies, "resolveHost">,
): AsyncGenerator<HopCandidate | HopUnresolved> {
  if (host.isAddress) {
    yield { kind: "candidate", name: "", target: { kind: "tcp", address: host.host, port } };
    return;
  }
  const plan = await resolveHost(host.host);
  if (plan.kind === "hosts") yield* candidatesOf(plan, port);
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
