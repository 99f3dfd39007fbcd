import type { X509Certificate } from "node:crypto";
import { isSubdomain, parseHostName } from "../dns/host-name.ts";
import { partiesOf } from "./distinguished-name.ts";

/** A name to look for in a certificate: a host, or `*.` and a domain for any host below it. */
export type NamePattern = string;

/**
 * Whether a certificate is for that host (RFC 9525 §6.3): a wildcard in it stands for exactly the
 * first label. The common name counts when `commonName` allows it and there is no DNS name.
 */
export function isForHost(
  certificate: X509Certificate,
  pattern: NamePattern,
  options: { readonly commonName: "never" | "fallback" },
): boolean {
  const subject = options.commonName === "never" ? "never" : "default";
  if (!pattern.startsWith("*.")) {
    const check = { subject, wildcards: true, partialWildcards: false } as const;
    return certificate.checkHost(pattern, check) !== undefined;
  }
  const names = dnsNames(certificate);
  return names.some((name) => name === pattern || isSubdomain(name, pattern.slice(2)));
}

/** Names of the certificate, for a sentence; "no name" when it has none. */
export function certificateNames(certificate: X509Certificate): string {
  const names = dnsNames(certificate);
  const commonName = /^CN=(.+)$/m.exec(partiesOf(certificate).subject)?.[1];
  return names.slice(0, NAMES_SHOWN).join(", ") || commonName || "no name";
}

const NAMES_SHOWN = 5;

/** Names that are none are passed over: whoever made the certificate wrote them. */
function dnsNames(certificate: X509Certificate): readonly string[] {
  const names: string[] = [];
  for (const part of (certificate.subjectAltName ?? "").split(", ")) {
    if (!part.startsWith("DNS:")) continue;
    const text = part.slice("DNS:".length).toLowerCase();
    const host = parseHostName(text.replace(/^\*\./, ""));
    if (host !== undefined) names.push(text.startsWith("*.") ? `*.${host}` : host);
  }
  return names;
}
