import { unreachable } from "../../base/assert.ts";
import { type Address, domainOf } from "../../mail/address.ts";
import type { TlsPolicy } from "../../org/tls-settings.ts";
import { checkPeer, type ServerProof } from "../../tls/peer-check.ts";
import type { Fault } from "../queue/outcome.ts";
import type { HopTls } from "./hop-tls.ts";
import { tlsFault } from "./tls-fault.ts";
import { selectTlsPolicy } from "./tls-policy.ts";

/** What a session has come to, weakest first. */
const STRENGTHS = ["clear", "encrypted", "valid certificate", "certificate for the host"] as const;

type Strength = (typeof STRENGTHS)[number];

/**
 * Why a recipient's mail must not go over a session with a smart host, which takes mail for all
 * domains: the TLS policy of the recipient's domain asks for more than the session has come to.
 * DANE and MTA-STS of the domain are the smart host's affair; we ask that it be the right one.
 */
export function recipientTlsFault(
  address: Address,
  policies: readonly TlsPolicy[],
  session: {
    readonly proof: ServerProof | undefined;
    readonly tls: HopTls | undefined;
    readonly nowMs: number;
  },
): Fault | undefined {
  const policy = selectTlsPolicy(policies, domainOf(address));
  if (policy === undefined) return undefined;
  const wanted = wantedBy(policy.mode);
  const has = strengthOf(session);
  if (STRENGTHS.indexOf(has) >= STRENGTHS.indexOf(wanted)) return undefined;
  const failure = {
    type: has === "clear" ? "starttls-not-supported" : "certificate-not-trusted",
    detail: `which asks for: ${wanted}; it has: ${has}`,
  } as const;
  const host = session.tls?.host ?? "";
  return tlsFault({ failure, host, label: `${policy.mode} by TLS policy ${policy.name}` });
}

function wantedBy(mode: TlsPolicy["mode"]): Strength {
  switch (mode) {
    case "None":
    case "Opportunistic":
      return "clear";
    case "EncryptionOnly":
      return "encrypted";
    case "CertificateValidation":
      return "valid certificate";
    case "DomainValidation":
    case "Dane":
    case "MtaSts":
      return "certificate for the host";
    default:
      return unreachable(mode);
  }
}

function strengthOf(session: Parameters<typeof recipientTlsFault>[2]): Strength {
  const { proof, tls, nowMs } = session;
  if (proof === undefined) return "clear";
  const host = tls?.host ?? "";
  const isNamed =
    tls?.decision.checks.some(({ kind }) => kind !== "chain") === true ||
    (host !== "" &&
      checkPeer([{ kind: "name", names: [host], commonName: "fallback" }], proof, nowMs).ok);
  if (isNamed) return "certificate for the host";
  return proof.chainFault === undefined ? "valid certificate" : "encrypted";
}
