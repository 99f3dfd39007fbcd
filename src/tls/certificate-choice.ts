import { type CertificateName, isCertificateNamed } from "./distinguished-name.ts";

/** What choosing among certificates looks at. */
export interface CertificateFacts {
  /** DNS names of the subject, lower case; `*.contoso.com` is a wildcard. */
  readonly names: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** `rsa`, `ec`, … */
  readonly keyType: string;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** What decides which certificate a channel shows. */
export interface CertificateWish {
  /** The administrator's choice; nothing else is shown then. */
  readonly pinned: CertificateName | undefined;
  /** In this order: the name that the client asked for, the connector's, the server's. */
  readonly fqdns: readonly string[];
}

/**
 * The certificates to show (reference §13): valid now; the name exact before a wildcard's; from a
 * CA before self-signed; then the one valid since most recently. None when nothing fits, and two
 * when the best has a twin for the same name with the other kind of key (RSA, elliptic curve), so
 * that each client gets what it knows.
 */
export function chooseCertificates<Certificate extends CertificateFacts>(
  certificates: readonly Certificate[],
  wish: CertificateWish,
  nowMs: number,
): readonly Certificate[] {
  const { pinned } = wish;
  const matching =
    pinned === undefined
      ? (wish.fqdns
          .map((fqdn) => matchingCertificates(certificates, fqdn, nowMs))
          .find(({ length }) => length > 0) ?? [])
      : bestFirst(
          certificates.filter((one) => isValid(one, nowMs) && isCertificateNamed(pinned, one)),
        );
  const [best] = matching;
  if (best === undefined) return [];
  const twin = matching.find(
    (one) => one.keyType !== best.keyType && one.selfSigned === best.selfSigned,
  );
  return twin === undefined ? [best] : [best, twin];
}

function matchingCertificates<Certificate extends CertificateFacts>(
  certificates: readonly Certificate[],
  fqdn: string,
  nowMs: number,
): readonly Certificate[] {
  const name = fqdn.toLowerCase().replace(/\.$/, "");
  const valid = certificates.filter((certificate) => isValid(certificate, nowMs));
  const exact = valid.filter((certificate) => certificate.names.includes(name));
  return bestFirst(exact.length > 0 ? exact : valid.filter((one) => one.names.some(covers(name))));
}

function isValid({ validFromMs, validToMs }: CertificateFacts, nowMs: number): boolean {
  return validFromMs <= nowMs && nowMs <= validToMs;
}

function bestFirst<Certificate extends CertificateFacts>(
  certificates: readonly Certificate[],
): readonly Certificate[] {
  return certificates.toSorted(
    (left, right) =>
      Number(left.selfSigned) - Number(right.selfSigned) || right.validFromMs - left.validFromMs,
  );
}

/** A wildcard stands for exactly one label, the leftmost (RFC 6125 §6.4.3). */
function covers(name: string): (pattern: string) => boolean {
  const parent = name.slice(name.indexOf(".") + 1);
  return (pattern) => pattern === `*.${parent}` && parent.includes(".");
}
