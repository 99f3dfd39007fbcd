import { createHmac, timingSafeEqual } from "node:crypto";
import { SECOND } from "../../base/units.ts";

/** One recipient of one message in quarantine, for a time. */
export interface QuarantineLink {
  /** The internal message id: none ever comes again. */
  readonly messageId: number;
  readonly position: number;
  /** Epoch ms; whole seconds are kept. */
  readonly expiresMs: number;
}

const VERSION = 1;
const EXPIRES_AT = 1;
const MESSAGE_AT = 5;
const POSITION_AT = 11;
const NUMBER_BYTES = 6;
const MAC_AT = POSITION_AT + NUMBER_BYTES;
/** 128 bits: nobody tries that many. */
const MAC_BYTES = 16;
const LINK_BYTES = MAC_AT + MAC_BYTES;
/** Whoever has it can act, so that it must not be made for something else. */
const KEY_PURPOSE = "links to messages in quarantine";

/** The path below which links lead to the management server. */
export const QUARANTINE_ROOT = "/quarantine/";

/** The key of links: the same in all threads of a server, and after a restart. */
export function quarantineLinkKey(secrets: { derive(purpose: string): Uint8Array }): Uint8Array {
  return secrets.derive(KEY_PURPOSE);
}

/**
 * A link's token: 44 characters of base64url that nobody without the key can make, and that show
 * neither an address nor a subject.
 */
export function formatQuarantineLink(link: QuarantineLink, key: Uint8Array): string {
  const bytes = Buffer.alloc(LINK_BYTES);
  bytes[0] = VERSION;
  bytes.writeUInt32BE(Math.floor(link.expiresMs / SECOND), EXPIRES_AT);
  bytes.writeUIntBE(link.messageId, MESSAGE_AT, NUMBER_BYTES);
  bytes.writeUIntBE(link.position, POSITION_AT, NUMBER_BYTES);
  macOf(bytes, key).copy(bytes, MAC_AT);
  return bytes.toString("base64url");
}

/** Opens a token; `undefined` when it is not genuine, or its time is over. */
export function openQuarantineLink(
  token: string,
  { key, nowMs }: { readonly key: Uint8Array; readonly nowMs: number },
): QuarantineLink | undefined {
  const bytes = Buffer.from(token, "base64url");
  // Decoding is lenient: a second text for the same link is none of ours.
  if (bytes.length !== LINK_BYTES || bytes.toString("base64url") !== token) return undefined;
  if (!timingSafeEqual(macOf(bytes, key), bytes.subarray(MAC_AT))) return undefined;
  const expiresMs = bytes.readUInt32BE(EXPIRES_AT) * SECOND;
  if (bytes[0] !== VERSION || expiresMs <= nowMs) return undefined;
  return {
    messageId: bytes.readUIntBE(MESSAGE_AT, NUMBER_BYTES),
    position: bytes.readUIntBE(POSITION_AT, NUMBER_BYTES),
    expiresMs,
  };
}

function macOf(bytes: Buffer, key: Uint8Array): Buffer {
  const mac = createHmac("sha256", key).update(bytes.subarray(0, MAC_AT)).digest();
  return mac.subarray(0, MAC_BYTES);
}
