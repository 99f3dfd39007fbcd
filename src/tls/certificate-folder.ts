import { X509Certificate } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { fault, type Result } from "../base/result.ts";
import { MiB } from "../base/units.ts";
import {
  type CertificateFault,
  type CertificateMaterial,
  parsePemMaterial,
  parsePfxMaterial,
  pemCertificates,
} from "./certificate-material.ts";
import { isMissing, readBounded } from "./durable-file.ts";

/** Subfolder with PEM files of authorities that we trust besides the system's. */
export const AUTHORITIES_FOLDER = "authorities";

/** A file in those folders that is larger is something else. */
export const CERTIFICATE_FILE_BYTES_MAX = MiB;
/** More certificates than this in one folder are somebody's mistake. */
const FILES_MAX = 1000;
const AUTHORITY_FILES = new Set([".pem", ".crt", ".cer"]);

/** What the folder `certificates` of a data directory holds. */
export interface CertificateFolder {
  readonly materials: readonly CertificateMaterial[];
  /** PEM, one certificate each. */
  readonly authorities: readonly string[];
  readonly faults: readonly FileFault[];
}

/** A file there that can't be used. */
export interface FileFault extends CertificateFault {
  readonly file: string;
}

/** A certificate's files, as their names tell. */
interface FileSet {
  readonly file: string;
  readonly kind: "pair" | "bundle" | "pfx";
  readonly name: string;
}

/**
 * Names and states of all files there, as text: as long as it stays the same, so do they. Rejects
 * with the system's error when the folder can't be read.
 */
export async function readFolderState(directory: string): Promise<string> {
  const lines: string[] = [];
  for (const folder of [directory, join(directory, AUTHORITIES_FOLDER)]) {
    for (const name of await listFolder(folder)) {
      // One that goes while we look is not there.
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found?.isFile() !== true) continue;
      lines.push(`${join(folder, name)} ${found.ino} ${found.size} ${found.mtimeMs}`);
    }
  }
  return lines.join("\n");
}

/**
 * Reads `NAME.crt` with `NAME.key`, `NAME.pem` with both in it, `NAME.pfx` and `NAME.p12`; the
 * passphrase, where one is needed, is in `NAME.pass`. What can't be used is told and left out.
 * Rejects with the system's error when the folder can't be read.
 */
export async function readCertificateFolder(directory: string): Promise<CertificateFolder> {
  const materials: CertificateMaterial[] = [];
  const faults: FileFault[] = [];
  for (const files of listFileSets(await listFolder(directory))) {
    const read = await readFileSet(directory, files);
    if (read.ok) materials.push(read.value);
    else faults.push({ ...read.fault, file: join(directory, files.file) });
  }
  const authorities = await readAuthorities(join(directory, AUTHORITIES_FOLDER));
  return {
    materials,
    authorities: authorities.certificates,
    faults: [...faults, ...authorities.faults],
  };
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort().slice(0, FILES_MAX);
  } catch (error) {
    // There need not be authorities of our own.
    if (isMissing(error)) return [];
    throw error;
  }
}

function listFileSets(names: readonly string[]): readonly FileSet[] {
  return names.flatMap((file): readonly FileSet[] => {
    const suffix = extname(file).toLowerCase();
    const name = file.slice(0, -suffix.length || undefined);
    switch (suffix) {
      case ".crt":
        return [{ file, kind: "pair", name }];
      case ".pem":
        return [{ file, kind: "bundle", name }];
      case ".pfx":
      case ".p12":
        return [{ file, kind: "pfx", name }];
      default:
        return [];
    }
  });
}

async function readFileSet(
  directory: string,
  { file, kind, name }: FileSet,
): Promise<Result<CertificateMaterial, CertificateFault>> {
  try {
    const content = await readFile(join(directory, file));
    const passphrase = await readPassphrase(join(directory, `${name}.pass`));
    if (kind === "pfx") return parsePfxMaterial({ file, pfx: content, passphrase });
    const certificate = content.toString("latin1");
    const key = kind === "bundle" ? certificate : await readKey(directory, name);
    return parsePemMaterial({ file, certificate, key, passphrase });
  } catch (error) {
    return fault(describeReadFault(error, { file, keyFile: `${name}.key` }));
  }
}

async function readKey(directory: string, name: string): Promise<string> {
  const key = await readFile(join(directory, `${name}.key`));
  return key.toString("latin1");
}

/** A pipe that somebody left there would be waited for until the end of days. */
async function readFile(path: string): Promise<Buffer> {
  if (!(await stat(path)).isFile()) throw new Error(`${path} is no regular file`);
  return readBounded(path, CERTIFICATE_FILE_BYTES_MAX);
}

/** The first line; a file without it is an empty passphrase. */
async function readPassphrase(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path)).toString("utf8");
    return text.split(/\r?\n/)[0] ?? "";
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function describeReadFault(
  error: unknown,
  { file, keyFile }: { readonly file: string; readonly keyFile: string },
): CertificateFault {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") {
    return { reason, cure: `put the private key beside it, as ${keyFile} (PEM)` };
  }
  if (code === "EACCES") return { reason, cure: `let the server's user read ${file} and its key` };
  return { reason, cure: "put the certificate in its place again" };
}

async function readAuthorities(folder: string): Promise<{
  readonly certificates: readonly string[];
  readonly faults: readonly FileFault[];
}> {
  const certificates: string[] = [];
  const faults: FileFault[] = [];
  const cure = "store the authority's certificates as PEM";
  for (const name of await listFolder(folder)) {
    if (!AUTHORITY_FILES.has(extname(name).toLowerCase())) continue;
    const file = join(folder, name);
    try {
      const text = (await readFile(file)).toString("latin1");
      const found = pemCertificates(text);
      if (found.length === 0) {
        faults.push({ file, reason: "there is no PEM certificate in it", cure });
      }
      certificates.push(...found.filter(isCertificate));
      if (!found.every(isCertificate)) {
        faults.push({ file, reason: "a certificate in it is damaged", cure });
      }
    } catch (error) {
      faults.push({ file, reason: error instanceof Error ? error.message : String(error), cure });
    }
  }
  return { certificates, faults };
}

function isCertificate(pem: string): boolean {
  try {
    // No more is asked: a partner's self-signed certificate is an anchor as well.
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    // Not a certificate, then.
    return false;
  }
}
