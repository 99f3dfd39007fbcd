// The library's dependency injection needs the polyfill before anything else of it is loaded.
import "reflect-metadata";
import { createHash, webcrypto, X509Certificate } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { TlsaRecord } from "../dns/message.ts";

/** Somebody with a certificate who issues others: an authority, or who only says so. */
export interface ChainAuthority {
  readonly pem: string;
  /** PKCS #8 */
  readonly keyPem: string;
  issue(options: {
    readonly names: readonly string[];
    /** Empty: the subject has no name at all. */
    readonly commonName?: string;
    readonly toMs?: number;
    readonly purpose?: "server" | "client";
    /** No authority, but used as one. */
    readonly isIssuer?: boolean;
  }): Promise<ChainAuthority>;
  authority(
    name: string,
    options?: { readonly pathLength?: number; readonly criticalExtension?: string },
  ): Promise<ChainAuthority>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const FROM_MS = Date.UTC(2020, 0, 1);
const TO_MS = Date.UTC(2120, 0, 1);

/** The root of chains that a test makes: valid from 2020 to 2120. */
export function createChainAuthority(name: string): Promise<ChainAuthority> {
  const extensions = [new BasicConstraintsExtension(true, undefined, true)];
  return make(undefined, { commonName: name, extensions });
}

async function make(
  issuer: { readonly name: string; readonly key: webcrypto.CryptoKey } | undefined,
  subject: {
    readonly commonName: string;
    readonly extensions: readonly Extension[];
    readonly toMs?: number | undefined;
  },
): Promise<ChainAuthority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { commonName } = subject;
  const own = { name: commonName === "" ? "" : `CN=${commonName}`, key: keys.privateKey };
  const certificate = await X509CertificateGenerator.create({
    subject: own.name,
    issuer: issuer?.name ?? own.name,
    notBefore: new Date(FROM_MS),
    notAfter: new Date(subject.toMs ?? TO_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? own.key,
    extensions: [...subject.extensions],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", own.key);
  return {
    pem: `${certificate.toString("pem")}\n`,
    keyPem: PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag),
    issue: ({ names, commonName, toMs, purpose = "server", isIssuer = false }) =>
      make(own, {
        commonName: commonName ?? names[0] ?? "nobody",
        extensions: leafExtensions(names, { purpose, isIssuer }),
        toMs,
      }),
    authority: (child, { pathLength, criticalExtension } = {}) => {
      const basic = new BasicConstraintsExtension(true, pathLength, true);
      const odd =
        criticalExtension === undefined
          ? []
          : [new Extension(criticalExtension, true, Uint8Array.of(5, 0))];
      return make(own, { commonName: child, extensions: [basic, ...odd] });
    },
  };
}

function leafExtensions(
  names: readonly string[],
  as: { readonly purpose: "server" | "client"; readonly isIssuer: boolean },
): readonly Extension[] {
  const usage = as.purpose === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  const flags = as.isIssuer ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature;
  const alternatives = names.map((value) => ({ type: "dns" as const, value }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(flags, true),
    new ExtendedKeyUsageExtension([usage]),
    ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
  ];
}

/** The TLSA record `usage 1 1` of a certificate. */
export function sha256Record(usage: number, pem: string): TlsaRecord {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  const data = Uint8Array.from(createHash("sha256").update(spki).digest());
  return { usage, selector: 1, matchingType: 1, data };
}
