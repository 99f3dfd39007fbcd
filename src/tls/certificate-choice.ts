/** What choosing among certificates looks at. */
export interface CertificateFacts {
  /** DNS names of the subject, lower case; `*.contoso.com` is a wildcard. */
  readonly names: readonly string[];
  readonly selfSigned: boolean;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/**
 * The certificate to show as `fqdn` (reference §13): valid now; its name exact before a wildcard's;
 * from a CA before self-signed; then the one valid since most recently.
 */
export function selectCertificate<Certificate extends CertificateFacts>(
  certificates: readonly Certificate[],
  fqdn: string,
  nowMs: number,
): Certificate | undefined {
  const name = fqdn.toLowerCase();
  const valid = certificates.filter(
    (certificate) => certificate.validFromMs <= nowMs && nowMs <= certificate.validToMs,
  );
  const exact = valid.filter((certificate) => certificate.names.includes(name));
  const matching = exact.length > 0 ? exact : valid.filter((one) => one.names.some(covers(name)));
  return matching.toSorted(
    (left, right) =>
      Number(left.selfSigned) - Number(right.selfSigned) || right.validFromMs - left.validFromMs,
  )[0];
}

/** A wildcard stands for exactly one label, the leftmost (RFC 6125 §6.4.3). */
function covers(name: string): (pattern: string) => boolean {
  const parent = name.slice(name.indexOf(".") + 1);
  return (pattern) => pattern === `*.${parent}` && parent.includes(".");
}
