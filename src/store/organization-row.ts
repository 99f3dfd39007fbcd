import { hash } from "node:crypto";
import type { ObjectKey, OrganizationChange, RecipientRow } from "./organization-store.ts";
import { LISTED_MAX } from "./organization-store.ts";
import { StoreFailure } from "./queue-store.ts";

/** Tells whether a stored recipient is the same as the one to be stored, members and all. */
export function recipientDigest(row: RecipientRow): string {
  const { name, json, addresses, members } = row;
  return hash("sha256", JSON.stringify([name, json, addresses, members]), "base64url");
}

/** The form in which names are compared. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** Sorts as the SQLite store does: by kind, then by name. */
export function rowKey({ kind, name }: ObjectKey): string {
  return `${kind}\0${nameKey(name)}`;
}

/** @throws StoreFailure when a row is put in twice, or put in and removed under one name */
export function checkChange(change: OrganizationChange): void {
  const { objects = [], recipients = [], removedObjects = [], removedRecipients = [] } = change;
  const { updatedRecipients = [], memberChanges = [] } = change;
  for (const rows of [
    [...objects, ...removedObjects],
    [...recipients, ...updatedRecipients, ...removedRecipients],
    memberChanges,
  ]) {
    const seen = new Set<string>();
    for (const row of rows) {
      const key = rowKey(row);
      if (seen.has(key)) throw taken(`${row.kind} ${row.name}`);
      seen.add(key);
    }
  }
}

/** @throws StoreFailure when the page is longer than pages may be */
export function checkListed(limit: number): void {
  if (limit > LISTED_MAX) {
    throw new StoreFailure(`a page has at most ${LISTED_MAX} recipients`, { full: false });
  }
}

/** The failure of a change to a recipient that is not there. */
export function notThere({ kind, name }: ObjectKey): StoreFailure {
  return new StoreFailure(`there is no ${kind} ${name} to be changed`, { full: false });
}

/** The failure of a name or an address that two rows claim. */
export function taken(what: string): StoreFailure {
  return new StoreFailure(`${what} is taken twice`, { full: false });
}
