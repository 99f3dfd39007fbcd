import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import { fault, ok, type Result } from "../base/result.ts";
import type { CertificateFacts } from "./certificate-choice.ts";
import { partiesOf } from "./distinguished-name.ts";

/** What makes a TLS context show a certificate. */
export type CertificateSecret =
  /** PEM, the server's own certificate first; the key is not encrypted. */
  | { readonly cert: string; readonly key: string }
  | { readonly pfx: Uint8Array; readonly passphrase: string };

/** A certificate that is whole, with its key; plain data, may be sent to another thread. */
export interface CertificateMaterial extends CertificateFacts {
  /** The file that holds the certificate: `mail.crt`. */
  readonly file: string;
  /** As OpenSSL's lines, most general attribute first. */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly fingerprint: string;
  /** Certificates that came with it, to lead to an authority. */
  readonly chainLength: number;
  readonly secret: CertificateSecret;
}

/** Why a certificate can't be used; holds nothing of the key. */
export interface CertificateFault {
  readonly reason: string;
  /** What the administrator can do. */
  readonly cure: string;
}

/** A chain is a handful; this many are a collection of authorities. */
const CHAIN_CERTIFICATES_MAX = 32;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Not `[^-]+` between the lines: the older kind names its cipher there, as in DES-EDE3-CBC. */
const PEM_KEY =
  /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[\s\S]{1,16384}?-----END \1-----/;
const CONVERT =
  "run openssl pkcs12 -legacy -nodes -in OLD.pfx -out all.pem, and import all.pem instead";

/** The certificates of a PEM file, one text each, whatever else is in it. */
export function pemCertificates(text: string): readonly string[] {
  return text.match(PEM_CERTIFICATE) ?? [];
}

/**
 * Reads a certificate and its key from PEM; both may stand in one text, in any order, with the
 * chain. A key that is encrypted is opened with the passphrase.
 */
export function parsePemMaterial(text: {
  readonly file: string;
  readonly certificate: string;
  readonly key: string;
  readonly passphrase: string | undefined;
}): Result<CertificateMaterial, CertificateFault> {
  const key = parseKey(text.key, text.passphrase);
  if (!key.ok) return key;
  const chain = parseChain(text.certificate);
  if (!chain.ok) return chain;
  const own = chain.value.find((certificate) => certificate.checkPrivateKey(key.value));
  if (own === undefined) {
    return fault({
      reason: "the private key belongs to another certificate",
      cure: "put the certificate and the key that were made for each other side by side",
    });
  }
  // Whatever the order of the file: the server's own goes first (RFC 5246 §7.4.2).
  const others = chain.value.filter((certificate) => certificate !== own);
  const cert = [own, ...others].map(String).join("");
  const secret = { cert, key: key.value.export({ type: "pkcs8", format: "pem" }).toString() };
  return checkMaterial({ file: text.file, own, chainLength: others.length, secret });
}

/** Reads a PFX (PKCS #12) with certificate, key and chain. */
export function parsePfxMaterial(source: {
  readonly file: string;
  readonly pfx: Uint8Array;
  readonly passphrase: string | undefined;
}): Result<CertificateMaterial, CertificateFault> {
  const secret = { pfx: source.pfx, passphrase: source.passphrase ?? "" };
  try {
    const own = certificateOfPfx(secret);
    if (own !== undefined) {
      return checkMaterial({ file: source.file, own, chainLength: 0, secret });
    }
    return fault({ reason: "it holds no certificate with a private key", cure: EXPORT_KEY });
  } catch (error) {
    return fault(describePfxFault(error, source.passphrase));
  }
}

const EXPORT_KEY = "export the certificate again, with its private key";

function describePfxFault(error: unknown, passphrase: string | undefined): CertificateFault {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (reason.includes("mac verify failure")) {
    return passphrase === undefined
      ? { reason: "it is protected by a passphrase", cure: GIVE_PASSPHRASE }
      : { reason: "the passphrase is wrong", cure: GIVE_PASSPHRASE };
  }
  if (code === "ERR_CRYPTO_UNSUPPORTED_OPERATION") {
    return { reason: "it is encrypted in a way that is broken (RC2, RC4)", cure: CONVERT };
  }
  if (reason.includes("Unable to load")) return { reason, cure: EXPORT_KEY };
  return { reason: `it is no PFX: ${reason}`, cure: EXPORT_KEY };
}

