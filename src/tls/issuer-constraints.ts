import type { X509Certificate } from "node:crypto";
import { x509 } from "./x509-library.ts";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const CERTIFICATE_POLICIES = "2.5.29.32";
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const UNDERSTOOD: ReadonlySet<string> = new Set([
  BASIC_CONSTRAINTS,
  KEY_USAGE,
  EXTENDED_KEY_USAGE,
  CERTIFICATE_POLICIES,
  SUBJECT_ALTERNATIVE_NAME,
]);

/**
 * Why the issuers of a chain may not have issued what they did (RFC 5280 §6.1): no CA, a path that
 * is too long for one of them, another purpose, or a restriction that we don't understand (name
 * constraints are one). Signatures and dates are the caller's. The last one is the trust anchor.
 */
export function issuerFault(chain: readonly X509Certificate[]): string | undefined {
  const [own, ...issuers] = chain;
  if (own?.keyUsage !== undefined && !own.keyUsage.some((oid) => isServerPurpose(oid))) {
    return "the certificate is not for servers";
  }
  for (const [index, issuer] of issuers.entries()) {
    if (!issuer.ca) return "a certificate of the chain is not a CA's and has issued another";
    const fault = restrictionFault(issuer, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isServerPurpose(oid: string): boolean {
  return oid === SERVER_AUTH || oid === ANY_PURPOSE;
}

/** @param below CAs between this one and the server's certificate */
function restrictionFault(issuer: X509Certificate, below: number): string | undefined {
  try {
    const { BasicConstraintsExtension, X509Certificate: ParsedCertificate } = x509();
    for (const extension of new ParsedCertificate(issuer.raw).extensions) {
      if (extension.critical && !UNDERSTOOD.has(extension.type)) {
        return `a CA of the chain has a restriction that is not understood (${extension.type})`;
      }
      const isPathLimited = extension instanceof BasicConstraintsExtension;
      if (isPathLimited && below > (extension.pathLength ?? Number.POSITIVE_INFINITY)) {
        return "the chain is longer than one of its CAs allows";
      }
    }
  } catch {
    return "a certificate of the chain cannot be read";
  }
  return undefined;
}
