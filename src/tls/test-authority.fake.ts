import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { DAY } from "../base/units.ts";

/** A certificate authority for tests, gone with them. */
export interface TestAuthority {
  readonly pem: string;
  /** A certificate signed by it, and its key, both PEM. */
  issue(wish: {
    readonly names: readonly [string, ...string[]];
    readonly keyType?: "ec" | "rsa";
    readonly validFromMs?: number;
    readonly validToMs?: number;
    readonly subject?: string;
  }): Promise<{ readonly certificate: string; readonly key: string }>;
}

const ALGORITHMS = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
} as const;

/** Makes one that is valid around `nowMs`. */
export async function makeTestAuthority(nowMs: number, name = "Test CA"): Promise<TestAuthority> {
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHMS.ec, true, ["sign", "verify"]);
  const validity = (wish: { readonly validFromMs?: number; readonly validToMs?: number }) => ({
    serialNumber: `01${randomBytes(8).toString("hex")}`,
    notBefore: new Date(wish.validFromMs ?? nowMs - DAY),
    notAfter: new Date(wish.validToMs ?? nowMs + 90 * DAY),
  });
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity({ validToMs: nowMs + 3650 * DAY }),
      name: `CN=${name}`,
      keys: authorityKeys,
      signingAlgorithm: ALGORITHMS.ec,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  return {
    pem: `${authority.toString("pem")}\n`,
    async issue(wish) {
      const algorithm = ALGORITHMS[wish.keyType ?? "ec"];
      const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const certificate = await X509CertificateGenerator.create(
        {
          ...validity(wish),
          subject: wish.subject ?? `CN=${wish.names[0]}`,
          issuer: authority.subject,
          publicKey: keys.publicKey,
          signingKey: authorityKeys.privateKey,
          signingAlgorithm: ALGORITHMS.ec,
          extensions: [
            new SubjectAlternativeNameExtension(
              wish.names.map((value) => ({ type: "dns" as const, value })),
            ),
          ],
        },
        webcrypto,
      );
      const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
      return {
        certificate: `${certificate.toString("pem")}\n`,
        key: `${PemConverter.encode(key, PemConverter.PrivateKeyTag)}\n`,
      };
    },
  };
}
