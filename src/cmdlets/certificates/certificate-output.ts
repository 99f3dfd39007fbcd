import { DAY } from "../../base/units.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { parseDistinguishedName } from "../../tls/distinguished-name.ts";
import type { CertificateUse } from "./certificate-uses.ts";
import type { KnownCertificate } from "./services.ts";

/** Days before its end that a certificate is told to end soon, as the server's health has it. */
const SOON_DAYS = 30;

/** A certificate as it is shown. */
export const EXCHANGE_CERTIFICATE = {
  name: "ExchangeCertificate",
  properties: {
    Identity: { kind: "text", doc: "The name of its files, without an ending." },
    File: { kind: "text", doc: "The file in the folder certificates of the data directory." },
    Thumbprint: { kind: "text", doc: "SHA-256 of the certificate." },
    Subject: { kind: "text", doc: "Whose it is." },
    Issuer: { kind: "text", doc: "Who has made it." },
    CertificateDomains: { kind: "list", doc: "The DNS names that it is for." },
    NotBefore: { kind: "date", doc: "From when on it is good." },
    NotAfter: { kind: "date", doc: "Until when it is good." },
    DaysLeft: { kind: "number", doc: "Whole days until then." },
    IsSelfSigned: { kind: "boolean", doc: "Nobody vouches for it: others cannot verify it." },
    KeyType: { kind: "text", doc: "rsa or ec." },
    ChainLength: { kind: "number", doc: "Certificates that came with it." },
    Status: {
      kind: "choice",
      doc: "PendingRequest: its key waits for the authority's certificate.",
      choices: ["Valid", "ExpiresSoon", "Expired", "NotYetValid", "PendingRequest"],
    },
    Services: { kind: "list", doc: "Connectors that show it, and the admin center." },
  },
  table: ["Identity", "CertificateDomains", "NotAfter", "Status", "Services"],
} as const satisfies OutputType;

/** A certificate as it is put out. */
export type CertificateOutput = OutputOf<typeof EXCHANGE_CERTIFICATE>;

/** The name of its files: `mail` of `mail.crt`. */
export function identityOf({ file }: Pick<KnownCertificate, "file">): string {
  return file.replace(/\.[^.]+$/, "");
}

/** Shows a certificate with who uses it. */
export function showCertificate(
  certificate: KnownCertificate,
  { uses, nowMs }: { readonly uses: readonly CertificateUse[]; readonly nowMs: number },
): CertificateOutput {
  const { validFromMs, validToMs, fingerprint } = certificate;
  return {
    Identity: identityOf(certificate),
    File: certificate.file,
    Thumbprint: fingerprint,
    Subject: formatName(certificate.subject),
    Issuer: formatName(certificate.issuer),
    CertificateDomains: certificate.names,
    NotBefore: new Date(validFromMs).toISOString(),
    NotAfter: new Date(validToMs).toISOString(),
    DaysLeft: Math.floor((validToMs - nowMs) / DAY),
    IsSelfSigned: certificate.selfSigned,
    KeyType: certificate.keyType,
    ChainLength: certificate.chainLength,
    Status: statusOf(certificate, nowMs),
    Services: uses
      .filter((use) => use.certificates.some((one) => one.fingerprint === fingerprint))
      .map(({ user }) => user),
  };
}

/** A key that waits for its certificate. */
export function showRequest(name: string): CertificateOutput {
  return {
    Identity: name,
    File: `requests/${name}.csr`,
    Thumbprint: null,
    Subject: null,
    Issuer: null,
    CertificateDomains: null,
    NotBefore: null,
    NotAfter: null,
    DaysLeft: null,
    IsSelfSigned: null,
    KeyType: null,
    ChainLength: null,
    Status: "PendingRequest",
    Services: null,
  };
}

function statusOf({ validFromMs, validToMs }: KnownCertificate, nowMs: number): string {
  if (validToMs < nowMs) return "Expired";
  if (validFromMs > nowMs) return "NotYetValid";
  return validToMs - nowMs < SOON_DAYS * DAY ? "ExpiresSoon" : "Valid";
}

/** The runtime's lines as one line of RFC 4514, in their order. */
export function formatName(lines: string): string {
  const attributes = parseDistinguishedName(lines) ?? [];
  return attributes.map(({ type, value }) => `${type}=${escapeValue(value)}`).join(", ");
}

/** RFC 4514 §2.4 */
function escapeValue(value: string): string {
  return value.replace(/["+,;<>\\=]/g, String.raw`\$&`).replace(/^[ #]| $/g, String.raw`\$&`);
}
