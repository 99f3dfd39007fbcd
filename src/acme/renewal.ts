import { DAY } from "../base/units.ts";
import { x509 } from "../tls/x509-library.ts";
import type { RenewalWindow } from "./acme-answer.ts";

/** Share of its lifetime after which a certificate is renewed when nobody says otherwise. */
const RENEW_AFTER_SHARE = 2 / 3;
/** Renewals are spread over this share of the lifetime, so that not all come on one day. */
const JITTER_SHARE = 1 / 30;
/** However urgent an authority says it is: its mistake must not become an order a minute. */
const AGE_MS_MIN = DAY;
/** Of a lifetime that is so short that a day is much. */
const AGE_SHARE_MIN = 1 / 3;

/** What names a certificate to its authority (RFC 9773 §4.1); `undefined`: nothing does. */
export function renewalIdOf(pem: string): string | undefined {
  const { AuthorityKeyIdentifierExtension, X509Certificate } = x509();
  const certificate = new X509Certificate(pem);
  const extension = certificate.getExtension(AuthorityKeyIdentifierExtension);
  const keyId = extension?.keyId;
  return keyId === undefined ? undefined : formatRenewalId(keyId, certificate.serialNumber);
}

/** Both as hex: the issuer's key identifier, and the serial number. */
export function formatRenewalId(keyId: string, serialNumber: string): string {
  const even = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  const bytes = Buffer.from(even, "hex");
  // DER has a zero before a first byte that would make the number negative.
  const isNegative = (bytes[0] ?? 0) >= 0x80;
  const serial = isNegative ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  return `${Buffer.from(keyId, "hex").toString("base64url")}.${serial.toString("base64url")}`;
}

/**
 * When to renew, epoch milliseconds: at random within what the authority suggests (RFC 9773 §4.2),
 * but not on the day of issue; else after two thirds of the lifetime.
 * @param random in [0, 1)
 */
export function renewalDueMs(
  certificate: { readonly validFromMs: number; readonly validToMs: number },
  window: RenewalWindow | undefined,
  random: number,
): number {
  const lifetimeMs = certificate.validToMs - certificate.validFromMs;
  if (window !== undefined) {
    const suggestedMs = window.startMs + random * (window.endMs - window.startMs);
    const ageMs = Math.min(AGE_MS_MIN, lifetimeMs * AGE_SHARE_MIN);
    return Math.max(suggestedMs, certificate.validFromMs + ageMs);
  }
  return certificate.validFromMs + lifetimeMs * (RENEW_AFTER_SHARE + random * JITTER_SHARE);
}
