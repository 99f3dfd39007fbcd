import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, type Result } from "../base/result.ts";
import { DAY } from "../base/units.ts";
import { CERTIFICATE_FILE_BYTES_MAX } from "./certificate-folder.ts";
import { type CertificateMaterial, parsePemMaterial } from "./certificate-material.ts";
import { isMissing, readBounded, writeDurably } from "./durable-file.ts";
import { makeSelfSigned } from "./self-signed.ts";

/** Name of the pair that the server makes for itself, without `.crt` and `.key`. */
const SELF_SIGNED = "self-signed";
/** One with less left is made anew: well before anybody is warned of it. */
const REMAINING_MS_MIN = 40 * DAY;

/**
 * Makes the `self-signed` pair for these names where there is none that still serves: missing,
 * unreadable, for other names, or about to expire. Resolves with whether it has made one. Rejects
 * with the system's error when the folder can't be written.
 */
export async function ensureSelfSigned(options: {
  /** The folder itself. */
  readonly directory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly names: readonly [string, ...string[]];
}): Promise<boolean> {
  const { directory, clock, diagnostics, names } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await readPair(directory);
  const reason = found.ok ? unfitness(found.value, { names, nowMs: clock.nowMs() }) : found.fault;
  if (reason === undefined) return false;
  const pair = await makeSelfSigned(names, clock.nowMs());
  // A crash between the two leaves a pair that does not match, which the next start replaces.
  await writeDurably(join(directory, `${SELF_SIGNED}.key`), pair.privateKeyPem, 0o600);
  await writeDurably(join(directory, `${SELF_SIGNED}.crt`), pair.certificatePem, 0o644);
  const made = await readPair(directory);
  diagnostics.warn("self-signed-certificate-made", {
    file: join(directory, `${SELF_SIGNED}.crt`),
    names,
    fingerprint: made.ok ? made.value.fingerprint : undefined,
    reason,
    notice: "others cannot verify a self-signed certificate: it keeps out listeners, not impostors",
    cure:
      "put NAME.crt and NAME.key of an authority into that folder, or run " +
      "postrider import-certificate FILE, or set transportConfig.acme",
  });
  return true;
}

/** Why the pair no longer serves; `undefined`: it does. */
function unfitness(
  pair: CertificateMaterial,
  want: { readonly names: readonly string[]; readonly nowMs: number },
): string | undefined {
  if (pair.validToMs <= want.nowMs + REMAINING_MS_MIN) return "the one before ends soon";
  const isBearing = want.names.every((name) => pair.names.includes(name.toLowerCase()));
  return isBearing ? undefined : "the one before bears other names";
}

/** The pair; the fault says why there is none. */
async function readPair(directory: string): Promise<Result<CertificateMaterial, string>> {
  const read = async (suffix: string) => {
    const path = join(directory, SELF_SIGNED + suffix);
    return (await readBounded(path, CERTIFICATE_FILE_BYTES_MAX)).toString("latin1");
  };
  try {
    const [certificate, key] = [await read(".crt"), await read(".key")];
    const file = `${SELF_SIGNED}.crt`;
    const parsed = parsePemMaterial({ file, certificate, key, passphrase: undefined });
    return parsed.ok ? parsed : fault(parsed.fault.reason);
  } catch (error) {
    if (isMissing(error)) return fault("there was no whole pair");
    return fault(error instanceof Error ? error.message : String(error));
  }
}
