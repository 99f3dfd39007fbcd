import { randomBytes, webcrypto } from "node:crypto";
import { DAY, HOUR } from "../base/units.ts";
import { x509 } from "./x509-library.ts";

/** A certificate and its private key, PEM. */
export interface CertificatePair {
  readonly certificatePem: string;
  /** PKCS #8, not encrypted. */
  readonly privateKeyPem: string;
}

/** As Exchange's own default certificate (reference §13). */
const VALIDITY_MS = 5 * 365 * DAY;
/** For peers whose clock is slow. */
const BACKDATED_MS = HOUR;
/** CN is limited (RFC 5280 appendix A, ub-common-name); names count in the SANs anyhow. */
const COMMON_NAME_CHARS_MAX = 64;
const SERIAL_BYTES = 16;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * Makes a self-signed server certificate: ECDSA P-256, valid for 5 years, for every name given.
 * @param names A-labels in lower case, the server's own first; at least one
 */
export async function makeSelfSigned(
  names: readonly [string, ...string[]],
  nowMs: number,
): Promise<CertificatePair> {
  const {
    BasicConstraintsExtension,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    PemConverter,
    SubjectAlternativeNameExtension,
    SubjectKeyIdentifierExtension,
    X509CertificateGenerator,
  } = x509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const serial = randomBytes(SERIAL_BYTES);
  // A positive number without a leading zero byte (RFC 5280 §4.1.2.2).
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial.toString("hex"),
      name: [{ CN: [names[0].slice(0, COMMON_NAME_CHARS_MAX)] }],
      notBefore: new Date(nowMs - BACKDATED_MS),
      notAfter: new Date(nowMs + VALIDITY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(
          [...new Set(names)].map((value) => ({ type: "dns" as const, value })),
        ),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const privateKey = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    privateKeyPem: `${PemConverter.encode(privateKey, PemConverter.PrivateKeyTag)}\n`,
  };
}
