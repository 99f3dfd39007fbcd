import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { PeerCertificateFacts } from "../smtp/session-handler.ts";

/** Names taken from one certificate. */
const NAMES_MAX = 200;
/** `DNS:mail.contoso.com`; a name with anything odd in it comes as a JSON string. */
const ALTERNATIVE_NAME = /(?:^|, )([A-Za-z0-9 ]{1,40}):("(?:[^"\\]|\\.)*"|[^,"]*)/g;
/** What serves as a DNS name; a wildcard is one too. */
const DNS_NAME = /^(?:\*\.)?[A-Za-z0-9._-]{1,253}$/;

/** The part of the runtime's TLS handle that tells what became of the check of the chain. */
interface VerifyingHandle {
  verifyError?: () => { readonly code?: string; readonly message: string } | null | undefined;
}

/**
 * The certificate that the peer has shown, `undefined` when it has shown none.
 * @param certificate as the socket gives it, once: asked again, it has none
 */
export function readPeerCertificate(
  socket: TLSSocket,
  certificate = socket.getPeerX509Certificate(),
): PeerCertificateFacts | undefined {
  if (certificate === undefined) return undefined;
  const fault = verificationFault(socket);
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    ...alternativeNames(certificate),
    fingerprint: certificate.fingerprint256,
    verified: fault === undefined,
    fault,
  };
}

/**
 * `authorized` is set by the runtime's own listener alone, which we can't use: our sockets speak in
 * clear first. The result itself is on the handle; where it is not, nothing counts as verified.
 */
function verificationFault(socket: TLSSocket): string | undefined {
  const { ssl } = socket as { readonly ssl?: VerifyingHandle | null };
  if (typeof ssl?.verifyError !== "function") return "the chain could not be checked";
  const error = ssl.verifyError();
  return error === null || error === undefined ? undefined : (error.code ?? error.message);
}

/** One line per RDN, the most general first, becomes RFC 4514's order, the most special first. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? "").split("\n").reverse().join(", ");
}

function alternativeNames(certificate: X509Certificate): {
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
} {
  const dnsNames: string[] = [];
  const emailAddresses: string[] = [];
  const text = certificate.subjectAltName ?? "";
  for (const [, kind, value = ""] of text.matchAll(ALTERNATIVE_NAME)) {
    if (dnsNames.length + emailAddresses.length >= NAMES_MAX) break;
    // A quoted one holds what could pass for another name; nobody's real name does.
    if (kind === "DNS" && DNS_NAME.test(value)) dnsNames.push(value.toLowerCase());
    else if (kind === "email" && !value.startsWith('"')) emailAddresses.push(value);
  }
  return { dnsNames, emailAddresses };
}
