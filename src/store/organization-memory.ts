import { type Address, addressKey } from "../mail/address.ts";
import { nameKey, recipientDigest } from "./organization-row.ts";
import type {
  ConfigurationRow,
  MemberPage,
  OrganizationRows,
  OrganizationStore,
  RecipientRow,
  StoredRecipient,
  Versioned,
} from "./organization-store.ts";
import { StoreFailure } from "./queue-store.ts";

/** The whole contents; replaced at once, so that a call that fails leaves nothing behind. */
interface Contents {
  readonly objects: ReadonlyMap<string, ConfigurationRow>;
  readonly recipients: ReadonlyMap<string, RecipientRow & { readonly digest: string }>;
  readonly byAddress: ReadonlyMap<string, RecipientRow>;
}

/** The organization in memory, for tests. Passes the same contract as the SQLite store. */
export class MemoryOrganizationStore implements OrganizationStore {
  #version = 0;
  #contents: Contents = { objects: new Map(), recipients: new Map(), byAddress: new Map() };

  async applyConfiguration(
    rows: OrganizationRows,
  ): Promise<Versioned<{ readonly changed: boolean }>> {
    const before = this.#contents;
    const after = readRows(rows);
    const changed =
      differs(before.objects, after.objects, (row) => row.name + row.json) ||
      differs(before.recipients, after.recipients, (row) => row.digest);
    if (changed) {
      this.#contents = after;
      this.#version += 1;
    }
    return { version: this.#version, value: { changed } };
  }

  async readObjects(): Promise<Versioned<readonly ConfigurationRow[]>> {
    const sorted = [...this.#contents.objects].toSorted(([left], [right]) =>
      left < right ? -1 : 1,
    );
    return { version: this.#version, value: sorted.map(([, row]) => row) };
  }

  async findRecipients(
    addresses: readonly Address[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>> {
    const value = addresses.map((address) => {
      const row = this.#contents.byAddress.get(addressKey(address));
      if (row === undefined) return undefined;
      const { kind, name, json, members } = row;
      return { kind, name, json, memberCount: members.length };
    });
    return { version: this.#version, value };
  }

  async readMembers(group: Address, page: MemberPage): Promise<readonly Address[]> {
    const members = this.#contents.byAddress.get(addressKey(group))?.members ?? [];
    return members.slice(page.offset, page.offset + page.limit);
  }
}

function readRows(rows: OrganizationRows): Contents {
  const objects = new Map<string, ConfigurationRow>();
  for (const { kind, name, json } of rows.objects) {
    claim(objects, rowKey(kind, name), { kind, name, json });
  }
  const recipients = new Map<string, RecipientRow & { readonly digest: string }>();
  const byAddress = new Map<string, RecipientRow>();
  for (const row of rows.recipients) {
    claim(recipients, rowKey(row.kind, row.name), { ...row, digest: recipientDigest(row) });
    for (const key of new Set(row.addresses.map(addressKey))) claim(byAddress, key, row);
  }
  return { objects, recipients, byAddress };
}

/** Sorts as the SQLite store does: by kind, then by name. */
function rowKey(kind: string, name: string): string {
  return `${kind}\0${nameKey(name)}`;
}

function claim<Row>(rows: Map<string, Row>, key: string, row: Row): void {
  if (rows.has(key)) {
    throw new StoreFailure(`${key.replace("\0", " ")} is taken twice`, { full: false });
  }
  rows.set(key, row);
}

function differs<Row>(
  before: ReadonlyMap<string, Row>,
  after: ReadonlyMap<string, Row>,
  digest: (row: Row) => string,
): boolean {
  if (before.size !== after.size) return true;
  for (const [key, row] of after) {
    const old = before.get(key);
    if (old === undefined || digest(old) !== digest(row)) return true;
  }
  return false;
}
