import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import { x509 } from "../tls/x509-library.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** CN is limited (RFC 5280 appendix A, ub-common-name); names count in the SANs anyhow. */
const COMMON_NAME_CHARS_MAX = 64;

/** A new key for a certificate: P-256, PKCS #8 PEM. */
export function makeCertificateKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * The request for a certificate with that key (RFC 2986), DER.
 * @param names A-labels, at least one; the first one is the subject
 */
export async function makeCertificateRequest(
  names: readonly [string, ...string[]],
  keyPem: string,
): Promise<Uint8Array> {
  const { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } = x509();
  const der = createPrivateKey(keyPem).export({ type: "pkcs8", format: "der" });
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", privateKey);
  const half = { kty, crv, x, y } as webcrypto.JsonWebKey;
  const publicKey = await subtle.importKey("jwk", half, ALGORITHM, true, ["verify"]);
  const [first] = names;
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      // A name that is too long for a subject stands in the SANs alone.
      name: first.length <= COMMON_NAME_CHARS_MAX ? [{ CN: [first] }] : [],
      keys: { privateKey, publicKey },
      signingAlgorithm: ALGORITHM,
      extensions: [
        new SubjectAlternativeNameExtension(
          [...new Set(names)].map((value) => ({ type: "dns" as const, value })),
        ),
      ],
    },
    webcrypto,
  );
  return new Uint8Array(request.rawData);
}
