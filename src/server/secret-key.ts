import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { createSecretBox, SECRET_KEY_BYTES, type SecretBox } from "../base/secret-box.ts";

/**
 * The box of a key file, which is made where there is none (mode 0600, whole, flushed). It stands
 * outside the databases, so that a copy of those gives no secret away. Throws the system's error,
 * or one that names the file and the cure.
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
  // Not at its place: what a crash left there would be half a key, and no start would get past it.
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, `${key.toString("base64")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
  return key;
}
