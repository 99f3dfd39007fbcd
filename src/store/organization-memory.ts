import { type Address, addressKey } from "../mail/address.ts";
import {
  checkChange,
  checkListed,
  nameKey,
  notThere,
  recipientDigest,
  rowKey,
  taken,
} from "./organization-row.ts";
import type {
  ChangeOutcome,
  ConfigurationRow,
  DigestRow,
  MemberChange,
  MemberPage,
  MemberSlice,
  ObjectKey,
  OrganizationChange,
  OrganizationStore,
  RecipientPage,
  RecipientRow,
  StoredRecipient,
  Versioned,
} from "./organization-store.ts";

type KeptRecipient = Omit<RecipientRow, "members"> & {
  readonly digest: string;
  /** By position: what has gone leaves a hole. */
  readonly members: readonly (Address | undefined)[];
  readonly membersVersion: number;
};

/** The whole contents; replaced at once, so that a call that fails leaves nothing behind. */
interface Contents {
  readonly objects: Map<string, ConfigurationRow>;
  readonly recipients: Map<string, KeptRecipient>;
  /** Keys of recipients. */
  readonly byAddress: Map<string, string>;
  readonly version: number;
}

/** The organization in memory, for tests. Passes the same contract as the SQLite store. */
export class MemoryOrganizationStore implements OrganizationStore {
  #version = 0;
  #contents: Contents = {
    objects: new Map(),
    recipients: new Map(),
    byAddress: new Map(),
    version: 0,
  };

  async change(change: OrganizationChange): Promise<ChangeOutcome> {
    const { expectedVersion = this.#version } = change;
    if (expectedVersion !== this.#version) return { kind: "conflict", version: this.#version };
    checkChange(change);
    const { objects, recipients, byAddress } = this.#contents;
    const next: Contents = {
      objects: new Map(objects),
      recipients: new Map(recipients),
      byAddress: new Map(byAddress),
      version: this.#version + 1,
    };
    const changes = [changeObjects(next, change), changeRecipients(next, change)];
    const changed = changes.includes(true);
    if (changed) {
      this.#contents = next;
      this.#version += 1;
    }
    return { kind: "done", version: this.#version, changed };
  }

  async readObjects(): Promise<Versioned<readonly ConfigurationRow[]>> {
    return { version: this.#version, value: sorted(this.#contents.objects) };
  }

  async findRecipients(
    addresses: readonly Address[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>> {
    const { recipients, byAddress } = this.#contents;
    const value = addresses.map((address) =>
      storedRecipient(recipients.get(byAddress.get(addressKey(address)) ?? "")),
    );
    return { version: this.#version, value };
  }

  async readRecipients(
    keys: readonly ObjectKey[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>> {
    const { recipients } = this.#contents;
    const value = keys.map((key) => storedRecipient(recipients.get(rowKey(key))));
    return { version: this.#version, value };
  }

  async listRecipients(page: RecipientPage): Promise<Versioned<readonly StoredRecipient[]>> {
    checkListed(page.limit);
    const value = sorted(this.#contents.recipients)
      .filter(({ kind, name }) => kind === page.kind && nameKey(name) > nameKey(page.after))
      .slice(0, page.limit)
      .flatMap((row) => storedRecipient(row) ?? []);
    return { version: this.#version, value };
  }

  async listDigests(page: {
    readonly after: ObjectKey;
    readonly limit: number;
  }): Promise<readonly DigestRow[]> {
    checkListed(page.limit);
    return sorted(this.#contents.recipients)
      .filter((row) => rowKey(row) > rowKey(page.after))
      .slice(0, page.limit)
      .map(({ kind, name, digest, owner = "" }) => ({ kind, name, digest, owner }));
  }

  async readMembers(group: Address, page: MemberPage): Promise<MemberSlice> {
    const all = this.#membersOf(group);
    const members: Address[] = [];
    const places: number[] = [];
    let position = page.from;
    for (; position < all.length && members.length < page.limit; position += 1) {
      const member = all[position];
      if (member === undefined) continue;
      members.push(member);
      places.push(position);
    }
    return { members, places, next: members.length < page.limit ? undefined : position };
  }

  async findMembers(
    group: Address,
    addresses: readonly Address[],
  ): Promise<readonly (Address | undefined)[]> {
    const all = this.#membersOf(group);
    return addresses.map((address) => all[positionOf(all, address)]);
  }

  #membersOf(group: Address): readonly (Address | undefined)[] {
    const { recipients, byAddress } = this.#contents;
    return recipients.get(byAddress.get(addressKey(group)) ?? "")?.members ?? [];
  }
}

function sorted<Row>(rows: ReadonlyMap<string, Row>): readonly Row[] {
  return [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}

function storedRecipient(row: KeptRecipient | undefined): StoredRecipient | undefined {
  if (row === undefined) return undefined;
  const { kind, name, json, members, owner } = row;
  const memberCount = members.filter((member) => member !== undefined).length;
  const isGroup = kind === "distributionGroup";
  const ofGroup = isGroup && { membersVersion: row.membersVersion };
  return { kind, name, json, memberCount, ...ofGroup, ...(owner && { owner }) };
}

function positionOf(members: readonly (Address | undefined)[], address: Address): number {
  const key = addressKey(address);
  return members.findIndex((member) => member !== undefined && addressKey(member) === key);
}

function changeObjects({ objects }: Contents, change: OrganizationChange): boolean {
  let changed = false;
  for (const key of change.removedObjects ?? []) changed = objects.delete(rowKey(key)) || changed;
  for (const { kind, name, json, owner } of change.objects ?? []) {
    const key = rowKey({ kind, name });
    const old = objects.get(key);
    if (old?.name === name && old.json === json && (old.owner ?? "") === (owner ?? "")) continue;
    objects.set(key, { kind, name, json, ...(owner && { owner }) });
    changed = true;
  }
  return changed;
}

/** First what goes or differs is removed, then what differs is put in: addresses may move. */
function changeRecipients(contents: Contents, change: OrganizationChange): boolean {
  const { recipients, byAddress } = contents;
  const remove = (key: string): boolean => {
    for (const address of recipients.get(key)?.addresses ?? []) {
      if (byAddress.get(addressKey(address)) === key) byAddress.delete(addressKey(address));
    }
    return recipients.delete(key);
  };
  let changed = false;
  for (const key of change.removedRecipients ?? []) changed = remove(rowKey(key)) || changed;
  const differing = (change.recipients ?? []).flatMap((row) => {
    const digest = recipientDigest(row);
    const old = recipients.get(rowKey(row));
    if (old?.digest === digest && (old.owner ?? "") === (row.owner ?? "")) return [];
    return [{ ...row, digest, membersVersion: contents.version }];
  });
  const updated = updatedRows(contents, change);
  for (const row of [...differing, ...updated]) remove(rowKey(row));
  for (const row of [...differing, ...updated]) {
    const key = rowKey(row);
    for (const address of row.addresses.map(addressKey)) {
      const other = byAddress.get(address) ?? key;
      if (other !== key && change.addresses !== "take") throw taken(address);
      byAddress.set(address, key);
    }
    recipients.set(key, row);
  }
  const membersChanged = (change.memberChanges ?? [])
    .map((one) => changeMembers(contents, one))
    .includes(true);
  return changed || membersChanged || differing.length + updated.length > 0;
}

function updatedRows(
  { recipients }: Contents,
  { updatedRecipients = [] }: OrganizationChange,
): readonly KeptRecipient[] {
  return updatedRecipients.flatMap((row) => {
    const old = recipients.get(rowKey(row));
    if (old === undefined) throw notThere(row);
    const next = { ...row, members: old.members, digest: "", membersVersion: old.membersVersion };
    const told = ({ name, json, addresses, owner = "" }: KeptRecipient) =>
      JSON.stringify([name, json, owner, addresses.map(addressKey).toSorted()]);
    return told(old) === told(next) ? [] : [next];
  });
}

function changeMembers(
  { recipients, version }: Contents,
  change: MemberChange & ObjectKey,
): boolean {
  const old = recipients.get(rowKey(change));
  if (old === undefined) throw notThere(change);
  const members = [...old.members];
  let changed = false;
  for (const address of change.removed) {
    const position = positionOf(members, address);
    if (position < 0) continue;
    members[position] = undefined;
    changed = true;
  }
  // Behind the last that is there, as the maximum of a table has it.
  while (members.length > 0 && members.at(-1) === undefined) members.pop();
  for (const address of change.added) {
    if (positionOf(members, address) >= 0) continue;
    members.push(address);
    changed = true;
  }
  if (changed) {
    recipients.set(rowKey(change), { ...old, members, digest: "", membersVersion: version });
  }
  return changed;
}
