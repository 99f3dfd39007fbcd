import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Directory } from "../../org/directory.ts";
import type {
  DistributionGroup,
  Organization,
  OrganizationRecipient,
} from "../../org/organization.ts";
import type { MemberSlice } from "../../store/organization-store.ts";

/** Members looked at for one message; what a larger tangle of groups holds is not known. */
const MEMBERS_MAX = 250_000;
/** Addresses in one question to the directory, members in one page of a group. */
const BATCH = 1000;

/** Whether a sender is in a group; `unclear`: there is more to the group than we look at. */
export type Membership = "member" | "stranger" | "unclear";

/** What a list of senders says of one of them. */
export interface ListMatch {
  readonly isNamed: boolean;
  /** Groups on the list: who is not named may still be a member. */
  readonly groups: readonly DistributionGroup[];
}

/** Finds a message's sender on lists of recipients and groups. One per message: it remembers. */
export class SenderMatch {
  readonly #directory: Directory;
  /** Every address of the sender. Empty for the null sender, who is on no list. */
  readonly #keys: ReadonlySet<string>;
  readonly #entries = new Map<string, OrganizationRecipient | undefined>();
  readonly #memberships = new Map<string, Membership>();
  #memberCount = 0;

  constructor(directory: Directory, keys: ReadonlySet<string>) {
    this.#directory = directory;
    this.#keys = keys;
  }

  /** The first pass (reference §4.4): who is on the list himself, by any address of his. */
  async read(list: readonly Address[]): Promise<ListMatch> {
    if (this.#keys.size === 0) return { isNamed: false, groups: [] };
    if (list.some((address) => this.#keys.has(addressKey(address)))) {
      return { isNamed: true, groups: [] };
    }
    const groups: DistributionGroup[] = [];
    for (const found of await this.#lookUp(list)) {
      if (found.kind === "group") groups.push(found);
      else if (this.#is(found)) return { isNamed: true, groups: [] };
    }
    return { isNamed: false, groups };
  }

  /** The second pass: whether the sender is a member of one of the groups, however deep. */
  async findIn(groups: readonly DistributionGroup[]): Promise<Membership> {
    let answer: Membership = "stranger";
    for (const group of groups) {
      const key = addressKey(group.primarySmtpAddress);
      const membership = this.#memberships.get(key) ?? (await this.#search(group));
      this.#memberships.set(key, membership);
      if (membership === "member") return membership;
      if (membership === "unclear") answer = membership;
    }
    return answer;
  }

  async #search(root: DistributionGroup): Promise<Membership> {
    const seen = new Set([addressKey(root.primarySmtpAddress)]);
    const pending = [root.primarySmtpAddress];
    for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page = { from, limit: BATCH };
        const slice: MemberSlice = await this.#directory.readMembers(group, page);
        const { members } = slice;
        from = slice.next;
        this.#memberCount += members.length;
        if (this.#memberCount > MEMBERS_MAX) return "unclear";
        const { isNamed, groups } = await this.read(members);
        if (isNamed) return "member";
        for (const { primarySmtpAddress } of groups) {
          const key = addressKey(primarySmtpAddress);
          if (seen.has(key)) continue;
          seen.add(key);
          pending.push(primarySmtpAddress);
        }
      }
    }
    return "stranger";
  }

  /** Whether an entry stands for the sender: under another address, or as his contact here. */
  #is(entry: Exclude<OrganizationRecipient, DistributionGroup>): boolean {
    if (entry.kind !== "mailbox" && this.#keys.has(addressKey(entry.externalEmailAddress))) {
      return true;
    }
    const addresses = [entry.primarySmtpAddress, ...entry.emailAddresses];
    return addresses.some((address) => this.#keys.has(addressKey(address)));
  }

  async #lookUp(list: readonly Address[]): Promise<readonly OrganizationRecipient[]> {
    const missing = list.filter((address) => !this.#entries.has(addressKey(address)));
    for (let first = 0; first < missing.length; first += BATCH) {
      const batch = missing.slice(first, first + BATCH);
      const found = await this.#directory.findRecipients(batch);
      for (const [index, address] of batch.entries()) {
        this.#entries.set(addressKey(address), found[index]);
      }
    }
    return list.flatMap((address) => this.#entries.get(addressKey(address)) ?? []);
  }
}

/** All addresses by which a sender may be listed. */
export function senderKeys(
  sender: Address | "",
  found: OrganizationRecipient | undefined,
): ReadonlySet<string> {
  if (sender === "") return new Set();
  const others = found === undefined ? [] : [found.primarySmtpAddress, ...found.emailAddresses];
  return new Set([sender, ...others].map(addressKey));
}

/**
 * Whether a sender who has not proved who he is may be believed: not when he claims to be one of
 * ours, who could have logged on. Of strangers nothing better than their word can be had.
 */
export function isBelievable(
  organization: Pick<Organization, "acceptedDomains">,
  sender: Address | "",
  found: OrganizationRecipient | undefined,
): boolean {
  if (sender === "" || (found !== undefined && found.kind !== "contact")) return false;
  return findAcceptedDomain(organization, domainOf(sender))?.domainType !== "Authoritative";
}