const GIVE_PASSPHRASE =
  "put its passphrase, and nothing else, into a file of the same name with .pass at the end " +
  "(import-certificate: --passphrase-file)";

/** A socket that is connected to nothing tells which certificate a context would show. */
function certificateOfPfx(secret: {
  readonly pfx: Uint8Array;
  readonly passphrase: string;
}): X509Certificate | undefined {
  const { passphrase } = secret;
  const secureContext = createSecureContext({ pfx: Buffer.from(secret.pfx), passphrase });
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const socket = new TLSSocket(nowhere, { isServer: true, secureContext });
  const found = socket.getX509Certificate();
  socket.destroy();
  return found;
}

function parseChain(text: string): Result<readonly X509Certificate[], CertificateFault> {
  const cure = "store the certificate and its chain as PEM, as the authority gave them";
  const blocks = pemCertificates(text);
  if (blocks.length === 0) return fault({ reason: "there is no PEM certificate in it", cure });
  if (blocks.length > CHAIN_CERTIFICATES_MAX) {
    return fault({ reason: `more than ${CHAIN_CERTIFICATES_MAX} certificates`, cure });
  }
  try {
    return ok(blocks.map((block) => new X509Certificate(block)));
  } catch {
    // OpenSSL's words about ASN.1 help nobody.
    return fault({ reason: "a certificate in it is damaged", cure });
  }
}

function parseKey(
  text: string,
  passphrase: string | undefined,
): Result<KeyObject, CertificateFault> {
  const block = PEM_KEY.exec(text)?.[0];
  if (block === undefined) {
    return fault({
      reason: "there is no PEM private key",
      cure:
        "store the private key as PEM, beside the certificate or in the same file " +
        "(import-certificate: --key)",
    });
  }
  if (block.includes("ENCRYPTED") && passphrase === undefined) {
    return fault({ reason: "the private key is encrypted", cure: GIVE_PASSPHRASE });
  }
  try {
    return ok(createPrivateKey({ key: block, ...(passphrase !== undefined && { passphrase }) }));
  } catch {
    return block.includes("ENCRYPTED")
      ? fault({ reason: "the passphrase of the private key is wrong", cure: GIVE_PASSPHRASE })
      : fault({ reason: "the private key is damaged", cure: "restore it from its backup" });
  }
}

function checkMaterial(found: {
  readonly file: string;
  readonly own: X509Certificate;
  readonly chainLength: number;
  readonly secret: CertificateSecret;
}): Result<CertificateMaterial, CertificateFault> {
  const { own, secret } = found;
  try {
    createSecureContext(contextSecret(secret));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const cure = "ask for a certificate with an RSA key of 2048 bits or a P-256 key, and SHA-256";
    return fault({ reason: `TLS does not take it: ${reason}`, cure });
  }
  const { subject, issuer } = partiesOf(own);
  return ok({
    file: found.file,
    names: namesOf(own),
    // Not `checkIssued`: that asks for the right to sign certificates, which a server's has not.
    selfSigned: subject === issuer && own.verify(own.publicKey),
    keyType: own.publicKey.asymmetricKeyType ?? "",
    subject,
    issuer,
    fingerprint: own.fingerprint256,
    validFromMs: own.validFromDate.getTime(),
    validToMs: own.validToDate.getTime(),
    chainLength: found.chainLength,
    secret,
  });
}

/** As a TLS context takes it; what has come from another thread is no Buffer any more. */
export function contextSecret(secret: CertificateSecret) {
  return "cert" in secret ? secret : { ...secret, pfx: Buffer.from(secret.pfx) };
}

/** DNS names of the SANs; the common name only where there are none (RFC 6125 §6.4.4). */
function namesOf(x509: X509Certificate): readonly string[] {
  const names: string[] = [];
  for (const part of (x509.subjectAltName ?? "").split(", ")) {
    if (part.startsWith("DNS:")) names.push(part.slice("DNS:".length).toLowerCase());
  }
  const commonName = /^CN=(.+)$/m.exec(partiesOf(x509).subject)?.[1];
  return names.length > 0 || commonName === undefined ? names : [commonName.toLowerCase()];
}
