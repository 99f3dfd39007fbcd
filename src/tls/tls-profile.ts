import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import { unreachable } from "../base/assert.ts";

/** What versions and ciphers a channel may have; `tlsProfileOptions` says which. */
export type TlsProfileName = "modern" | "intermediate" | "legacy";

/** Versions of TLS, oldest first. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

const AGES: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** RFC 8446 §9.1; the same in every profile. */
const TLS13_CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** Forward secrecy and AEAD only (RFC 9325 §4.2), elliptic curves first. */
const AEAD_CIPHERS = [
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/** What devices of twenty years know: CBC, RSA without forward secrecy. Never 3DES, RC4 or MD5. */
const CBC_CIPHERS = [
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-RSA-AES256-SHA",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-RSA-AES128-SHA",
  "AES256-GCM-SHA384",
  "AES128-GCM-SHA256",
  "AES256-SHA256",
  "AES128-SHA256",
  "AES256-SHA",
  "AES128-SHA",
];

// A renegotiation costs us far more than the client (CVE-2011-1473); no mail client needs it.
const SECURE_OPTIONS = constants.SSL_OP_NO_RENEGOTIATION;

/**
 * Versions and ciphers of a profile, for servers and clients. modern: TLS 1.3. intermediate: TLS
 * 1.2 and up, with forward secrecy and AEAD (RFC 9325). legacy: TLS 1.0 and up with CBC and plain
 * RSA, small keys and SHA-1 besides (RFC 8996 forbids it: for devices that know no better, on a
 * connector of their own).
 * @param minimumVersion narrows the profile; an older one than the profile's changes nothing
 */
export function tlsProfileOptions(
  profile: TlsProfileName,
  minimumVersion: TlsVersion | undefined,
): SecureContextOptions {
  const own = profileOptions(profile);
  const minVersion = AGES[Math.max(AGES.indexOf(own.oldest), ageOf(minimumVersion))] ?? own.oldest;
  return {
    minVersion,
    maxVersion: "TLSv1.3",
    ciphers: [...TLS13_CIPHERS, ...own.ciphers].join(":"),
    honorCipherOrder: true,
    secureOptions: SECURE_OPTIONS | own.secureOptions,
  };
}

function ageOf(version: TlsVersion | undefined): number {
  return version === undefined ? 0 : AGES.indexOf(version);
}

function profileOptions(profile: TlsProfileName): {
  readonly oldest: TlsVersion;
  readonly ciphers: readonly string[];
  readonly secureOptions: number;
} {
  switch (profile) {
    case "modern":
      return { oldest: "TLSv1.3", ciphers: [], secureOptions: 0 };
    case "intermediate":
      return { oldest: "TLSv1.2", ciphers: AEAD_CIPHERS, secureOptions: 0 };
    case "legacy":
      return {
        oldest: "TLSv1",
        // Level 0: TLS 1.0 signs with MD5 and SHA-1, which the usual level refuses.
        ciphers: [...AEAD_CIPHERS, ...CBC_CIPHERS, "@SECLEVEL=0"],
        // Next hops of that age don't know RFC 5746 either.
        secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
      };
    default:
      return unreachable(profile);
  }
}
