import type { Address } from "../mail/address.ts";
import type { MemberPage, MemberSlice } from "../store/organization-store.ts";
import type { OrganizationRecipient } from "./organization.ts";

/** Looks up recipients; a million is fine. Throws StoreFailure when the store cannot answer. */
export interface Directory {
  /** By any address of theirs, without case. The answer has the order and length of `addresses`. */
  findRecipients(
    addresses: readonly Address[],
  ): Promise<readonly (OrganizationRecipient | undefined)[]>;
  /** Some of a group's members, in a stable order; members need not be in the organization. */
  readMembers(group: Address, page: MemberPage): Promise<MemberSlice>;
}

/** A directory that remembers: for the hot path, which has no time to wait for another thread. */
export interface CachedDirectory extends Directory {
  /** `null`: there is no such recipient. `undefined`: not in memory, ask `findRecipients`. */
  peekRecipient(address: Address): OrganizationRecipient | null | undefined;
  /** Forgets everything; to be called when a new version of the organization comes into force. */
  invalidate(): void;
}
