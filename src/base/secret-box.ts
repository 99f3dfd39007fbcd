import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** Seals secrets that the server has to read again: what we log on with elsewhere, NT hashes. */
export interface SecretBox {
  /** Another text each time: whether two secrets are the same cannot be seen. */
  seal(secret: string): string;
  /** `undefined` when the text was not sealed with this key, or is no sealed text. */
  open(sealed: string): string | undefined;
  /**
   * 32 bytes that only this key gives for that text, the same each time: for what has to look the
   * same after a restart, and be known to nobody.
   */
  derive(text: string): Uint8Array;
}

const PREFIX = "sealed:v1:";
const CIPHER = "aes-256-gcm";
/** Bytes of a key. */
export const SECRET_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DERIVED_PREFIX = "derived:v1:";

/** Whether the text is one that a box has sealed; a secret in clear must not look like it. */
export function isSealed(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** A box with that key of 32 bytes (AES-256-GCM). */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce);
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url");
    },
    open(sealed) {
      if (!isSealed(sealed)) return undefined;
      const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      try {
        const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch {
        // Another key's, or changed since: GCM tells no more than that it does not fit.
        return undefined;
      }
    },
    derive: (text) => createHmac("sha256", key).update(DERIVED_PREFIX).update(text).digest(),
  };
}
