import type { ChannelBindingType } from "../base/channel-binding.ts";
import {
  type ClientStart,
  type ClientTalk,
  complete,
  midway,
  ONE_CHALLENGE_TOO_MANY,
  type PasswordCredential,
} from "./client-talk.ts";
import { encodeSaslName, formatGs2Header } from "./gs2-header.ts";
import { decodeUtf8, encodeUtf8, equalInConstantTime } from "./sasl-text.ts";
import { preparePassword, saslprep } from "./saslprep.ts";
import { deriveScramKeys, hmac, type ScramDigest, xor } from "./scram-keys.ts";
import { parseServerFinal, parseServerFirst, type ServerFirst } from "./scram-message.ts";
import { type ScramMechanism, scramVariant } from "./scram-variant.ts";
import { ITERATION_COUNT_MAX, ITERATION_COUNT_MIN } from "./scram-verifier.ts";

/** What to bind to, best first. Not tls-unique, which a man in the middle can forge (RFC 7627). */
const BINDING_TYPES: readonly ChannelBindingType[] = ["tls-exporter", "tls-server-end-point"];
const NONCE_BYTES = 18;

/** A client's conversation, with all that is chosen for it. */
export interface ScramSettings {
  readonly digest: ScramDigest;
  /** Prepared. */
  readonly user: string;
  /** Prepared. */
  readonly password: string;
  readonly nonce: string;
  /** With its data; or that the client cannot bind (`n`), or the server cannot (`y`). */
  readonly binding: { readonly type: ChannelBindingType; readonly data: Uint8Array } | "n" | "y";
}

/**
 * SCRAM as the name says. Only a channel that has something to bind to may be asked for -PLUS.
 */
export function askScram(
  mechanism: ScramMechanism,
  { userName, password }: PasswordCredential,
  start: ClientStart,
): ClientTalk {
  const { digest, isPlus } = scramVariant(mechanism);
  return askScramBy({
    digest,
    user: saslprep(userName) ?? userName,
    password: preparePassword(password),
    nonce: Buffer.from(start.randomBytes(NONCE_BYTES)).toString("base64"),
    binding: chooseBinding(start, isPlus),
  });
}

function chooseBinding(start: ClientStart, isPlus: boolean): ScramSettings["binding"] {
  for (const type of BINDING_TYPES) {
    const data = start.binding(type);
    if (data === undefined) continue;
    if (isPlus) return { type, data };
    // A server that has offered it after all learns by `y` that its offer was cut (RFC 5802 §6).
    return start.offersPlus ? "n" : "y";
  }
  return "n";
}

/** SCRAM's client (RFC 5802 §5): believes only a server that has proved itself as well. */
export async function* askScramBy(settings: ScramSettings): ClientTalk {
  const { digest, user, password, nonce, binding } = settings;
  const header = formatGs2Header(typeof binding === "string" ? binding : binding.type);
  const bare = `n=${encodeSaslName(user)},r=${nonce}`;
  const firstText = decodeUtf8(yield midway(encodeUtf8(header + bare))) ?? "";
  const first = parseServerFirst(firstText);
  if (first === undefined) return refusalIn(firstText);
  const wrong = judgeFirst(first, nonce);
  if (wrong !== undefined) return wrong;

  const { salt, iterationCount } = first;
  const keys = await deriveScramKeys(digest, { password, salt, iterationCount });
  const data = typeof binding === "string" ? Buffer.alloc(0) : binding.data;
  const bound = Buffer.concat([encodeUtf8(header), data]).toString("base64");
  const withoutProof = `c=${bound},r=${first.nonce}`;
  const signed = `${bare},${firstText},${withoutProof}`;
  const proof = xor(keys.clientKey, hmac(digest, keys.storedKey, signed)).toString("base64");
  const finalText = decodeUtf8(yield midway(encodeUtf8(`${withoutProof},p=${proof}`))) ?? "";
  const final = parseServerFinal(finalText);
  if (final?.kind !== "signature") return refusalIn(finalText);
  if (!equalInConstantTime(final.signature, hmac(digest, keys.serverKey, signed))) {
    return "the server does not know the password, and may be somebody else's";
  }
  yield complete(new Uint8Array());
  return ONE_CHALLENGE_TOO_MANY;
}

/** `e=` instead of a message, or nonsense. */
function refusalIn(text: string): string {
  const final = parseServerFinal(text);
  if (final?.kind !== "error") return "the server's message is none of SCRAM";
  return `the server says ${final.reason.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 100)}`;
}

function judgeFirst({ nonce, iterationCount }: ServerFirst, ours: string): string | undefined {
  if (!nonce.startsWith(ours) || nonce.length === ours.length) {
    return "the server's nonce does not go on from ours";
  }
  if (iterationCount < ITERATION_COUNT_MIN) {
    return `${iterationCount} iterations, which protect no password`;
  }
  if (iterationCount > ITERATION_COUNT_MAX) return `${iterationCount} iterations are too many`;
  return undefined;
}
