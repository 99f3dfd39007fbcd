import type { X509Certificate } from "node:crypto";
import { unreachable } from "../base/assert.ts";
import type { TlsaRecord } from "../dns/message.ts";
import { type CertificateChain, verifyDane } from "./dane.ts";
import { certificateNames, isForHost, type NamePattern } from "./peer-name.ts";
import type { TlsResultType } from "./tls-report.ts";

/** What a server has shown in its handshake, having proved that it holds the key. */
export interface ServerProof {
  readonly certificate: X509Certificate | undefined;
  /** All that it has shown, its own certificate first. */
  readonly chain: () => CertificateChain | undefined;
  /**
   * OpenSSL's word for what is wrong with the chain; `undefined`: it is valid now and leads to an
   * authority that we trust. Names are not part of it.
   */
  readonly chainFault: string | undefined;
}

/** Something that a server has to prove. */
export type PeerCheck =
  /** A valid certificate of a trusted authority, for whomever. */
  | { readonly kind: "chain" }
  /** That, for one of these names. */
  | {
      readonly kind: "name";
      readonly names: readonly NamePattern[];
      readonly commonName: "never" | "fallback";
    }
  /** What DNSSEC says of it (RFC 7672); the records are usable ones. */
  | {
      readonly kind: "dane";
      readonly records: readonly TlsaRecord[];
      readonly names: readonly string[];
    };

/** Whether it has proved it; `result` and `reason` are for the log and the report. */
export type PeerVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly result: TlsResultType; readonly reason: string };

/** Whether the server has proved all of it: the first check that it does not pass, otherwise. */
export function checkPeer(
  checks: readonly PeerCheck[],
  proof: ServerProof,
  nowMs: number,
): PeerVerdict {
  for (const check of checks) {
    const verdict = checkOne(check, proof, nowMs);
    if (!verdict.ok) return verdict;
  }
  return { ok: true };
}

function checkOne(check: PeerCheck, proof: ServerProof, nowMs: number): PeerVerdict {
  const { certificate } = proof;
  if (certificate === undefined) {
    return { ok: false, result: "certificate-not-trusted", reason: "it has shown no certificate" };
  }
  switch (check.kind) {
    case "chain":
      return checkChain(proof.chainFault);
    case "name": {
      const chain = checkChain(proof.chainFault);
      if (!chain.ok) return chain;
      if (check.names.some((name) => isForHost(certificate, name, check))) return { ok: true };
      const names = check.names.join(" or ");
      const reason = `its certificate is for ${certificateNames(certificate)}, not ${names}`;
      return { ok: false, result: "certificate-host-mismatch", reason };
    }
    case "dane": {
      const verdict = verifyDane(proof.chain() ?? [certificate], { ...check, nowMs });
      return verdict.ok ? { ok: true } : verdict;
    }
    default:
      return unreachable(check);
  }
}

const DATE_FAULTS = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

function checkChain(fault: string | undefined): PeerVerdict {
  if (fault === undefined) return { ok: true };
  const result = DATE_FAULTS.has(fault) ? "certificate-expired" : "certificate-not-trusted";
  return { ok: false, result, reason: `its certificate does not verify (${fault})` };
}
