import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

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
const KEY_BYTES = 32;
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

/**
 * The box of a key file, which is made where there is none (mode 0600, flushed). It stands outside
 * the databases, so that a copy of those gives no secret away. Throws the system's error, or one
 * that names the file and the cure.
 */
export function openSecretBox(path: string): SecretBox {
  return createSecretBox(readKey(path) ?? makeKey(path));
}

function readKey(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const key = Buffer.from(text, "base64");
  if (key.length !== KEY_BYTES) {
    throw new Error(`${path} is not a key of ${KEY_BYTES} bytes in base64: restore it from backup`);
  }
  return key;
}

function makeKey(path: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${key.toString("base64")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}
