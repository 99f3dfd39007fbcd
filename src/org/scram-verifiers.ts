import { timingSafeEqual } from "node:crypto";
import type { ScramHash } from "../sasl/mechanism.ts";
import { preparePassword } from "../sasl/saslprep.ts";
import { deriveScramKeys } from "../sasl/scram-keys.ts";
import {
  formatScramVerifier,
  makeScramVerifier,
  parseScramVerifier,
} from "../sasl/scram-verifier.ts";

/**
 * What a guess at a stolen verifier costs; RFC 7677 §4 asks for 4,096 at least. The client works
 * as much at each logon, and printers have slow processors.
 */
export const SCRAM_ITERATION_COUNT = 15_000;

const HASHES: readonly ScramHash[] = ["sha256", "sha1"];

/** Verifiers of a password, one for each hash; those in `stored` that fit it are kept. */
export async function fitScramVerifiers(
  password: string,
  stored: readonly unknown[],
): Promise<readonly string[]> {
  const fitted: string[] = [];
  for (const hash of HASHES) fitted.push(await fitScramVerifier(password, hash, stored));
  return fitted;
}

async function fitScramVerifier(
  password: string,
  hash: ScramHash,
  stored: readonly unknown[],
): Promise<string> {
  for (const text of stored) {
    const parsed = typeof text === "string" ? parseScramVerifier(text) : undefined;
    if (parsed?.hash !== hash) continue;
    const { salt, iterationCount, storedKey } = parsed.verifier;
    const from = { password: preparePassword(password), salt, iterationCount };
    const keys = await deriveScramKeys(hash, from);
    if (timingSafeEqual(keys.storedKey, storedKey))
      return formatScramVerifier(parsed.verifier, hash);
  }
  const made = await makeScramVerifier(password, { hash, iterationCount: SCRAM_ITERATION_COUNT });
  return formatScramVerifier(made, hash);
}
