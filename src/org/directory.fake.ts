import { type Address, addressKey } from "../mail/address.ts";
import type { Directory } from "./directory.ts";
import type { OrganizationRecipient } from "./organization.ts";

/** A directory in memory that a test can make fail. */
export interface FakeDirectory extends Directory {
  /** Makes every question reject from now on; `undefined` ends it. */
  fail(error: Error | undefined): void;
  /** Lookups made so far, each as it was asked. */
  readonly lookups: (readonly Address[])[];
  /** Lookups and pages of members asked for so far. */
  readonly questionCount: number;
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
  let questionCount = 0;
  let failure: Error | undefined;
  return {
    lookups,
    get questionCount() {
      return questionCount;
    },
    fail(error) {
      failure = error;
    },
    async findRecipients(addresses) {
      questionCount += 1;
      lookups.push(addresses);
      if (failure !== undefined) throw failure;
      return addresses.map((address) => byKey.get(addressKey(address)));
    },
    async readMembers(group, { from, limit }) {
      questionCount += 1;
      if (failure !== undefined) throw failure;
      const all = members.get(group) ?? [];
      const next = from + limit;
      const places = [...all.keys()].slice(from, next);
      return { members: all.slice(from, next), places, next: next < all.length ? next : undefined };
    },
  };
}
