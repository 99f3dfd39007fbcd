import { hash } from "node:crypto";
import type { RecipientRow } from "./organization-store.ts";

/** Tells whether a stored recipient is the same as the one to be stored, members and all. */
export function recipientDigest(row: RecipientRow): string {
  const { name, json, addresses, members } = row;
  return hash("sha256", JSON.stringify([name, json, addresses, members]), "base64url");
}

/** The form in which names are compared. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}
