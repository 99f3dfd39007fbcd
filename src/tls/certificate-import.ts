import { X509Certificate } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { assert } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import {
  type CertificateFault,
  type CertificateMaterial,
  parsePemMaterial,
  parsePfxMaterial,
  pemCertificates,
} from "./certificate-material.ts";
import { writeDurably } from "./durable-file.ts";

/** What an administrator hands in. */
export interface CertificateUpload {
  /** Name of the file in the folder, without an ending. */
  readonly name: string;
  /** PEM, or PFX (PKCS #12). */
  readonly content: Uint8Array;
  /** PEM of the private key, when it is not in `content`. */
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
}

/** What is in place now, and what to know about it. */
export interface CertificateImport {
  readonly material: CertificateMaterial;
  readonly warnings: readonly string[];
}

/** A file's name and nothing more; the server's own are not to be taken. */
const NAME = /^(?!(?:self-signed|acme)$)[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
const SUFFIXES = [".crt", ".key", ".pem", ".pfx", ".p12", ".pass"];
const PEM = "-----BEGIN ";

/**
 * Checks a certificate (key, dates, chain) and puts it into the folder, whole or not at all, in
 * place of whatever has the same name. Nothing is changed when it can't be used. PEM is kept with
 * its key in clear (0600), PFX with its passphrase beside it. Rejects with the system's error.
 */
export async function importCertificate(
  directory: string,
  upload: CertificateUpload,
  nowMs: number,
): Promise<Result<CertificateImport, CertificateFault>> {
  const problem = checkCertificateName(upload.name);
  if (problem !== undefined) return fault(problem);
  const isPem = Buffer.from(upload.content).includes(PEM);
  const read = isPem ? readPem(upload) : readPfx(upload);
  if (!read.ok) return read;
  const material = read.value;
  if (material.validToMs < nowMs) {
    const reason = `it has expired on ${formatDate(material.validToMs)}`;
    return fault({ reason, cure: "get a current one from the authority" });
  }
  await store(directory, upload.name, material);
  return ok({ material, warnings: warningsOf(material, nowMs) });
}

/** What is wrong with a name for a certificate's files; `undefined`: nothing. */
export function checkCertificateName(name: string): CertificateFault | undefined {
  if (NAME.test(name)) return undefined;
  const cure = "give another name: letters, digits, dot, hyphen; not self-signed or acme";
  return { reason: `"${name}" cannot be the certificate's name`, cure };
}

/** Removes a certificate's files, key and all; `name` is that of a file in the folder. */
export async function removeCertificate(directory: string, name: string): Promise<void> {
  assert(name !== "" && basename(name) === name, "a file of the folder itself");
  for (const suffix of SUFFIXES) await rm(join(directory, name + suffix), { force: true });
}

function readPem({
  name,
  content,
  key,
  passphrase,
}: CertificateUpload): Result<CertificateMaterial, CertificateFault> {
  const certificate = Buffer.from(content).toString("latin1");
  const file = `${name}.pem`;
  return parsePemMaterial({ file, certificate, key: key ?? certificate, passphrase });
}

function readPfx({
  name,
  content,
  passphrase,
}: CertificateUpload): Result<CertificateMaterial, CertificateFault> {
  return parsePfxMaterial({ file: `${name}.pfx`, pfx: content, passphrase });
}

async function store(
  directory: string,
  name: string,
  { file, secret }: CertificateMaterial,
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const kept = new Set([file]);
  if ("pfx" in secret) {
    // First: a PFX without its passphrase would be told as unusable.
    await writeDurably(join(directory, `${name}.pass`), `${secret.passphrase}\n`, 0o600);
    kept.add(`${name}.pass`);
    await writeDurably(join(directory, file), secret.pfx, 0o600);
  } else {
    const text = `${secret.cert.trimEnd()}\n${secret.key.trimEnd()}\n`;
    await writeDurably(join(directory, file), text, 0o600);
  }
  for (const suffix of SUFFIXES) {
    if (!kept.has(name + suffix)) await rm(join(directory, name + suffix), { force: true });
  }
}

function warningsOf(material: CertificateMaterial, nowMs: number): readonly string[] {
  const warnings: string[] = [];
  if (material.validFromMs > nowMs) {
    warnings.push(`it is not valid before ${formatDate(material.validFromMs)}`);
  }
  if (material.names.length === 0) warnings.push("it bears no DNS name: only a pin can choose it");
  if (material.selfSigned) warnings.push("it is self-signed: others cannot verify it");
  else if ("cert" in material.secret && !isChained(material.secret.cert)) {
    warnings.push("the certificate of its issuer is missing: others may not be able to verify it");
  }
  return warnings;
}

/** Whether the first one's issuer is there; a root alone may issue without one. */
function isChained(pem: string): boolean {
  const [own, ...others] = pemCertificates(pem).map((one) => new X509Certificate(one));
  return own !== undefined && others.some((other) => own.checkIssued(other));
}

function formatDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
