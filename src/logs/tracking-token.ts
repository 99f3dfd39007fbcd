/**
 * What the index of the tracking log finds events by. A token is a kind and a text; the index holds
 * 32 bits of it, so what it finds has to be looked at.
 */
export type TokenKind =
  | "sender"
  | "senderDomain"
  | "recipient"
  | "recipientDomain"
  | "messageId"
  | "internalMessageId"
  | "networkMessageId"
  | "clientIp";

/** Where each kind's hash begins (FNV-1a), so that one address as two kinds is two tokens. */
export const TOKEN_SEED: Readonly<Record<TokenKind, number>> = {
  sender: 0x11c9dc51,
  senderDomain: 0x22c9dc52,
  recipient: 0x33c9dc53,
  recipientDomain: 0x44c9dc54,
  messageId: 0x55c9dc55,
  internalMessageId: 0x66c9dc56,
  networkMessageId: 0x77c9dc57,
  clientIp: 0x08c9dc58,
};

const FNV_PRIME = 0x01000193;

/** One more octet of a token: letters of ASCII in lower case, `;` as `,` as in lists of the log. */
export function mixOctet(hash: number, octet: number): number {
  const folded = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet === 0x3b ? 0x2c : octet;
  return Math.imul(hash ^ folded, FNV_PRIME);
}

/** Spreads a hash over its 32 bits: the index is cut by the first of them (MurmurHash3's end). */
export function finishHash(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The 32 bits of a token that somebody asks for. Message ids go without their angle brackets. */
export function hashToken(kind: TokenKind, text: string): number {
  let hash = TOKEN_SEED[kind];
  for (const octet of Buffer.from(kind === "messageId" ? bareMessageId(text) : text)) {
    hash = mixOctet(hash, octet);
  }
  return finishHash(hash);
}

/** `<id>` and `id` are one. */
export function bareMessageId(text: string): string {
  return text.length > 2 && text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}

/** As tokens are compared: see `mixOctet`. */
export function foldToken(text: string): string {
  return text.replace(/[A-Z;]/g, (sign) => (sign === ";" ? "," : sign.toLowerCase()));
}
