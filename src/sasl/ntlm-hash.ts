import { createCipheriv, createHash, createHmac } from "node:crypto";
import { md4 } from "./md4.ts";

/** A text as NTLM signs and sends it. */
export function encodeUtf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

/**
 * NTOWFv1, which accounts that may use NTLM have stored: 16 bytes, as good as the password itself
 * (MS-NLMP §3.3.1). The password is taken as it was typed, as Windows does.
 */
export function ntHash(password: string): Buffer {
  return md4(encodeUtf16(password));
}

/** Who has logged on, as the client wrote it: its proof hangs on case and form. */
export interface NtlmIdentity {
  readonly user: string;
  readonly domain: string;
}

/** NTOWFv2: the key of all that NTLM v2 proves (MS-NLMP §3.3.2). */
export function ntlmV2Key(hash: Uint8Array, { user, domain }: NtlmIdentity): Buffer {
  return hmacMd5(hash, encodeUtf16(upperCase(user) + domain));
}

/** HMAC-MD5 over parts put together. */
export function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac("md5", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** DESL: the 16 bytes of a hash as three keys of DES, each over the same block (MS-NLMP §6). */
export function desl(hash: Uint8Array, block: Uint8Array): Buffer {
  const keys = Buffer.alloc(21);
  keys.set(hash.subarray(0, 16));
  return Buffer.concat([0, 7, 14].map((at) => desBlock(keys.subarray(at, at + 7), block)));
}

/** The block that v1 answers to, with extended session security: both sides' challenges. */
export function mixedChallenge(server: Uint8Array, client: Uint8Array): Buffer {
  return createHash("md5").update(server).update(client).digest().subarray(0, 8);
}

function desBlock(key56: Buffer, block: Uint8Array): Buffer {
  // Seven bits to a byte, the eighth being parity, which nobody looks at.
  const bits = key56.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const key = Buffer.from(
    Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(49 - 7 * index)) & 127n) << 1),
  );
  // OpenSSL 3 has no single DES: three times the same key is one.
  const cipher = createCipheriv("des-ede3", Buffer.concat([key, key, key]), null);
  cipher.setAutoPadding(false);
  return cipher.update(block);
}

/** Letter by letter, as Windows has it: `ß` stays, and no letter becomes one of ASCII. */
function upperCase(text: string): string {
  return Array.from(text, (letter) => {
    const upper = letter.toUpperCase();
    const isSingle = upper.length === letter.length;
    return isSingle && (upper > "\u007f" || letter <= "\u007f") ? upper : letter;
  }).join("");
}
