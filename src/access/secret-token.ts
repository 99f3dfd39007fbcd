import { hash, randomBytes } from "node:crypto";

const TOKEN_BYTES = 32;

/** A new secret of 256 bits; what it is for can be seen from its beginning. */
export function makeToken(prefix: "ps_" | "pt_" | "pf_"): string {
  return prefix + randomBytes(TOKEN_BYTES).toString("base64url");
}

/** What is kept in place of a token. Nobody guesses 256 bits: no salt, no cost. */
export function digestToken(token: string): string {
  return hash("sha256", token, "hex");
}
