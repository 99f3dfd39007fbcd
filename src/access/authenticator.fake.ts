import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/** What a test has the authenticator do other than it should. */
export interface Misbehaviour {
  readonly origin?: string;
  readonly host?: string;
  /** Nobody has shown a finger or a PIN. */
  readonly isUnverified?: boolean;
  /** Signatures that it says it has made. */
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
}

/** An authenticator with one passkey (ES256), as a browser shows it to a page of `origin`. */
export class FakeAuthenticator {
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly id: string = randomBytes(16).toString("base64url");
  readonly #origin: string;
  #userHandle = "";
  #counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** What `navigator.credentials.create` gives. */
  create(options: unknown, how: Misbehaviour = {}) {
    const { challenge, rp, user } = Object(options);
    this.#userHandle = user.id;
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, this.#coseKey()]);
    const data = Buffer.concat([this.#authenticatorData(rp.id, ATTESTED, how), attested]);
    // {"fmt": "none", "attStmt": {}, "authData": data}
    const attestationObject = Buffer.concat([
      Buffer.from("a363666d74646e6f6e656761747453746d74a0686175746844617461", "hex"),
      Buffer.from([0x59, data.length >> 8, data.length & 0xff]),
      data,
    ]).toString("base64url");
    const clientDataJSON = this.#clientData("webauthn.create", challenge, how);
    const response = { clientDataJSON, attestationObject, transports: ["internal", 7, "X"] };
    return { id: this.id, rawId: this.id, type: "public-key", response };
  }

  /** What `navigator.credentials.get` gives. */
  get(options: unknown, how: Misbehaviour = {}) {
    const { challenge, rpId } = Object(options);
    this.#counter += 1;
    const data = this.#authenticatorData(rpId, 0, how);
    const clientDataJSON = this.#clientData("webauthn.get", challenge, how);
    const digest = createHash("sha256").update(Buffer.from(clientDataJSON, "base64url")).digest();
    const signed = sign("sha256", Buffer.concat([data, digest]), this.#keys.privateKey);
    const response = {
      clientDataJSON,
      authenticatorData: data.toString("base64url"),
      signature: signed.toString("base64url"),
      userHandle: how.userHandle ?? this.#userHandle,
    };
    return { id: this.id, rawId: this.id, type: "public-key", response };
  }

  #authenticatorData(host: string, more: number, how: Misbehaviour): Buffer {
    const rpIdHash = createHash("sha256")
      .update(how.host ?? host)
      .digest();
    const flags = PRESENT | (how.isUnverified === true ? 0 : VERIFIED) | more;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(how.counter ?? this.#counter);
    return Buffer.concat([rpIdHash, Buffer.from([flags]), counter]);
  }

  #clientData(type: string, challenge: string, how: Misbehaviour): string {
    const origin = how.origin ?? this.#origin;
    const text = JSON.stringify({ type: how.type ?? type, challenge, origin, crossOrigin: false });
    return Buffer.from(text).toString("base64url");
  }

  /** {1: 2, 3: -7, -1: 1, -2: x, -3: y} */
  #coseKey(): Buffer {
    const { x = "", y = "" } = this.#keys.publicKey.export({ format: "jwk" });
    return Buffer.concat([
      Buffer.from("a5010203262001215820", "hex"),
      Buffer.from(x, "base64url"),
      Buffer.from("225820", "hex"),
      Buffer.from(y, "base64url"),
    ]);
  }
}
