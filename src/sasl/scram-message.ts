import { decodeSaslName, type Gs2Header, parseGs2Header } from "./gs2-header.ts";
import { decodeBase64 } from "./sasl-text.ts";

/** Printable ASCII but the comma (RFC 5802 §7): a client's part, and both sides' together. */
const NONCE = String.raw`[\x21-\x2b\x2d-\x7e]{1,512}`;
const JOINT_NONCE = String.raw`[\x21-\x2b\x2d-\x7e]{1,1024}`;
const EXTENSIONS = String.raw`(?:,[A-Za-z]=[^,\0]+)*`;
const CLIENT_FIRST = new RegExp(String.raw`^n=([^,\0]{1,1024}),r=(${NONCE})${EXTENSIONS}$`);
const CLIENT_FINAL = new RegExp(
  String.raw`^(c=([^,\0]+),r=(${JOINT_NONCE})${EXTENSIONS}),p=([A-Za-z0-9+/=]{1,128})$`,
);
const SERVER_FIRST = new RegExp(
  `^r=(${JOINT_NONCE}),s=([A-Za-z0-9+/=]{1,1024}),i=([1-9][0-9]{0,9})${EXTENSIONS}$`,
);
const SERVER_FINAL = new RegExp(
  String.raw`^(?:e=([^,\0]+)|v=([A-Za-z0-9+/=]{1,128}))${EXTENSIONS}$`,
);

/** The client's first message (RFC 5802 §7). */
export interface ClientFirst {
  readonly header: Gs2Header;
  /** Decoded, but not prepared. */
  readonly name: string;
  readonly nonce: string;
  /** The message without its header, which is signed. */
  readonly bare: string;
}

/**
 * Reads the client's first message. `undefined`: it is none, or asks by `m=` for an extension: we
 * know none, and must then refuse (RFC 5802 §5.1).
 */
export function parseClientFirst(text: string): ClientFirst | undefined {
  const header = parseGs2Header(text);
  if (header === undefined) return undefined;
  const match = CLIENT_FIRST.exec(header.rest);
  if (match === null) return undefined;
  const [bare, encodedName = "", nonce = ""] = match;
  const name = decodeSaslName(encodedName);
  return name === undefined ? undefined : { header, name, nonce, bare };
}

/** The client's second message. */
export interface ClientFinal {
  /** Header and binding data, as the client has seen them. */
  readonly binding: Buffer;
  readonly nonce: string;
  readonly proof: Buffer;
  /** The message up to the proof, which is signed. */
  readonly withoutProof: string;
}

/** Reads the client's second message; `undefined`: it is none. */
export function parseClientFinal(text: string): ClientFinal | undefined {
  const match = CLIENT_FINAL.exec(text);
  if (match === null) return undefined;
  const [, withoutProof = "", encodedBinding = "", nonce = "", encodedProof = ""] = match;
  const binding = decodeBase64(encodedBinding);
  const proof = decodeBase64(encodedProof);
  if (binding === undefined || proof === undefined) return undefined;
  return { binding, nonce, proof, withoutProof };
}

/** The server's first message. */
export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterationCount: number;
}

/** Reads the server's first message; `undefined`: it is none. */
export function parseServerFirst(text: string): ServerFirst | undefined {
  const match = SERVER_FIRST.exec(text);
  if (match === null) return undefined;
  const [, nonce = "", encodedSalt = "", iterations] = match;
  const salt = decodeBase64(encodedSalt);
  return salt === undefined ? undefined : { nonce, salt, iterationCount: Number(iterations) };
}

/** Writes the server's first message. */
export function formatServerFirst({ nonce, salt, iterationCount }: ServerFirst): string {
  return `r=${nonce},s=${salt.toString("base64")},i=${iterationCount}`;
}

/** The server's last message: its proof, or why not. */
export type ServerFinal =
  | { readonly kind: "signature"; readonly signature: Buffer }
  | { readonly kind: "error"; readonly reason: string };

/** Reads the server's last message; `undefined`: it is none. */
export function parseServerFinal(text: string): ServerFinal | undefined {
  const match = SERVER_FINAL.exec(text);
  if (match === null) return undefined;
  const [, reason, encoded] = match;
  if (reason !== undefined) return { kind: "error", reason };
  const signature = decodeBase64(encoded ?? "");
  return signature && { kind: "signature", signature };
}
