import { type Address, addressKey } from "../mail/address.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { Directory } from "./directory.ts";
import type { OrganizationRecipient } from "./organization.ts";

/** A directory in memory, for tests. */
export interface FakeDirectory extends Directory {
  /** Questions answered so far. */
  readonly questionCount: number;
  /** From now on, every question fails as when the store cannot answer. */
  fail(isFailing: boolean): void;
}

/** Recipients, found by each of their addresses; members by their group's primary address. */
export function fakeDirectory(
  recipients: readonly OrganizationRecipient[],
  members: ReadonlyMap<Address, readonly Address[]> = new Map(),
): FakeDirectory {
  const byAddress = new Map<string, OrganizationRecipient>();
  for (const recipient of recipients) {
    for (const address of [...recipient.emailAddresses, recipient.primarySmtpAddress]) {
      byAddress.set(addressKey(address), recipient);
    }
  }
  const byGroup = new Map([...members].map(([group, list]) => [addressKey(group), list]));
  let questionCount = 0;
  let isFailing = false;
  const ask = (): void => {
    questionCount += 1;
    if (isFailing) throw new StoreFailure("the directory cannot answer", { full: false });
  };
  return {
    get questionCount() {
      return questionCount;
    },
    fail(value) {
      isFailing = value;
    },
    async findRecipients(addresses) {
      ask();
      return addresses.map((address) => byAddress.get(addressKey(address)));
    },
    async readMembers(group, { offset, limit }) {
      ask();
      return (byGroup.get(addressKey(group)) ?? []).slice(offset, offset + limit);
    },
  };
}
