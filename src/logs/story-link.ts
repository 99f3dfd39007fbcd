import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { SECOND } from "../base/units.ts";
import { foldToken } from "./tracking-token.ts";

/** What a link shows, to whom, and for how long. */
export interface StoryLink {
  /** As `isNetworkMessageId` has it. */
  readonly networkMessageId: string;
  /** Only what concerns this one. */
  readonly recipient: string | undefined;
  /** Epoch ms; whole seconds are kept. */
  readonly expiresMs: number;
  /** Whether whoever has the link may read; otherwise he must have an account here as well. */
  readonly isAnonymous: boolean;
}

/** A link that somebody has brought: genuine, and not expired. */
export interface OpenedLink extends Omit<StoryLink, "recipient"> {
  /** Names the recipient among those of the message: see `digestRecipient`. */
  readonly recipientDigest: string | undefined;
}

const VERSION = 1;
const ANONYMOUS = 1;
const ONE_RECIPIENT = 2;
const ID_AT = 6;
const ID_BYTES = 16;
const DIGEST_AT = ID_AT + ID_BYTES;
const DIGEST_BYTES = 8;
const MAC_AT = DIGEST_AT + DIGEST_BYTES;
/** 128 bits: nobody tries that many. */
const MAC_BYTES = 16;
const LINK_BYTES = MAC_AT + MAC_BYTES;

/** Whether a text is a message's id as links can hold it: a GUID. */
export function isNetworkMessageId(text: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

/**
 * A link's reference: 62 characters of base64url that nobody without the key can make, and that
 * show neither an address nor a subject.
 */
export function formatStoryLink(link: StoryLink, key: Uint8Array): string {
  const bytes = Buffer.alloc(LINK_BYTES);
  const { recipient, isAnonymous } = link;
  bytes[0] = VERSION;
  bytes[1] = (isAnonymous ? ANONYMOUS : 0) | (recipient === undefined ? 0 : ONE_RECIPIENT);
  bytes.writeUInt32BE(Math.floor(link.expiresMs / SECOND), 2);
  bytes.write(link.networkMessageId.replaceAll("-", ""), ID_AT, ID_BYTES, "hex");
  if (recipient !== undefined) bytes.write(digestRecipient(recipient), DIGEST_AT, "base64url");
  macOf(bytes, key).copy(bytes, MAC_AT);
  return bytes.toString("base64url");
}

/** Opens a reference; `undefined` when it is not genuine, or its time is over. */
export function openStoryLink(
  text: string,
  { key, nowMs }: { readonly key: Uint8Array; readonly nowMs: number },
): OpenedLink | undefined {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== LINK_BYTES || bytes.toString("base64url") !== text) return undefined;
  if (!timingSafeEqual(macOf(bytes, key), bytes.subarray(MAC_AT))) return undefined;
  const flags = bytes[1] ?? 0;
  const expiresMs = bytes.readUInt32BE(2) * SECOND;
  if (bytes[0] !== VERSION || expiresMs <= nowMs) return undefined;
  const id = bytes.toString("hex", ID_AT, ID_AT + ID_BYTES);
  const digest = bytes.toString("base64url", DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
  return {
    networkMessageId: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    recipientDigest: (flags & ONE_RECIPIENT) === 0 ? undefined : digest,
    expiresMs,
    isAnonymous: (flags & ANONYMOUS) !== 0,
  };
}

/** Says which of a message's recipients is meant, without naming it. */
export function digestRecipient(recipient: string): string {
  const hash = createHash("sha256").update(foldToken(recipient.toLowerCase()));
  return hash.digest().toString("base64url", 0, DIGEST_BYTES);
}

function macOf(bytes: Buffer, key: Uint8Array): Buffer {
  const mac = createHmac("sha256", key).update(bytes.subarray(0, MAC_AT)).digest();
  return mac.subarray(0, MAC_BYTES);
}
