import { constants, X509Certificate } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { DAY } from "../base/units.ts";
import { type CertificateFacts, selectCertificate } from "./certificate-choice.ts";
import { makeSelfSigned } from "./self-signed.ts";

/** A certificate that the server can show. */
export interface ServerCertificate extends CertificateFacts {
  /** Name of its two files without `.crt` and `.key`. */
  readonly fileName: string;
  readonly issuer: string;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly fingerprint: string;
  readonly context: SecureContext;
}

/** The certificates of the data directory's `certificates` folder. */
export interface CertificateStore {
  readonly certificates: readonly ServerCertificate[];
  /** The one to show as `fqdn`; `undefined`: TLS is not offered under that name (reference §13). */
  select(fqdn: string): ServerCertificate | undefined;
}

interface StoreOptions {
  /** The folder itself. */
  readonly directory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/** Of two files, `NAME.crt` (PEM, the server's own first, then the chain) and `NAME.key` (PEM). */
const CERTIFICATE_SUFFIX = ".crt";
const KEY_SUFFIX = ".key";
const SELF_SIGNED = "self-signed";
/** A self-signed one with less left is made anew at the next start. */
const REMAINING_MS_MIN = 30 * DAY;
const ENCRYPTED_KEY = "ERR_MISSING_PASSPHRASE";
/** A file in that folder that is larger is something else. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Forward secrecy and AEAD only, elliptic curves first; what Exchange 2019 keeps of TLS 1.2. */
const TLS_OPTIONS: SecureContextOptions = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ].join(":"),
  honorCipherOrder: true,
  // A renegotiation costs us far more than the client (CVE-2011-1473); no mail client needs it.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

/**
 * Makes the `self-signed` pair for these names where there is none that still serves: missing,
 * unreadable, for other names, or about to expire. Call it once, before any `openCertificateStore`.
 * Rejects with the system's error when the folder can't be written.
 */
export async function ensureSelfSigned(
  options: StoreOptions & { readonly names: readonly [string, ...string[]] },
): Promise<void> {
  const { directory, clock, diagnostics, names } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await loadPair(directory, SELF_SIGNED).catch(() => undefined);
  const lastsUntilMs = clock.nowMs() + REMAINING_MS_MIN;
  if (found !== undefined && found.validToMs > lastsUntilMs) {
    if (names.every((name) => found.names.includes(name.toLowerCase()))) return;
  }
  const pair = await makeSelfSigned(names, clock.nowMs());
  // A crash between the two leaves a pair that does not match, which the next start replaces.
  await writeDurably(join(directory, SELF_SIGNED + KEY_SUFFIX), pair.privateKeyPem, 0o600);
  await writeDurably(join(directory, SELF_SIGNED + CERTIFICATE_SUFFIX), pair.certificatePem, 0o644);
  diagnostics.info("self-signed-certificate-made", { directory, names });
}

/**
 * Reads every pair of the folder. One that can't be used is reported with its file and what to do
 * about it, and left out: the others still serve.
 */
export async function openCertificateStore(options: StoreOptions): Promise<CertificateStore> {
  const { directory, clock, diagnostics } = options;
  const certificates: ServerCertificate[] = [];
  for (const entry of (await readdir(directory)).sort()) {
    if (!entry.endsWith(CERTIFICATE_SUFFIX)) continue;
    const fileName = entry.slice(0, -CERTIFICATE_SUFFIX.length);
    try {
      const certificate = await loadPair(directory, fileName);
      certificates.push(certificate);
      if (certificate.validToMs < clock.nowMs()) {
        const cure = "put a current certificate in its place";
        diagnostics.warn("certificate-expired", { file: join(directory, entry), cure });
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const file = join(directory, entry);
      diagnostics.error("certificate-unusable", { file, reason, cure: cureOf(error, fileName) });
    }
  }
  return {
    certificates,
    select: (fqdn) => selectCertificate(certificates, fqdn, clock.nowMs()),
  };
}

async function loadPair(directory: string, fileName: string): Promise<ServerCertificate> {
  const cert = await readBounded(join(directory, fileName + CERTIFICATE_SUFFIX));
  const key = await readBounded(join(directory, fileName + KEY_SUFFIX));
  // Said plainly here: OpenSSL's own error for it is about user interaction.
  if (key.includes("ENCRYPTED")) {
    throw Object.assign(new Error("the private key is encrypted"), { code: ENCRYPTED_KEY });
  }
  const x509 = new X509Certificate(cert);
  return {
    fileName,
    names: namesOf(x509),
    // A CA's own certificate is signed by itself too, but is no server's.
    selfSigned: x509.checkIssued(x509),
    issuer: x509.issuer,
    fingerprint: x509.fingerprint256,
    validFromMs: x509.validFromDate.getTime(),
    validToMs: x509.validToDate.getTime(),
    // Throws when the key is not the certificate's.
    context: createSecureContext({ ...TLS_OPTIONS, cert, key }),
  };
}

async function readBounded(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    if ((await handle.stat()).size > FILE_BYTES_MAX) throw new Error("larger than 1 MiB");
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** DNS names of the SANs; the common name only where there are none (RFC 6125 §6.4.4). */
function namesOf(x509: X509Certificate): readonly string[] {
  const names: string[] = [];
  for (const part of (x509.subjectAltName ?? "").split(", ")) {
    if (part.startsWith("DNS:")) names.push(part.slice("DNS:".length).toLowerCase());
  }
  const commonName = /^CN=(.+)$/m.exec(x509.subject)?.[1];
  return names.length > 0 || commonName === undefined ? names : [commonName.toLowerCase()];
}

function cureOf(error: unknown, fileName: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const key = fileName + KEY_SUFFIX;
  const certificate = fileName + CERTIFICATE_SUFFIX;
  if (code === "ENOENT") return `put the private key beside it, as ${key} (PEM)`;
  if (code === "EACCES") return `let the server's user read ${certificate} and ${key}`;
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") return `${key} belongs to another certificate`;
  if (code === ENCRYPTED_KEY) return `store ${key} without a passphrase`;
  return `store the certificate and its chain as ${certificate}, its key as ${key}, both PEM`;
}

async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  // What a crash left there may have another mode, which opening would keep.
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}
