import { type Address, addressKey } from "../../mail/address.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization } from "../../org/organization.ts";
import type { MemberSlice } from "../../store/organization-store.ts";
import { FAULT, type Fault } from "./rule-facts.ts";

/** Members of one group; of larger ones rules know nothing. */
const MEMBERS_MAX = 250_000;
/** Members of all groups that are remembered. */
const REMEMBERED_MAX = 1_000_000;
const PAGE = 1000;

/** Keys of all addresses by which members of a group are known, or that it is too large. */
type Members = ReadonlySet<string> | Fault;

/**
 * Who is in the groups that rules name, however deep. A group is expanded once for each version of
 * the organization: any change of a recipient makes a new one.
 */
export class GroupMembers {
  readonly #directory: Directory;
  #version: Organization | undefined;
  readonly #groups = new Map<string, Members>();
  readonly #pending = new Map<string, Promise<Members>>();
  #remembered = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** The members, if they are in memory. */
  peek(organization: Organization, group: Address): Members | undefined {
    this.#turnTo(organization);
    return this.#groups.get(addressKey(group));
  }

  /** The members. Rejects with StoreFailure. */
  async read(organization: Organization, group: Address): Promise<Members> {
    this.#turnTo(organization);
    const key = addressKey(group);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const pending = this.#pending.get(key) ?? this.#expand(group);
    this.#pending.set(key, pending);
    try {
      const members = await pending;
      if (this.#version === organization) this.#remember(key, members);
      return members;
    } finally {
      if (this.#pending.get(key) === pending) this.#pending.delete(key);
    }
  }

  #turnTo(organization: Organization): void {
    if (this.#version === organization) return;
    this.#version = organization;
    this.#groups.clear();
    this.#pending.clear();
    this.#remembered = 0;
  }

  #remember(key: string, members: Members): void {
    const size = members === FAULT ? 0 : members.size;
    if (this.#remembered + size > REMEMBERED_MAX) {
      this.#groups.clear();
      this.#remembered = 0;
    }
    this.#groups.set(key, members);
    this.#remembered += size;
  }

  async #expand(root: Address): Promise<Members> {
    const members = new Set<string>();
    const seen = new Set([addressKey(root)]);
    const pending = [await this.#primaryOf(root)];
    for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
      for (let from: number | undefined = 0; from !== undefined; ) {
        const slice: MemberSlice = await this.#directory.readMembers(group, { from, limit: PAGE });
        from = slice.next;
        for (const nested of await this.#addAll(slice.members, members)) {
          if (seen.has(addressKey(nested))) continue;
          seen.add(addressKey(nested));
          pending.push(nested);
        }
        if (members.size > MEMBERS_MAX) return FAULT;
      }
    }
    return members;
  }

  /** A rule may name a group by any of its addresses. */
  async #primaryOf(group: Address): Promise<Address> {
    const [entry] = await this.#directory.findRecipients([group]);
    return entry?.kind === "group" ? entry.primarySmtpAddress : group;
  }

  /** Adds members by all their addresses; the answer is the groups among them. */
  async #addAll(addresses: readonly Address[], members: Set<string>): Promise<readonly Address[]> {
    if (addresses.length === 0) return [];
    const entries = await this.#directory.findRecipients(addresses);
    return addresses.flatMap((address, index) => {
      const entry = entries[index];
      members.add(addressKey(address));
      if (entry === undefined) return [];
      for (const own of [entry.primarySmtpAddress, ...entry.emailAddresses]) {
        members.add(addressKey(own));
      }
      if (entry.kind === "contact" || entry.kind === "user") {
        members.add(addressKey(entry.externalEmailAddress));
      }
      return entry.kind === "group" ? [entry.primarySmtpAddress] : [];
    });
  }
}
