import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { JWK } from "jose";
import { jose } from "../base/jose-library.ts";
import { KiB } from "../base/units.ts";
import { readBounded, writeDurably } from "../tls/durable-file.ts";
import { AcmeFailure } from "./acme-failure.ts";

/** The key that stands for an account with an authority (RFC 8555 §6.2): P-256. */
export interface AccountKey {
  /** SHA-256 of the public key (RFC 7638), part of every proof (RFC 8555 §8.1). */
  readonly thumbprint: string;
  /**
   * A request as the authority takes it. `payload` undefined is a POST-as-GET (RFC 8555 §6.3);
   * `account` undefined names the key itself, as before there is an account.
   */
  sign(request: {
    readonly url: string;
    readonly nonce: string;
    readonly account: string | undefined;
    readonly payload: object | undefined;
  }): Promise<string>;
}

const KEY_BYTES_MAX = 16 * KiB;

/**
 * Reads the key of a file, which is made where there is none (mode 0600, flushed). Rejects with
 * AcmeFailure when the file holds something else, with the system's error when it can't be read.
 */
export async function openAccountKey(path: string): Promise<AccountKey> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const key = (await readKey(path)) ?? (await makeKey(path));
  const { kty, crv, x, y }: JWK = createPublicKey(key).export({ format: "jwk" });
  const jwk = { kty, crv, x, y } as JWK;
  return {
    thumbprint: await jose().calculateJwkThumbprint(jwk, "sha256"),
    async sign({ url, nonce, account, payload }) {
      const text = payload === undefined ? "" : JSON.stringify(payload);
      const who = account === undefined ? { jwk } : { kid: account };
      const signed = await new (jose().FlattenedSign)(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: "ES256", nonce, url, ...who })
        .sign(key);
      return JSON.stringify(signed);
    },
  };
}

async function readKey(path: string): Promise<KeyObject | undefined> {
  try {
    const key = createPrivateKey(await readBounded(path, KEY_BYTES_MAX));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return undefined;
    if (code === "EACCES") throw error;
  }
  const cure = "restore it from backup, or remove it for a new account";
  throw new AcmeFailure(`${path} is no P-256 key in PEM`, cure);
}

async function makeKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeDurably(path, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  return privateKey;
}
