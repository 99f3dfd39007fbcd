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
  /** Of a group: the version of the organization that has changed its members last. */
  readonly membersVersion?: number;
}

/** A recipient that is there, changed in all but its members. */
export type RecipientUpdate = Omit<RecipientRow, "members">;

/** Members that come to a group and go from it, whatever it has besides. */
export interface MemberChange extends ObjectKey {
  /** Put behind the others, in order; those that it has already are no fault. */
  readonly added: readonly Address[];
  /** Those that it does not have are no fault. */
  readonly removed: readonly Address[];
}

/** What one call changes. First what is removed goes, then the rest is put in. */
export interface OrganizationChange {
  /** The version that the caller has seen; another one in the store is a conflict. */
  readonly expectedVersion?: number;
  /** Put in the place of those with the same kind and name. */
  readonly objects?: readonly ConfigurationRow[];
  /** Put in the place of those with the same kind and name, members and all. */
  readonly recipients?: readonly RecipientRow[];
  /** Put in the place of those with the same kind and name; a StoreFailure when there is none. */
  readonly updatedRecipients?: readonly RecipientUpdate[];
  /** A StoreFailure when there is no such group. */
  readonly memberChanges?: readonly MemberChange[];
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
  /** "": a part of it has changed since it was put in; the row itself has to be compared. */
  readonly digest: string;
  readonly owner: string;
}

/** Answers carry the version they belong to: a cache can tell that it is out of date. */
export interface Versioned<Value> {
  readonly version: number;
  readonly value: Value;
}

/** Which members of a group to read. */
export interface MemberPage {
  /** 0, `next` of the slice before, or any other place. */
  readonly from: number;
  readonly limit: number;
}

/**
 * Some members of a group, in order. A member keeps its place as long as it is one: whoever reads
 * slice after slice misses none that stays, whatever is added and removed meanwhile.
 */
export interface MemberSlice {
  readonly members: readonly Address[];
  /** Where each of them is: reading may begin at any of these, or behind. */
  readonly places: readonly number[];
  /** Where to go on; `undefined` after the last one. */
  readonly next: number | undefined;
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
  /** Members of the recipient with that address; none when there is no such recipient. */
  readMembers(group: Address, page: MemberPage): Promise<MemberSlice>;
  /**
   * Which of these addresses are members, without case, as they are stored. The answer has the
   * order and length of `addresses`.
   */
  findMembers(
    group: Address,
    addresses: readonly Address[],
  ): Promise<readonly (Address | undefined)[]>;
}
