import { type Address, addressKey } from "../../mail/address.ts";
import type { Directory } from "../../org/directory.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import type { MemberSlice } from "../../store/organization-store.ts";

/** Members that one group is known by; of a larger one it is not known who is in it. */
export const JOURNALED_MEMBERS_MAX = 250_000;
/** Addresses in one question to the directory, members in one page of a group. */
const BATCH = 1_000;
/** Groups remembered; more rules than that are slower, and no less right. */
const GROUPS_MAX = 64;

/** Every address that a rule's recipient stands for, as keys; "everybody": too many to know. */
export type JournaledKeys = ReadonlySet<string> | "everybody";

/**
 * Knows whom journal rules are about, until `forget`: the directory is asked once for each. Rejects
 * with StoreFailure.
 */
export class JournalMembers {
  readonly #directory: Directory;
  readonly #known = new Map<string, Promise<JournaledKeys>>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** Another configuration is in force: recipients may be others. */
  forget(): void {
    this.#known.clear();
  }

  /** All addresses of a recipient, or of all members of a group, however deep. */
  keysOf(recipient: Address): Promise<JournaledKeys> {
    const key = addressKey(recipient);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#search(recipient);
    if (this.#known.size < GROUPS_MAX) {
      this.#known.set(key, asked);
      // What could not be found out is asked again.
      asked.catch(() => this.#known.delete(key));
    }
    return asked;
  }

  async #search(root: Address): Promise<JournaledKeys> {
    const keys = new Set<string>();
    const seen = new Set<string>();
    const pending: Address[] = [];
    let memberCount = 0;
    const take = async (addresses: readonly Address[]): Promise<void> => {
      for (let first = 0; first < addresses.length; first += BATCH) {
        const batch = addresses.slice(first, first + BATCH);
        const found = await this.#directory.findRecipients(batch);
        for (const [index, address] of batch.entries()) {
          const recipient = found[index];
          for (const one of addressesOf(address, recipient)) keys.add(addressKey(one));
          if (recipient?.kind !== "group") continue;
          const key = addressKey(recipient.primarySmtpAddress);
          if (seen.has(key)) continue;
          seen.add(key);
          pending.push(recipient.primarySmtpAddress);
        }
      }
    };
    await take([root]);
    for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page = { from, limit: BATCH };
        const slice: MemberSlice = await this.#directory.readMembers(group, page);
        memberCount += slice.members.length;
        // Rather a report too many than one too few.
        if (memberCount > JOURNALED_MEMBERS_MAX) return "everybody";
        await take(slice.members);
        from = slice.next;
      }
    }
    return keys;
  }
}

function addressesOf(
  address: Address,
  found: OrganizationRecipient | undefined,
): readonly Address[] {
  if (found === undefined) return [address];
  const own = [found.primarySmtpAddress, ...found.emailAddresses];
  const isElsewhere = found.kind === "contact" || found.kind === "user";
  return isElsewhere ? [...own, found.externalEmailAddress] : own;
}
