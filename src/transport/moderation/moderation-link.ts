import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { SECOND } from "../../base/units.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";

/** What a moderator's link is about: copies of one message that wait for one reason. */
export interface ModerationLink {
  readonly networkMessageId: string;
  /** As `holdMark` makes it. */
  readonly hold: string;
}

const VERSION = 1;
const EXPIRES_AT = 1;
const MESSAGE_AT = 5;
const UUID_BYTES = 16;
const HOLD_AT = MESSAGE_AT + UUID_BYTES;
const HOLD_BYTES = 8;
const MAC_AT = HOLD_AT + HOLD_BYTES;
/** 128 bits: nobody tries that many. */
const MAC_BYTES = 16;
const LINK_BYTES = MAC_AT + MAC_BYTES;
/** Whoever has it can act, so that it must not be made for something else. */
const KEY_PURPOSE = "links to messages that wait for approval";

/** The path below which links lead to the management server. */
export const MODERATION_ROOT = "/moderation/";

/** The key of links: the same in all threads of a server, and after a restart. */
export function moderationLinkKey(secrets: { derive(purpose: string): Uint8Array }): Uint8Array {
  return secrets.derive(KEY_PURPOSE);
}

/** What holds a message back, a rule or a recipient, as a link has it: it does not show it. */
export function holdMark({ type, reason }: Pick<QuarantineMark, "type" | "reason">): string {
  // No rule can be called that.
  const name = type === "RecipientModeration" ? `recipient\n${reason}` : reason;
  return createHash("sha256").update(name).digest().toString("hex", 0, HOLD_BYTES);
}

/** A token of base64url that nobody without the key can make; it shows no address or subject. */
export function formatModerationLink(
  { networkMessageId, hold }: ModerationLink,
  { key, expiresMs }: { readonly key: Uint8Array; readonly expiresMs: number },
): string {
  const bytes = Buffer.alloc(LINK_BYTES);
  bytes[0] = VERSION;
  bytes.writeUInt32BE(Math.floor(expiresMs / SECOND), EXPIRES_AT);
  bytes.write(networkMessageId.replaceAll("-", ""), MESSAGE_AT, UUID_BYTES, "hex");
  bytes.write(hold, HOLD_AT, HOLD_BYTES, "hex");
  macOf(bytes, key).copy(bytes, MAC_AT);
  return bytes.toString("base64url");
}

/** Opens a token; `undefined` when it is not genuine, or its time is over. */
export function openModerationLink(
  token: string,
  { key, nowMs }: { readonly key: Uint8Array; readonly nowMs: number },
): ModerationLink | undefined {
  const bytes = Buffer.from(token, "base64url");
  // Decoding is lenient: a second text for the same link is none of ours.
  if (bytes.length !== LINK_BYTES || bytes.toString("base64url") !== token) return undefined;
  if (!timingSafeEqual(macOf(bytes, key), bytes.subarray(MAC_AT))) return undefined;
  const expiresMs = bytes.readUInt32BE(EXPIRES_AT) * SECOND;
  if (bytes[0] !== VERSION || expiresMs <= nowMs) return undefined;
  const id = bytes.toString("hex", MESSAGE_AT, HOLD_AT);
  return {
    networkMessageId: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
    hold: bytes.toString("hex", HOLD_AT, MAC_AT),
  };
}

function macOf(bytes: Buffer, key: Uint8Array): Buffer {
  const mac = createHmac("sha256", key).update(bytes.subarray(0, MAC_AT)).digest();
  return mac.subarray(0, MAC_BYTES);
}
