import type { Address } from "../mail/address.ts";

/** An object of the organization; what the JSON means is the org room's affair. */
export interface ConfigurationRow {
  readonly kind: string;
  /** "" for kinds of which there is one. Compared without case within the kind. */
  readonly name: string;
  readonly json: string;
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

/** Everything that is to be in the store. Iterated once, within the call. */
export interface OrganizationRows {
  readonly objects: Iterable<ConfigurationRow>;
  readonly recipients: Iterable<RecipientRow>;
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
   * Makes the store hold these rows and no others. The version goes up by one when that changed
   * anything; only what differs is written. Two rows of one kind and name, or an address of two
   * recipients, are a StoreFailure: whoever calls has checked that.
   */
  applyConfiguration(rows: OrganizationRows): Promise<Versioned<{ readonly changed: boolean }>>;
  /** All objects by kind and name; no recipients. Version 0: nothing was ever applied. */
  readObjects(): Promise<Versioned<readonly ConfigurationRow[]>>;
  /** By any address, without case. The answer has the order and length of `addresses`. */
  findRecipients(
    addresses: readonly Address[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>>;
  /** Members of the recipient with that address; empty past the last one, or when there is none. */
  readMembers(group: Address, page: MemberPage): Promise<readonly Address[]>;
}
