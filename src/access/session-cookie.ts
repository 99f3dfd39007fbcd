import { hash, timingSafeEqual } from "node:crypto";

/**
 * The cookie's name. Its prefix binds it to this very host: no other one of the domain can set or
 * replace it, nor any page without TLS (RFC 6265bis §4.1.3.2).
 */
export const SESSION_COOKIE = "__Host-postrider";
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";
/** Longer headers hold nothing of ours. */
const HEADER_CHARACTERS_MAX = 8192;
const TOKEN = /^ps_[\w-]{20,100}$/;

/** The value of Set-Cookie for a session that begins. Without an age it ends with the browser. */
export function formatSessionCookie(token: string): string {
  return `${SESSION_COOKIE}=${token}; ${ATTRIBUTES}`;
}

/** The value of Set-Cookie when a session has ended. */
export const NO_SESSION_COOKIE: string = `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;

/** The session's token in a Cookie header; `undefined` when there is none, or more than one. */
export function readSessionCookie(header: string | undefined): string | undefined {
  if (header === undefined || header.length > HEADER_CHARACTERS_MAX) return undefined;
  const values = header.split(";").flatMap((pair) => {
    const [name = "", ...value] = pair.trim().split("=");
    return name === SESSION_COOKIE ? [value.join("=")] : [];
  });
  const [token = ""] = values;
  return values.length === 1 && TOKEN.test(token) ? token : undefined;
}

/**
 * What a page of ours sends with whatever changes something. It comes of the session's token and
 * leads back to it no more than any digest: nothing is stored, and no session has another's.
 */
export function csrfTokenOf(token: string): string {
  return hash("sha256", `csrf ${token}`, "base64url");
}

/** Compares two secrets; how long it takes tells nothing of where they differ. */
export function isSameSecret(given: string, wanted: string): boolean {
  // Digests: secrets of different lengths take as long.
  const [left, right] = [given, wanted].map((text) => hash("sha256", text, "buffer"));
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
