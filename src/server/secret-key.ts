import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { createSecretBox, SECRET_KEY_BYTES, type SecretBox } from "../base/secret-box.ts";

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
  if (key.length !== SECRET_KEY_BYTES) {
    throw new Error(
      `${path} is not a key of ${SECRET_KEY_BYTES} bytes in base64: restore it from backup`,
    );
  }
  return key;
}

function makeKey(path: string): Uint8Array {
  const key = randomBytes(SECRET_KEY_BYTES);
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${key.toString("base64")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}
