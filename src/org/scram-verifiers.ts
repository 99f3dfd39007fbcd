import { timingSafeEqual } from "node:crypto";
import type { ScramHash, ScramSalt } from "../sasl/mechanism.ts";
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

/** A password of a mailbox in clear, or else its verifiers; and what the store has of it. */
interface ScramOwner {
  readonly password: string | undefined;
  readonly scramVerifiers: readonly string[];
  readonly stored: unknown;
}

/**
 * Verifiers of all passwords of a mailbox, for each one per hash. All share a salt, since the
 * server has to tell it before it knows which password the client has: that of the verifiers
 * given, else the first stored one that still fits its password, else a new one.
 */
export async function fitScramVerifiers(
  owners: readonly ScramOwner[],
): Promise<readonly (readonly string[])[]> {
  const fitted = owners.map(({ scramVerifiers }) => [...scramVerifiers]);
  for (const hash of HASHES) {
    let shared: ScramSalt | undefined = verifiersOf(fitted.flat(), hash)[0];
    for (const [index, { password, stored }] of owners.entries()) {
      if (password === undefined) continue;
      shared ??= await findFitting(password, hash, stored);
      const { salt, iterationCount = SCRAM_ITERATION_COUNT } = shared ?? {};
      const made = await makeScramVerifier(password, {
        hash,
        iterationCount,
        ...(salt && { salt }),
      });
      shared = made;
      fitted[index]?.push(formatScramVerifier(made, hash));
    }
  }
  return fitted;
}

async function findFitting(
  password: string,
  hash: ScramHash,
  stored: unknown,
): Promise<ScramSalt | undefined> {
  for (const verifier of verifiersOf(Array.isArray(stored) ? stored : [], hash)) {
    const { salt, iterationCount, storedKey } = verifier;
    const from = { password: preparePassword(password), salt, iterationCount };
    const keys = await deriveScramKeys(hash, from);
    if (timingSafeEqual(keys.storedKey, storedKey)) return verifier;
  }
  return undefined;
}

function verifiersOf(texts: readonly unknown[], hash: ScramHash) {
  return texts.flatMap((text) => {
    const parsed = typeof text === "string" ? parseScramVerifier(text) : undefined;
    return parsed?.hash === hash ? [parsed.verifier] : [];
  });
}
