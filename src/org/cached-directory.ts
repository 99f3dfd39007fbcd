import { LRUCache } from "lru-cache";
import { type Address, addressKey } from "../mail/address.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import type { CachedDirectory } from "./directory.ts";
import type { OrganizationRecipient } from "./organization.ts";
import { recipientFromRow } from "./recipient-reader.ts";

/** Limits of one thread's cache. */
export interface DirectoryOptions {
  /** Addresses held in memory, known ones and unknown ones together; some 300 bytes each. */
  readonly addressesMax?: number;
}

const ADDRESSES_MAX = 50_000;

/** LRUCache holds no `undefined` and no `null` values: a marker for "there is none". */
const NOBODY = Symbol("no such recipient");

/** A directory over the store that remembers answers, also that an address is unknown. */
export function createDirectory(
  store: Pick<OrganizationStore, "findRecipients" | "readMembers">,
  options: DirectoryOptions = {},
): CachedDirectory {
  const cache = new LRUCache<string, OrganizationRecipient | typeof NOBODY>({
    maxSize: options.addressesMax ?? ADDRESSES_MAX,
    // A recipient brings all its addresses along, by whichever it was found.
    sizeCalculation: (found) => (found === NOBODY ? 1 : 1 + found.emailAddresses.length),
  });
  let newestVersion = 0;
  let generation = 0;
  const invalidate = (): void => {
    cache.clear();
    generation += 1;
  };
  const peekRecipient = (address: Address): OrganizationRecipient | null | undefined => {
    const found = cache.get(addressKey(address));
    return found === NOBODY ? null : found;
  };
  const ask = async (
    addresses: readonly Address[],
  ): Promise<readonly (OrganizationRecipient | undefined)[]> => {
    const askedIn = generation;
    const { version, value } = await store.findRecipients(addresses);
    const recipients = value.map((row) => (row === undefined ? undefined : recipientFromRow(row)));
    // An answer may be overtaken by a change: it is given to who asked, but not remembered.
    if (version < newestVersion || askedIn !== generation) return recipients;
    if (version > newestVersion) invalidate();
    newestVersion = version;
    addresses.forEach((address, index) => {
      cache.set(addressKey(address), recipients[index] ?? NOBODY);
    });
    return recipients;
  };
  return {
    peekRecipient,
    invalidate,
    async findRecipients(addresses) {
      const found = addresses.map(peekRecipient);
      const missing = addresses.filter((_, index) => found[index] === undefined);
      if (missing.length === 0) return found.map((recipient) => recipient ?? undefined);
      const answers = (await ask(missing)).values();
      return found.map((recipient) =>
        recipient === undefined ? answers.next().value : (recipient ?? undefined),
      );
    },
    readMembers: (group, page) => store.readMembers(group, page),
  };
}
