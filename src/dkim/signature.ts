import { createHash, type KeyObject, sign } from "node:crypto";
import type { Domain } from "../mail/address.ts";
import { type RawField, relaxField } from "./header-section.ts";

/** One key to sign with; the selector tells verifiers where its record is. */
export interface SigningKey {
  readonly selector: string;
  readonly key: KeyObject;
}

/** What is signed, and for whom. */
export interface SignatureFacts {
  readonly domain: Domain;
  /** Of the message, from the top. */
  readonly fields: readonly RawField[];
  /** Hash of the relaxed body, in base64. */
  readonly bodyHash: string;
  readonly nowMs: number;
}

/**
 * Signed as often as they occur and once more: a second one, put in by somebody else, breaks the
 * signature (RFC 6376 §8.15).
 */
const OVERSIGNED = [
  "from",
  "to",
  "cc",
  "subject",
  "date",
  "message-id",
  "reply-to",
  "in-reply-to",
  "references",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
] as const;
/** Signed where they occur: lists and gateways rightly add such fields (RFC 8058 §4 for two). */
const SIGNED = [
  "sender",
  "content-id",
  "content-description",
  "content-disposition",
  "list-unsubscribe",
  "list-unsubscribe-post",
] as const;

/** Names in one signature; a message of ours has no more, and one with more is not signed. */
const SIGNED_NAMES_MAX = 100;
const LINE_MAX = 78;
/** Characters of base64 on one line. */
const CHUNK = 72;

/** The names for `h=`, each as often as it is signed; `undefined` when they are too many. */
export function selectSignedNames(fields: readonly RawField[]): readonly string[] | undefined {
  const counts = new Map<string, number>();
  for (const { name } of fields) counts.set(name, (counts.get(name) ?? 0) + 1);
  const repeat = (name: string, more: number): string[] =>
    new Array<string>((counts.get(name) ?? 0) + more).fill(name);
  const names = [
    ...OVERSIGNED.flatMap((name) => repeat(name, 1)),
    ...SIGNED.flatMap((name) => repeat(name, 0)),
  ];
  return names.length > SIGNED_NAMES_MAX ? undefined : names;
}

/**
 * A whole DKIM-Signature field, line end included (RFC 6376 §3.5, RFC 8463 §3). The work is done in
 * the thread pool. Rejects when the key cannot sign.
 */
export async function formatSignature(
  { selector, key }: SigningKey,
  { domain, fields, bodyHash, nowMs }: SignatureFacts,
  names: readonly string[],
): Promise<string> {
  const isRsa = key.asymmetricKeyType === "rsa";
  const unsigned = fold([
    "DKIM-Signature: v=1;",
    `a=${isRsa ? "rsa-sha256" : "ed25519-sha256"};`,
    "c=relaxed/relaxed;",
    `d=${domain};`,
    `s=${selector};`,
    `t=${Math.floor(nowMs / 1000)};`,
    ...names.map((name, index) => {
      return `${index === 0 ? "h=" : ""}${name}${index === names.length - 1 ? ";" : ":"}`;
    }),
    `bh=${bodyHash};`,
  ]).concat("\r\n b=");
  const own = { name: "dkim-signature", value: unsigned.slice("DKIM-Signature:".length) };
  const data = Buffer.from(canonicalHeader(fields, names) + relaxField(own), "latin1");
  const bytes = await signBytes(data, key);
  const chunks = bytes.toString("base64").match(new RegExp(`.{1,${CHUNK}}`, "g")) ?? [];
  return `${unsigned}${chunks.join("\r\n ")}\r\n`;
}

/** The fields named, each name's from the bottom up; a name of none that is left adds nothing. */
function canonicalHeader(fields: readonly RawField[], names: readonly string[]): string {
  const waiting = new Map<string, RawField[]>();
  for (const field of fields) {
    const same = waiting.get(field.name);
    if (same === undefined) waiting.set(field.name, [field]);
    else same.push(field);
  }
  let text = "";
  for (const name of names) {
    const field = waiting.get(name)?.pop();
    if (field !== undefined) text += `${relaxField(field)}\r\n`;
  }
  return text;
}

/** RSA signs the data; Ed25519 signs the data's hash (RFC 8463 §3). */
function signBytes(data: Uint8Array, key: KeyObject): Promise<Buffer> {
  const isRsa = key.asymmetricKeyType === "rsa";
  const input = isRsa ? data : createHash("sha256").update(data).digest();
  return new Promise((resolve, reject) => {
    sign(isRsa ? "sha256" : null, input, key, (error, signature) => {
      if (error === null) resolve(signature);
      else reject(error);
    });
  });
}

/** Words on lines as full as they may be; names of a list need no space between them. */
function fold(words: readonly string[]): string {
  let text = "";
  let column = 0;
  for (const word of words) {
    const gap = text === "" || text.endsWith(":") ? "" : " ";
    if (column > 0 && column + gap.length + word.length > LINE_MAX) {
      text += `\r\n ${word}`;
      column = word.length + 1;
    } else {
      text += gap + word;
      column += gap.length + word.length;
    }
  }
  return text;
}
