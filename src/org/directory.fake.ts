import { type Address, addressKey } from "../mail/address.ts";
import type { Directory } from "./directory.ts";
import type { OrganizationRecipient } from "./organization.ts";

/** A directory in memory that a test can make fail. */
export interface FakeDirectory extends Directory {
  /** Makes every lookup reject from now on; `undefined` ends it. */
  fail(error: Error | undefined): void;
  /** Lookups made so far, each as it was asked. */
  readonly lookups: (readonly Address[])[];
}

/** Knows the given recipients by all their addresses; group members by the group's primary one. */
export function fakeDirectory(
  recipients: readonly OrganizationRecipient[],
  members: ReadonlyMap<Address, readonly Address[]> = new Map(),
): FakeDirectory {
  const byKey = new Map<string, OrganizationRecipient>();
  for (const recipient of recipients) {
    for (const address of [recipient.primarySmtpAddress, ...recipient.emailAddresses]) {
      byKey.set(addressKey(address), recipient);
    }
  }
  const lookups: (readonly Address[])[] = [];
  let failure: Error | undefined;
  return {
    lookups,
    fail(error) {
      failure = error;
    },
    async findRecipients(addresses) {
      lookups.push(addresses);
      if (failure !== undefined) throw failure;
      return addresses.map((address) => byKey.get(addressKey(address)));
    },
    async readMembers(group, { offset, limit }) {
      if (failure !== undefined) throw failure;
      return (members.get(group) ?? []).slice(offset, offset + limit);
    },
  };
}
