import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { fault, ok, type Result } from "../base/result.ts";

/** The kinds of keys that we sign with (RFC 8301, RFC 8463). */
export type KeyKind = "rsa" | "ed25519";

/** RFC 8301 §3.2: nobody need accept less than 1024 bits, and should sign with at least 2048. */
const RSA_BITS_MIN = 2048;
/** Verifiers need not cope with more (RFC 8301 §3.2). */
const RSA_BITS_MAX = 4096;

/** Reads a private key: PEM, or PKCS #8 in base64. The fault says what is wrong, not the key. */
export function parsePrivateKey(text: string, kind: KeyKind): Result<KeyObject, string> {
  let key: KeyObject;
  try {
    key = text.includes("-----BEGIN")
      ? createPrivateKey(text)
      : createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs8" });
  } catch {
    return fault("is not a private key in PEM form without a password, or PKCS #8 in base64");
  }
  if (key.asymmetricKeyType !== kind) return fault(`is not a key of type ${kind}`);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (kind === "rsa" && (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)) {
    return fault(`is an RSA key of ${bits} bits; make one of ${RSA_BITS_MIN} to ${RSA_BITS_MAX}`);
  }
  return ok(key);
}

const generate = promisify(generateKeyPair);

/** Makes a key, in the thread pool. `rsaBits`: of an RSA key. */
export async function makePrivateKey(kind: KeyKind, rsaBits: number): Promise<KeyObject> {
  const made =
    kind === "rsa" ? await generate("rsa", { modulusLength: rsaBits }) : await generate("ed25519");
  return made.privateKey;
}

/** As it is stored: PKCS #8 in base64, one line. */
export function formatPrivateKey(key: KeyObject): string {
  return key.export({ format: "der", type: "pkcs8" }).toString("base64");
}

/** What DNS has to say of the key: the text of its TXT record (RFC 6376 §3.6.1, RFC 8463 §4). */
export function formatKeyRecord(key: KeyObject): string {
  const publicKey = createPublicKey(key);
  if (key.asymmetricKeyType === "ed25519") {
    const { x = "" } = publicKey.export({ format: "jwk" });
    return `v=DKIM1; k=ed25519; p=${Buffer.from(x, "base64url").toString("base64")}`;
  }
  const p = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  return `v=DKIM1; k=rsa; p=${p}`;
}
