import { type Address, addressKey } from "../mail/address.ts";
import { nameKey, notThere } from "./organization-row.ts";
import type {
  MemberChange,
  ObjectKey,
  OrganizationChange,
  RecipientUpdate,
} from "./organization-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

type Claiming = NonNullable<OrganizationChange["addresses"]>;

/** Gives a recipient its addresses. */
export function putAddresses(
  database: SqliteDatabase,
  {
    id,
    addresses,
    claiming,
  }: { readonly id: number; readonly addresses: readonly Address[]; readonly claiming: Claiming },
): void {
  const put = database.prepare(
    `INSERT ${claiming === "take" ? "OR REPLACE " : ""}INTO address VALUES (?, ?)`,
  );
  for (const key of new Set(addresses.map(addressKey))) put.run(key, id);
}

/**
 * Changes a recipient in its place, its members untouched, within a transaction. Its addresses are
 * free then, until the function that comes back is called: they may move. `undefined`: it was the
 * same already.
 * @throws StoreFailure when there is no such recipient
 */
export function updateRecipient(
  database: SqliteDatabase,
  row: RecipientUpdate,
  claiming: Claiming,
): (() => void) | undefined {
  const { kind, name, json, addresses, owner = "" } = row;
  const found = database
    .prepare("SELECT id, name, json, owner FROM recipient WHERE kind = ? AND name_key = ?")
    .get(kind, nameKey(name));
  if (found === undefined) throw notThere(row);
  const id = Number(found["id"]);
  const keys = database.prepare("SELECT key FROM address WHERE recipient_id = ? ORDER BY key");
  const before = keys.all(id).map(({ key }) => String(key));
  const after = [...new Set(addresses.map(addressKey))].sort();
  const isSame = found["name"] === name && found["json"] === json && found["owner"] === owner;
  if (isSame && JSON.stringify(before.sort()) === JSON.stringify(after)) return undefined;
  database
    .prepare("UPDATE recipient SET name = ?, json = ?, owner = ?, digest = '' WHERE id = ?")
    .run(name, json, owner, id);
  database.prepare("DELETE FROM address WHERE recipient_id = ?").run(id);
  return () => putAddresses(database, { id, addresses, claiming });
}

/** A member by its address, without case. */
export function findMember(
  database: SqliteDatabase,
  recipientId: number,
  address: Address,
): { readonly position: number; readonly address: Address } | undefined {
  const key = addressKey(address);
  // The index folds ASCII only; whoever has another letter is looked for among all of them.
  const isAscii = /^[ -~]*$/.test(key);
  const rows = isAscii
    ? database
        .prepare(
          `SELECT position, address FROM member
           WHERE recipient_id = ? AND address = ? COLLATE NOCASE`,
        )
        .iterate(recipientId, key)
    : database
        .prepare("SELECT position, address FROM member WHERE recipient_id = ?")
        .iterate(recipientId);
  for (const row of rows) {
    // Written from an Address.
    const stored = String(row["address"]) as Address;
    if (addressKey(stored) === key) return { position: Number(row["position"]), address: stored };
  }
  return undefined;
}

/**
 * Adds and removes members within a transaction; whether anything has changed. Costs what the
 * change costs, however many members there are besides.
 * @throws StoreFailure when there is no such group
 */
export function changeMembers(
  database: SqliteDatabase,
  { added, removed, ...key }: MemberChange & ObjectKey,
): boolean {
  const found = database
    .prepare("SELECT id FROM recipient WHERE kind = ? AND name_key = ?")
    .get(key.kind, nameKey(key.name));
  if (found === undefined) throw notThere(key);
  const id = Number(found["id"]);
  const remove = database.prepare("DELETE FROM member WHERE recipient_id = ? AND position = ?");
  let count = 0;
  let changes = 0;
  for (const address of removed) {
    const member = findMember(database, id, address);
    if (member === undefined) continue;
    remove.run(id, member.position);
    count -= 1;
    changes += 1;
  }
  const last = database
    .prepare("SELECT max(position) AS position FROM member WHERE recipient_id = ?")
    .get(id)?.["position"];
  let position = typeof last === "number" ? last + 1 : 0;
  const put = database.prepare("INSERT INTO member VALUES (?, ?, ?)");
  for (const address of added) {
    if (findMember(database, id, address) !== undefined) continue;
    put.run(id, position, address);
    position += 1;
    count += 1;
    changes += 1;
  }
  if (changes === 0) return false;
  database
    .prepare(
      `UPDATE recipient SET member_count = member_count + ?, digest = '',
       members_version = (SELECT version + 1 FROM organization) WHERE id = ?`,
    )
    .run(count, id);
  return true;
}
