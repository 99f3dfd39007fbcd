import { createHash, createHmac, pbkdf2 } from "node:crypto";
import type { ScramHash } from "./mechanism.ts";

/** SHA-512 is not offered, since hardly a client knows it; published conversations use it. */
export type ScramDigest = ScramHash | "sha512";

/** Bytes of a key. */
export const DIGEST_BYTES: Readonly<Record<ScramDigest, number>> = {
  sha1: 20,
  sha256: 32,
  sha512: 64,
};

/** What a password comes to with a salt (RFC 5802 §3). */
export interface ScramKeys {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The password's keys; it must be prepared. Costly, and off the event loop. */
export async function deriveScramKeys(
  digest: ScramDigest,
  from: { readonly password: string; readonly salt: Uint8Array; readonly iterationCount: number },
): Promise<ScramKeys> {
  const salted = await new Promise<Buffer>((resolve, reject) => {
    const { password, salt, iterationCount } = from;
    pbkdf2(password, salt, iterationCount, DIGEST_BYTES[digest], digest, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
  const clientKey = hmac(digest, salted, "Client Key");
  const serverKey = hmac(digest, salted, "Server Key");
  return { clientKey, storedKey: hash(digest, clientKey), serverKey };
}

/** HMAC with a digest. */
export function hmac(digest: ScramDigest, key: Uint8Array, text: string): Buffer {
  return createHmac(digest, key).update(text, "utf8").digest();
}

/** The digest of these bytes. */
export function hash(digest: ScramDigest, bytes: Uint8Array): Buffer {
  return createHash(digest).update(bytes).digest();
}

/** Both combined byte by byte; as long as the first. */
export function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
