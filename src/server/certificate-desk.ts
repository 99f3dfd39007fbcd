import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificateKey, makeCertificateRequest } from "../acme/certificate-request.ts";
import type { Clock } from "../base/clock.ts";
import { fault, ok } from "../base/result.ts";
import type { CertificateDesk } from "../cmdlets/certificates/services.ts";
import { CERTIFICATE_FILE_BYTES_MAX } from "../tls/certificate-folder.ts";
import {
  type CertificateUpload,
  checkCertificateName,
  importCertificate,
  removeCertificate,
} from "../tls/certificate-import.ts";
import { isMissing, readBounded, writeDurably } from "../tls/durable-file.ts";
import { makeSelfSigned } from "../tls/self-signed.ts";
import type { CertificateKeeper } from "./certificate-keeper.ts";

/** Subfolder with keys that wait for a certificate; the keeper does not look there. */
const REQUESTS_FOLDER = "requests";

/** The folder of certificates for cmdlets; every change is in force when a call resolves. */
export function createCertificateDesk(parts: {
  /** The folder itself. */
  readonly directory: string;
  readonly keeper: Pick<CertificateKeeper, "set" | "state" | "refresh">;
  readonly clock: Clock;
}): CertificateDesk {
  const { directory, keeper, clock } = parts;
  const requests = join(directory, REQUESTS_FOLDER);
  const fileOf = (name: string, suffix: string) => join(requests, name + suffix);
  const put = async (upload: CertificateUpload) => {
    const done = await importCertificate(directory, upload, clock.nowMs());
    if (done.ok) await keeper.refresh();
    return done;
  };
  return {
    list: () => keeper.set.materials.map(({ secret: _, ...known }) => known),
    faults: () => keeper.state.faults,
    async listRequests() {
      const names = await listFolder(requests);
      return names.flatMap((name) => (name.endsWith(".key") ? [name.slice(0, -4)] : []));
    },
    async import(upload) {
      const isKnown = checkCertificateName(upload.name) === undefined;
      const waiting = isKnown ? await readWaiting(fileOf(upload.name, ".key")) : undefined;
      const bare = upload.key === undefined && !hasKey(upload.content);
      const key = bare ? waiting : upload.key;
      const done = await put({ ...upload, key });
      if (done.ok && bare && waiting !== undefined) {
        await rm(fileOf(upload.name, ".key"), { force: true });
        await rm(fileOf(upload.name, ".csr"), { force: true });
      }
      return done;
    },
    async makeSelfSigned({ name, domainNames }) {
      const pair = await makeSelfSigned(domainNames, clock.nowMs());
      const content = Buffer.from(pair.certificatePem, "latin1");
      return put({ name, content, key: pair.privateKeyPem, passphrase: undefined });
    },
    async makeRequest({ name, domainNames }) {
      const problem = checkCertificateName(name);
      if (problem !== undefined) return fault(problem);
      if ((await listFolder(requests)).includes(`${name}.key`)) {
        // Its key would be lost, and with it the certificate that is on its way.
        const reason = `a request "${name}" waits for its certificate already`;
        const cure = `give another name, or remove it first: Remove-ExchangeCertificate ${name}`;
        return fault({ reason, cure });
      }
      const key = makeCertificateKey();
      const request = formatRequest(await makeCertificateRequest(domainNames, key));
      await mkdir(requests, { recursive: true, mode: 0o700 });
      await writeDurably(fileOf(name, ".key"), key, 0o600);
      await writeDurably(fileOf(name, ".csr"), request, 0o644);
      return ok(request);
    },
    async remove(name) {
      if ((await listFolder(requests)).includes(`${name}.key`)) {
        await rm(fileOf(name, ".key"), { force: true });
        await rm(fileOf(name, ".csr"), { force: true });
        return;
      }
      await removeCertificate(directory, name);
      await keeper.refresh();
    },
  };
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    // There was never a request.
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readWaiting(path: string): Promise<string | undefined> {
  try {
    return (await readBounded(path, CERTIFICATE_FILE_BYTES_MAX)).toString("latin1");
  } catch (error) {
    // The certificate has to bring its key, then.
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A PFX has its key inside. */
function hasKey(content: Uint8Array): boolean {
  const text = Buffer.from(content).toString("latin1");
  return !text.includes("-----BEGIN ") || text.includes("PRIVATE KEY-----");
}

function formatRequest(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  const label = "CERTIFICATE REQUEST-----";
  return [`-----BEGIN ${label}`, ...lines, `-----END ${label}`, ""].join("\n");
}
