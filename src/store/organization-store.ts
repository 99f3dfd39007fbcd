import type { Address } from "../mail/address.ts";

/** An object of the organization; what the JSON means is the org room's affair. */
export interface ConfigurationRow {
  readonly kind: string;
  /** "" for kinds of which there is one. Compared without case within the kind. */
  readonly name: string;
  readonly json: string;
  /** Who it belongs to; absent: nobody. What that means is the org room's affair. */
  readonly owner?: string;
}

/** Names an object or a recipient. */
export interface ObjectKey {
  readonly kind: string;
  readonly name: string;
}

/** A recipient with all that is stored of it. */
export interface RecipientRow extends ConfigurationRow {
  /** All its addresses; no other recipient may have one of them. Compared without case. */
  readonly addresses: readonly Address[];
  /** Members of a group, in order; empty for others. */
  readonly members: readonly Address[];
}

/** A recipient as a lookup finds it. */
export interface StoredRecipient extends ConfigurationRow {
  readonly memberCount: number;
}

/** What one call changes. First what is removed goes, then the rest is put in. */
export interface OrganizationChange {
  /** The version that the caller has seen; another one in the store is a conflict. */
  readonly expectedVersion?: number;
  /** Put in the place of those with the same kind and name. */
  readonly objects?: readonly ConfigurationRow[];
  /** Put in the place of those with the same kind and name, members and all. */
  readonly recipients?: readonly RecipientRow[];
  /** Those that are not there are no fault. */
  readonly removedObjects?: readonly ObjectKey[];
  /** Those that are not there are no fault. */
  readonly removedRecipients?: readonly ObjectKey[];
  /**
   * An address that a recipient outside this change has: `claim` (the default) is a StoreFailure,
   * `take` moves it, for callers who put the other one in with a later change.
   */
  readonly addresses?: "claim" | "take";
}

/** What became of a change. After a conflict nothing of it remains. */
export type ChangeOutcome =
  | { readonly kind: "done"; readonly version: number; readonly changed: boolean }
  | { readonly kind: "conflict"; readonly version: number };

/** Recipients of one kind in the order of their names. */
export interface RecipientPage {
  readonly kind: string;
  /** The last name of the page before; "" for the first page. */
  readonly after: string;
  /** At most LISTED_MAX. */
  readonly limit: number;
}

/** Rows of one answer of `listRecipients` and `listDigests`. */
export const LISTED_MAX = 1000;

/** What tells whether a stored recipient is the one to be stored (`recipientDigest`), and whose. */
export interface DigestRow extends ObjectKey {
  readonly digest: string;
  readonly owner: string;
}

/** Answers carry the version they belong to: a cache can tell that it is out of date. */
export interface Versioned<Value> {
  readonly version: number;
  readonly value: Value;
}

/** A page of a group's members. */
export interface MemberPage {
  readonly offset: number;
  readonly limit: number;
}

/**
 * Configuration and recipients. Each call is one transaction: once it has resolved, what it wrote
 * survives a power cut; when it throws StoreFailure, nothing of it remains.
 */
export interface OrganizationStore {
  /**
   * Makes a change. The version goes up by one when it changed anything; only what differs is
   * written. A row that is named twice, or an address of two recipients, is a StoreFailure: whoever
   * calls has checked that.
   */
  change(change: OrganizationChange): Promise<ChangeOutcome>;
  /** All objects by kind and name; no recipients. Version 0: nothing was ever stored. */
  readObjects(): Promise<Versioned<readonly ConfigurationRow[]>>;
  /** By any address, without case. The answer has the order and length of `addresses`. */
  findRecipients(
    addresses: readonly Address[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>>;
  /** By kind and name, without case. The answer has the order and length of `keys`. */
  readRecipients(
    keys: readonly ObjectKey[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>>;
  /** A page of the recipients of a kind; an empty one is past the last. */
  listRecipients(page: RecipientPage): Promise<Versioned<readonly StoredRecipient[]>>;
  /** A page of all recipients, by kind and name, as short as can be. */
  listDigests(page: {
    readonly after: ObjectKey;
    readonly limit: number;
  }): Promise<readonly DigestRow[]>;
  /** Members of the recipient with that address; empty past the last one, or when there is none. */
  readMembers(group: Address, page: MemberPage): Promise<readonly Address[]>;
}
