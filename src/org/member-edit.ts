import { assert } from "../base/assert.ts";
import { type Address, addressKey } from "../mail/address.ts";
import type { ChangeOutcome, OrganizationStore } from "../store/organization-store.ts";
import type { EditedMembers, MemberEdit, RecipientObject } from "./organization-editor.ts";

type MemberLists = Pick<EditedMembers, "added" | "removed">;

/** Addresses asked for in one call of the store. */
const LOOKUP_BATCH = 500;
/** Members of one transaction: a few milliseconds, so that nobody who commits mail waits for it. */
const WRITE_BATCH = 1000;

/** Of what is to come and to go, what is not there yet, and what is there. */
export async function findMemberChange(
  group: Pick<RecipientObject, "properties">,
  { added, removed }: MemberEdit,
  store: Pick<OrganizationStore, "findMembers">,
): Promise<MemberLists> {
  const address = primaryOf(group);
  const coming = withoutRepeats(added);
  const stay = new Set(coming.map(addressKey));
  // Who is in both lists stays.
  const going = withoutRepeats(removed).filter((one) => !stay.has(addressKey(one)));
  const [known, leaving] = [
    await lookUp(address, coming, store),
    await lookUp(address, going, store),
  ];
  return {
    added: coming.filter((_, index) => known[index] === undefined),
    removed: leaving.flatMap((found) => found ?? []),
  };
}

/** Writes it, as many transactions as it takes. A part of it may be stored after a failure. */
export async function writeMemberChange(
  { kind, name }: Pick<RecipientObject, "kind" | "name">,
  { added, removed }: MemberLists,
  {
    store,
    version,
  }: { readonly store: Pick<OrganizationStore, "change">; readonly version: number },
): Promise<ChangeOutcome> {
  const steps = [
    ...batches(removed, WRITE_BATCH).map((batch) => ({ added: [], removed: batch })),
    ...batches(added, WRITE_BATCH).map((batch) => ({ added: batch, removed: [] })),
  ];
  let outcome: ChangeOutcome = { kind: "done", version, changed: false };
  for (const step of steps) {
    const { version: expectedVersion } = outcome;
    outcome = await store.change({ expectedVersion, memberChanges: [{ kind, name, ...step }] });
    if (outcome.kind === "conflict") break;
  }
  return outcome;
}

async function lookUp(
  group: Address,
  addresses: readonly Address[],
  store: Pick<OrganizationStore, "findMembers">,
): Promise<readonly (Address | undefined)[]> {
  const found: (Address | undefined)[] = [];
  for (const batch of batches(addresses, LOOKUP_BATCH)) {
    found.push(...(await store.findMembers(group, batch)));
  }
  return found;
}

function primaryOf({ properties }: Pick<RecipientObject, "properties">): Address {
  const primary = properties["primarySmtpAddress"];
  assert(typeof primary === "string", "a recipient has an address");
  // Stored as an address: what the brand promises was checked then.
  return primary as Address;
}

function withoutRepeats(addresses: readonly Address[]): readonly Address[] {
  const byKey = new Map<string, Address>();
  for (const address of addresses) {
    const key = addressKey(address);
    if (!byKey.has(key)) byKey.set(key, address);
  }
  return [...byKey.values()];
}

function batches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const made: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) {
    made.push(items.slice(start, start + size));
  }
  return made;
}
