import { randomBytes } from "node:crypto";
import type { ScramHash, ScramSalt, ScramVerifier } from "./mechanism.ts";
import { decodeBase64 } from "./sasl-text.ts";
import { preparePassword } from "./saslprep.ts";
import { DIGEST_BYTES, deriveScramKeys, hmac } from "./scram-keys.ts";

const SALT_BYTES = 16;
/** RFC 5802 §5.1 asks for at least so many; a client of ours refuses fewer. */
export const ITERATION_COUNT_MIN = 4096;
/** What a client of ours is willing to work for a server that it does not know yet. */
export const ITERATION_COUNT_MAX = 600_000;

const SCHEMES: Readonly<Record<ScramHash, string>> = {
  sha1: "SCRAM-SHA-1",
  sha256: "SCRAM-SHA-256",
};
const BASE64 = "([A-Za-z0-9+/=]{4,128})";
const STORED = new RegExp(
  String.raw`^SCRAM-SHA-(1|256)\$([1-9][0-9]{0,6}):${BASE64}\$${BASE64}:${BASE64}$`,
);

/**
 * The verifier of a new password. Off the event loop.
 * @param options.salt of another password of the same user, so that SCRAM finds either; without
 *   it a new one
 * @param options.iterationCount what one guess at a stolen verifier costs, and every client's logon
 */
export async function makeScramVerifier(
  password: string,
  options: Partial<ScramSalt> & { readonly hash: ScramHash; readonly iterationCount: number },
): Promise<ScramVerifier> {
  const { hash, iterationCount, salt = randomBytes(SALT_BYTES) } = options;
  const from = { password: preparePassword(password), salt, iterationCount };
  const { storedKey, serverKey } = await deriveScramKeys(hash, from);
  return { salt, iterationCount, storedKey, serverKey };
}

/**
 * The verifier of a user who does not exist: no password fits it, and whoever asks twice sees the
 * same salt twice, as he would of somebody who does exist.
 * @param options.secret of this installation, and the same on all its servers
 */
export function makeDecoyVerifier(
  user: string,
  options: {
    readonly hash: ScramHash;
    readonly iterationCount: number;
    readonly secret: Uint8Array;
  },
): ScramVerifier {
  const { hash, iterationCount, secret } = options;
  const derive = (purpose: string): Buffer => hmac(hash, secret, `${purpose} ${hash} ${user}`);
  return {
    salt: derive("salt").subarray(0, SALT_BYTES),
    iterationCount,
    storedKey: derive("stored key"),
    serverKey: derive("server key"),
  };
}

/** `SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>` (RFC 5803 §2, without its spaces). */
export function formatScramVerifier(verifier: ScramVerifier, hash: ScramHash): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  const { salt, iterationCount, storedKey, serverKey } = verifier;
  const keys = `${base64(storedKey)}:${base64(serverKey)}`;
  return `${SCHEMES[hash]}$${iterationCount}:${base64(salt)}$${keys}`;
}

/**
 * Reads what `formatScramVerifier` writes. `undefined` for anything else, keys of a wrong length
 * and counts under 4,096: a client may well refuse those.
 */
export function parseScramVerifier(
  text: string,
): { readonly hash: ScramHash; readonly verifier: ScramVerifier } | undefined {
  const match = STORED.exec(text);
  if (match === null) return undefined;
  const [, bits, count, ...encoded] = match;
  const hash = bits === "1" ? "sha1" : "sha256";
  const iterationCount = Number(count);
  const [salt, storedKey, serverKey] = encoded.map(decodeBase64);
  if (salt === undefined || storedKey === undefined || serverKey === undefined) return undefined;
  if (storedKey.length !== DIGEST_BYTES[hash] || serverKey.length !== DIGEST_BYTES[hash]) {
    return undefined;
  }
  if (iterationCount < ITERATION_COUNT_MIN) return undefined;
  return { hash, verifier: { salt, iterationCount, storedKey, serverKey } };
}
