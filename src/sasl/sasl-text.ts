import { timingSafeEqual } from "node:crypto";

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Canonical base64 with its padding (RFC 4648 §4): one text for each value, as proofs need it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text of these bytes; `undefined` when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    // The decoder throws TypeError for the peer's bad bytes; there is no variant that tells.
    return undefined;
  }
}

/** The bytes of a text in UTF-8. */
export function encodeUtf8(text: string): Buffer {
  return Buffer.from(text, "utf8");
}

/** The bytes of base64; `undefined` for anything that an encoder would not have written. */
export function decodeBase64(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** Whether two secrets are equal, in a time that does not tell where they differ. */
export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Characters of a name; logs and lookups take no more, and nobody's is a fifth of it. */
const NAME_CHARACTERS_MAX = 1024;

/**
 * Whether a text may stand for somebody, or for nobody (""): not without end, and without control
 * characters, with which it could forge a line of a log.
 */
export function isIdentity(text: string): boolean {
  return text.length <= NAME_CHARACTERS_MAX && text.isWellFormed() && !/\p{Cc}/u.test(text);
}
