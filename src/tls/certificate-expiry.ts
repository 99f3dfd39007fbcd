import { DAY } from "../base/units.ts";
import type { CertificateFacts } from "./certificate-choice.ts";

/** How near its end a certificate is: `soon` from 30 days on, `urgent` from 14. */
export type ExpiryLevel = "soon" | "urgent" | "expired";

/** A certificate that needs to be replaced. */
export interface NearExpiry<Certificate> {
  readonly certificate: Certificate;
  readonly level: ExpiryLevel;
  /** Whole days; negative once it has expired. */
  readonly daysLeft: number;
}

const SOON_MS = 30 * DAY;
const URGENT_MS = 14 * DAY;

/**
 * Those that matter: without any that another one with all its names outlives. What has been
 * renewed under another file name must not raise alarms for ever.
 */
export function currentCertificates<Certificate extends CertificateFacts>(
  certificates: readonly Certificate[],
  nowMs: number,
): readonly Certificate[] {
  return certificates.filter(
    (one) => !certificates.some((other) => other !== one && replaces(other, one, nowMs)),
  );
}

/** Those of them that end within 30 days, the first to end first. */
export function findNearExpiry<Certificate extends CertificateFacts>(
  certificates: readonly Certificate[],
  nowMs: number,
): readonly NearExpiry<Certificate>[] {
  return currentCertificates(certificates, nowMs)
    .flatMap((certificate) => {
      const leftMs = certificate.validToMs - nowMs;
      const level = levelOf(leftMs);
      if (level === undefined) return [];
      return [{ certificate, level, daysLeft: Math.floor(leftMs / DAY) }];
    })
    .sort((left, right) => left.certificate.validToMs - right.certificate.validToMs);
}

function levelOf(leftMs: number): ExpiryLevel | undefined {
  if (leftMs < 0) return "expired";
  if (leftMs <= URGENT_MS) return "urgent";
  return leftMs <= SOON_MS ? "soon" : undefined;
}

function replaces(other: CertificateFacts, one: CertificateFacts, nowMs: number): boolean {
  return (
    other.validFromMs <= nowMs &&
    other.validToMs > one.validToMs &&
    (!other.selfSigned || one.selfSigned) &&
    one.names.every((name) => other.names.includes(name))
  );
}
