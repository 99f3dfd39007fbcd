import { createHash, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsaRecord } from "../dns/message.ts";
import { partiesOf } from "./distinguished-name.ts";
import { issuerFault } from "./issuer-constraints.ts";
import { certificateNames, isForHost } from "./peer-name.ts";
import type { TlsResultType } from "./tls-report.ts";

/** What the server has shown, its own certificate first, in any order after that. */
export type CertificateChain = readonly [X509Certificate, ...X509Certificate[]];

/** Whether TLSA records vouch for a server. */
export type DaneVerdict =
  | {
      readonly ok: true;
      readonly record: TlsaRecord;
      /** Place in the chain of the certificate that the record is about, or that its key signed. */
      readonly depth: number;
    }
  | { readonly ok: false; readonly result: TlsResultType; readonly reason: string };

const DANE_TA = 2;
const DANE_EE = 3;
const CERTIFICATE = 0;
const PUBLIC_KEY = 1;
const WHOLE = 0;
const SHA2_256 = 1;
const SHA2_512 = 2;
/** Certificates from the server's to the trust anchor's; more is nobody's chain. */
const DEPTH_MAX = 10;
const DIGESTS: ReadonlyMap<number, { readonly name: string; readonly bytes: number }> = new Map([
  [SHA2_256, { name: "sha256", bytes: 32 }],
  [SHA2_512, { name: "sha512", bytes: 64 }],
]);

/**
 * The records that may authenticate an SMTP server: usages 2 and 3 (RFC 7672 §3.1.3: never 0 and
 * 1), what we can compute, well-formed; and of several digests for one usage and selector only the
 * strongest (RFC 7671 §9). None of several: the server must offer TLS, and cannot be authenticated
 * (RFC 7672 §2.2).
 */
export function usableTlsa(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  const usable = records.filter(isUsable);
  return usable.filter(
    (record) =>
      record.matchingType === WHOLE ||
      !usable.some(
        (other) =>
          other.usage === record.usage &&
          other.selector === record.selector &&
          other.matchingType > record.matchingType,
      ),
  );
}

function isUsable({ usage, selector, matchingType, data }: TlsaRecord): boolean {
  if (usage !== DANE_TA && usage !== DANE_EE) return false;
  if (selector !== CERTIFICATE && selector !== PUBLIC_KEY) return false;
  if (matchingType !== WHOLE) return DIGESTS.get(matchingType)?.bytes === data.length;
  return selector === CERTIFICATE
    ? readCertificate(data) !== undefined
    : readKey(data) !== undefined;
}

/**
 * Authenticates a server by usable TLSA records (RFC 7671, RFC 7672 §3). DANE-EE: its certificate
 * or key is the record's; names and dates do not count. DANE-TA: a chain leads to the record's
 * trust anchor, every certificate of it is valid now, and the server's bears one of `names`.
 */
export function verifyDane(
  chain: CertificateChain,
  options: {
    readonly records: readonly TlsaRecord[];
    /** Reference identifiers (RFC 7672 §3.2.2). */
    readonly names: readonly string[];
    readonly nowMs: number;
  },
): DaneVerdict {
  const [own] = chain;
  const record = options.records.find((one) => one.usage === DANE_EE && matches(one, own));
  if (record !== undefined) return { ok: true, record, depth: 0 };
  const anchors = options.records.filter(({ usage }) => usage === DANE_TA);
  const path = findPath(chain, anchors);
  if (path === undefined) {
    const reason = "no TLSA record matches what the server has shown";
    return { ok: false, result: "tlsa-invalid", reason };
  }
  return checkPath(path, options) ?? { ok: true, record: path.record, depth: path.depth };
}

/** From the server's certificate up to the trust anchor, which may be a bare key. */
interface Path {
  readonly certificates: CertificateChain;
  readonly record: TlsaRecord;
  readonly depth: number;
}

/** Every signature on the way is verified; the server's own certificate is no trust anchor. */
function findPath(chain: CertificateChain, anchors: readonly TlsaRecord[]): Path | undefined {
  const [own, ...shown] = chain;
  const named = anchors.map((record) => ({
    record,
    certificate: isWhole(record, CERTIFICATE) ? readCertificate(record.data) : undefined,
    key: isWhole(record, PUBLIC_KEY) ? readKey(record.data) : undefined,
  }));
  const path: [X509Certificate, ...X509Certificate[]] = [own];
  const pool = [...shown, ...named.flatMap(({ certificate }) => certificate ?? [])];
  for (let depth = 0, last = own; depth < DEPTH_MAX; depth++) {
    const anchor = depth > 0 ? anchors.find((record) => matches(record, last)) : undefined;
    if (anchor !== undefined) return { certificates: path, record: anchor, depth };
    const signer = named.find(({ key }) => key !== undefined && isSignedBy(last, key));
    if (signer !== undefined) return { certificates: path, record: signer.record, depth };
    const issuer = pool.find((one) => last.checkIssued(one) && isSignedBy(last, one));
    if (issuer === undefined || path.includes(issuer)) return undefined;
    path.push(issuer);
    last = issuer;
  }
  return undefined;
}

function checkPath(
  { certificates }: Path,
  options: { readonly names: readonly string[]; readonly nowMs: number },
): (DaneVerdict & { readonly ok: false }) | undefined {
  const { names, nowMs } = options;
  const [own] = certificates;
  for (const one of certificates) {
    // Not the other way round: a date that is none is NaN, and nothing is less or more than that.
    if (!(one.validFromDate.getTime() <= nowMs && nowMs <= one.validToDate.getTime())) {
      const reason = `the certificate of ${nameOf(one)} is not valid today`;
      return { ok: false, result: "certificate-expired", reason };
    }
  }
  const fault = issuerFault(certificates);
  if (fault !== undefined) return { ok: false, result: "certificate-not-trusted", reason: fault };
  // RFC 7672 §3.2.3: the common name counts only where no DNS name is.
  if (!names.some((name) => isForHost(own, name, { commonName: "fallback" }))) {
    const reason = `the certificate is for ${certificateNames(own)}, not ${names.join(" or ")}`;
    return { ok: false, result: "certificate-host-mismatch", reason };
  }
  return undefined;
}

function nameOf(certificate: X509Certificate): string {
  return partiesOf(certificate).subject.replaceAll("\n", ", ") || certificateNames(certificate);
}

function isWhole(record: TlsaRecord, selector: number): boolean {
  return record.matchingType === WHOLE && record.selector === selector;
}

function matches(record: TlsaRecord, certificate: X509Certificate): boolean {
  const selected =
    record.selector === PUBLIC_KEY
      ? certificate.publicKey.export({ type: "spki", format: "der" })
      : certificate.raw;
  const digest = DIGESTS.get(record.matchingType);
  const value = digest ? createHash(digest.name).update(selected).digest() : selected;
  return value.equals(record.data);
}

/** OpenSSL throws on keys and algorithms that it does not know. */
function isSignedBy(certificate: X509Certificate, by: KeyObject | X509Certificate): boolean {
  try {
    return certificate.verify(by instanceof X509Certificate ? by.publicKey : by);
  } catch {
    return false;
  }
}

function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function readKey(der: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
