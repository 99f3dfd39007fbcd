import { assert } from "../base/assert.ts";
import type { Address } from "../mail/address.ts";
import { rowKey } from "../store/organization-row.ts";
import {
  type ConfigurationRow,
  LISTED_MAX,
  type MemberSlice,
  type ObjectKey,
  type OrganizationStore,
  type StoredRecipient,
} from "../store/organization-store.ts";
import type { ObjectProperties, RecipientObject, StoredObject } from "./organization-editor.ts";
import { isConfigurationKind, isRecipientKind, type ObjectKind } from "./settings/object-kinds.ts";

/** Where stored objects are read from. */
export interface StoredFrom {
  readonly store: Pick<OrganizationStore, "readObjects" | "readRecipients" | "readMembers">;
  /** The file that the server was started with. */
  readonly file: string | undefined;
}

/** A row as those who change objects see it. */
export function storedObject(
  row: ConfigurationRow,
  { file }: Pick<StoredFrom, "file">,
): StoredObject {
  const { kind, name, owner } = row;
  assert(isRecipientKind(kind) || isConfigurationKind(kind), `object of unknown kind ${kind}`);
  const properties = propertiesOf(row.json);
  const isOwned = owner !== undefined && owner === file;
  return { kind, name, properties, ...(isOwned && { file: owner }) };
}

/** A recipient's row as those who change it see it. */
export function recipientObject(
  row: StoredRecipient,
  from: Pick<StoredFrom, "file">,
): RecipientObject {
  const { kind, memberCount, membersVersion } = row;
  assert(isRecipientKind(kind), `recipient of unknown kind ${kind}`);
  const members = { memberCount, ...(membersVersion !== undefined && { membersVersion }) };
  return { ...storedObject(row, from), kind, ...members };
}

/** The stored properties of a row; none when it is no object, which nobody but us writes. */
export function propertiesOf(json: string): ObjectProperties {
  const parsed: unknown = JSON.parse(json);
  assert(typeof parsed === "object" && parsed !== null, "a row holds an object");
  // Written from ObjectProperties.
  return parsed as ObjectProperties;
}

/** One object or recipient by its name in any case; a group with its members unless they stay. */
export async function readStoredObject(
  from: StoredFrom,
  key: ObjectKey & { readonly kind: ObjectKind; readonly members?: "stay" },
): Promise<StoredObject | undefined> {
  const { store } = from;
  if (!isRecipientKind(key.kind)) {
    const { value } = await store.readObjects();
    const row = value.find((one) => rowKey(one) === rowKey(key));
    return row && storedObject(row, from);
  }
  // Nothing but the key: an edit has a function, too, which no message to another thread takes.
  const { kind, name } = key;
  const row = (await store.readRecipients([{ kind, name }])).value[0];
  if (row === undefined) return undefined;
  const stored = storedObject(row, from);
  if (row.memberCount === 0 || key.members === "stay") return stored;
  const members = await readAllMembers(stored, store);
  return { ...stored, properties: { ...stored.properties, members } };
}

/** The members of a group, all of them. */
export async function readAllMembers(
  { properties }: Pick<StoredObject, "properties">,
  store: Pick<OrganizationStore, "readMembers">,
): Promise<readonly Address[]> {
  const primary = properties["primarySmtpAddress"];
  assert(typeof primary === "string", "a recipient has an address");
  const members: Address[] = [];
  for (let from: number | undefined = 0; from !== undefined; ) {
    const page = { from, limit: LISTED_MAX };
    // Stored as an address: what the brand promises was checked then.
    const slice: MemberSlice = await store.readMembers(primary as Address, page);
    for (const member of slice.members) members.push(member);
    from = slice.next;
  }
  return members;
}
