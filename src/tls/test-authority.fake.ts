// The library's dependency injection needs the polyfill before anything else of it is loaded.
import "reflect-metadata";
import { createHash, randomBytes, webcrypto, X509Certificate } from "node:crypto";
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

/** What a server's or client's certificate is to be. */
interface Wish {
  /** At least one; the first is the subject's. */
  readonly names: readonly string[];
  /** IP addresses besides. */
  readonly addresses?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly purpose?: "server" | "client";
  readonly keyType?: "ec" | "rsa";
  /** Default: CN= and the first name. */
  readonly subject?: string;
  /** No authority, but used as one. */
  readonly isIssuer?: boolean;
}

/** What an authority is to be besides. */
interface Restrictions {
  /** Authorities below it, in one line. */
  readonly pathLength?: number;
  /** Identifier of an extension that no reader may pass over. */
  readonly criticalExtension?: string;
}

/** A certificate for tests with its key, and what it signs. */
export interface TestAuthority {
  readonly pem: string;
  /** PKCS #8 PEM. */
  readonly key: string;
  authority(name: string, restrictions?: Restrictions): Promise<TestAuthority>;
  issue(wish: Wish): Promise<TestAuthority>;
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

/** Valid whenever a test's clock stands. */
const FROM_MS = Date.UTC(2020, 0, 1);
const TO_MS = Date.UTC(2040, 0, 1);

interface Parent {
  readonly subject: string;
  readonly keys: CryptoKeyPair;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** A root of its own; two of the same name have different keys. */
export function createTestAuthority(name: string): Promise<TestAuthority> {
  return signAuthority(name, undefined);
}

function signAuthority(
  name: string,
  parent: Parent | undefined,
  { pathLength, criticalExtension }: Restrictions = {},
): Promise<TestAuthority> {
  const extensions: Extension[] = [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
  if (criticalExtension !== undefined) {
    extensions.push(new Extension(criticalExtension, true, Uint8Array.of(5, 0)));
  }
  return sign({ parent, subject: `CN=${name}`, keyType: "ec", extensions });
}

function signLeaf(wish: Wish, parent: Parent): Promise<TestAuthority> {
  const purpose =
    wish.purpose === "client" ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  const usage = wish.isIssuer ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature;
  return sign({
    ...wish,
    parent,
    subject: wish.subject ?? `CN=${wish.names[0]}`,
    keyType: wish.keyType ?? "ec",
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(usage, true),
      new ExtendedKeyUsageExtension([purpose]),
      new SubjectAlternativeNameExtension([
        ...wish.names.map((value) => ({ type: "dns" as const, value })),
        ...(wish.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
      ]),
    ],
  });
}

async function sign(wish: {
  readonly parent: Parent | undefined;
  readonly subject: string;
  readonly keyType: "ec" | "rsa";
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly extensions: Extension[];
}): Promise<TestAuthority> {
  const { subject } = wish;
  const keys = await webcrypto.subtle.generateKey(ALGORITHMS[wish.keyType], true, [
    "sign",
    "verify",
  ]);
  const parent = wish.parent ?? { subject, keys };
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: `01${randomBytes(8).toString("hex")}`,
      subject,
      issuer: parent.subject,
      notBefore: new Date(wish.fromMs ?? FROM_MS),
      notAfter: new Date(wish.toMs ?? TO_MS),
      publicKey: keys.publicKey,
      signingKey: parent.keys.privateKey,
      signingAlgorithm:
        parent.keys.privateKey.algorithm.name === "ECDSA" ? ALGORITHMS.ec : ALGORITHMS.rsa,
      extensions: wish.extensions,
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const self = { subject, keys };
  return {
    pem: `${certificate.toString("pem")}\n`,
    key: `${PemConverter.encode(key, PemConverter.PrivateKeyTag)}\n`,
    authority: (child, restrictions) => signAuthority(child, self, restrictions),
    issue: (leaf) => signLeaf(leaf, self),
  };
}

/** The TLSA record `usage 1 1` of a certificate. */
export function sha256Record(usage: number, pem: string): TlsaRecord {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  const data = Uint8Array.from(createHash("sha256").update(spki).digest());
  return { usage, selector: 1, matchingType: 1, data };
}
