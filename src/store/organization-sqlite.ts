import { type Address, addressKey } from "../mail/address.ts";
import { AccessSqlite } from "./access-sqlite.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { checkChange, checkListed, nameKey, recipientDigest } from "./organization-row.ts";
import type {
  ChangeOutcome,
  ConfigurationRow,
  DigestRow,
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
import { configurationRow, type RowColumns, storedRecipient } from "./recipient-row.ts";
import { changeMembers, findMember, putAddresses, updateRecipient } from "./recipient-sqlite.ts";
import { RecordSqlite } from "./record-sqlite.ts";
import { openDatabase, openReader, type SqliteDatabase } from "./sqlite-database.ts";

const NAME = "the organization database";

/** The organization in one SQLite file. Blocks its thread, which is the store's. */
export class OrganizationSqlite implements OrganizationStore {
  /** In the same file: one database has one lock. */
  readonly records: RecordSqlite;
  /** As `records`. */
  readonly access: AccessSqlite;
  readonly #database: SqliteDatabase;

  /**
   * The organization of a server that may be running, for reading only.
   * @throws StoreFailure with the file's name
   */
  static reading(path: string): OrganizationSqlite {
    return new OrganizationSqlite(path, openReader(path, { name: NAME, readers: "process" }));
  }

  /**
   * One that nobody else has open, brought to today's format.
   * @throws StoreFailure with the file's name
   */
  static alone(path: string): OrganizationSqlite {
    const migrations = ORGANIZATION_MIGRATIONS;
    return new OrganizationSqlite(path, openDatabase(path, { name: NAME, migrations }));
  }

  /** @throws StoreFailure with the file's name and the cure */
  constructor(path: string, database?: SqliteDatabase) {
    const migrations = ORGANIZATION_MIGRATIONS;
    this.#database = database ?? openDatabase(path, { name: NAME, readers: "process", migrations });
    this.records = new RecordSqlite(this.#database);
    this.access = new AccessSqlite(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  async change(change: OrganizationChange): Promise<ChangeOutcome> {
    checkChange(change);
    return this.#database.transact(() => {
      const before = this.#version();
      const { expectedVersion = before } = change;
      if (expectedVersion !== before) return { kind: "conflict", version: before };
      // Both run: `||` would leave out the second.
      const changes = [this.#changeObjects(change), this.#changeRecipients(change)];
      const changed = changes.includes(true);
      if (changed) this.#database.prepare("UPDATE organization SET version = version + 1").run();
      return { kind: "done", version: this.#version(), changed };
    });
  }

  async readObjects(): Promise<Versioned<readonly ConfigurationRow[]>> {
    return this.#database.transact(() => {
      const found = this.#database.prepare(
        "SELECT kind, name, json, owner FROM object ORDER BY kind, name_key",
      );
      const value = found.all().map((row) => configurationRow(row));
      return { version: this.#version(), value };
    });
  }

  async findRecipients(
    addresses: readonly Address[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>> {
    return this.#database.transact(() => {
      const find = this.#database.prepare(`SELECT ${STORED_RECIPIENT}
        FROM address a JOIN recipient r ON r.id = a.recipient_id WHERE a.key = ?`);
      const value = addresses.map((address) => orNothing(find.get(addressKey(address))));
      return { version: this.#version(), value };
    });
  }

  async readRecipients(
    keys: readonly ObjectKey[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>> {
    return this.#database.transact(() => {
      const find = this.#database.prepare(
        `SELECT ${STORED_RECIPIENT} FROM recipient r WHERE r.kind = ? AND r.name_key = ?`,
      );
      const value = keys.map(({ kind, name }) => orNothing(find.get(kind, nameKey(name))));
      return { version: this.#version(), value };
    });
  }

  async listRecipients(page: RecipientPage): Promise<Versioned<readonly StoredRecipient[]>> {
    checkListed(page.limit);
    return this.#database.transact(() => {
      const found = this.#database.prepare(`SELECT ${STORED_RECIPIENT} FROM recipient r
        WHERE r.kind = ? AND r.name_key > ? ORDER BY r.name_key LIMIT ?`);
      const rows = found.all(page.kind, nameKey(page.after), page.limit);
      return { version: this.#version(), value: rows.map(storedRecipient) };
    });
  }

  async listDigests(page: {
    readonly after: ObjectKey;
    readonly limit: number;
  }): Promise<readonly DigestRow[]> {
    checkListed(page.limit);
    const { kind, name } = page.after;
    return this.#database.transact(() => {
      const found = this.#database.prepare(`SELECT kind, name, digest, owner FROM recipient
        WHERE (kind, name_key) > (?, ?) ORDER BY kind, name_key LIMIT ?`);
      return found.all(kind, nameKey(name), page.limit).map((row) => ({
        kind: String(row["kind"]),
        name: String(row["name"]),
        digest: String(row["digest"]),
        owner: String(row["owner"]),
      }));
    });
  }

  async readMembers(group: Address, page: MemberPage): Promise<MemberSlice> {
    return this.#database.transact(() => {
      const found = this.#database.prepare(`SELECT m.position, m.address FROM member m
        WHERE m.recipient_id = (SELECT recipient_id FROM address WHERE key = ?)
          AND m.position >= ? ORDER BY m.position LIMIT ?`);
      const rows = found.all(addressKey(group), page.from, page.limit);
      const last = rows.length < page.limit ? undefined : rows.at(-1);
      // Written from an Address: what the brand promises was checked then.
      const members = rows.map((row) => String(row["address"]) as Address);
      const places = rows.map((row) => Number(row["position"]));
      return { members, places, next: last && Number(last["position"]) + 1 };
    });
  }

  async findMembers(
    group: Address,
    addresses: readonly Address[],
  ): Promise<readonly (Address | undefined)[]> {
    return this.#database.transact(() => {
      const row = this.#database
        .prepare("SELECT recipient_id AS id FROM address WHERE key = ?")
        .get(addressKey(group));
      return addresses.map((address) =>
        row === undefined
          ? undefined
          : findMember(this.#database, Number(row["id"]), address)?.address,
      );
    });
  }

  /** Whether anything was written. */
  #changeObjects({ objects = [], removedObjects = [] }: OrganizationChange): boolean {
    const remove = this.#database.prepare("DELETE FROM object WHERE kind = ? AND name_key = ?");
    let changed = false;
    for (const { kind, name } of removedObjects) {
      changed = remove.run(kind, nameKey(name)).changes > 0 || changed;
    }
    const find = this.#database.prepare(
      "SELECT name, json, owner FROM object WHERE kind = ? AND name_key = ?",
    );
    const put = this.#database.prepare(
      "INSERT OR REPLACE INTO object (kind, name_key, name, json, owner) VALUES (?, ?, ?, ?, ?)",
    );
    for (const { kind, name, json, owner = "" } of objects) {
      const found = find.get(kind, nameKey(name));
      if (found?.["name"] === name && found["json"] === json && found["owner"] === owner) continue;
      put.run(kind, nameKey(name), name, json, owner);
      changed = true;
    }
    return changed;
  }

  /** First what goes or differs is removed, then what differs is written: addresses may move. */
  #changeRecipients(change: OrganizationChange): boolean {
    const { recipients = [], removedRecipients = [], addresses = "claim" } = change;
    const { updatedRecipients = [], memberChanges = [] } = change;
    const find = this.#database.prepare(
      "SELECT id, digest, owner FROM recipient WHERE kind = ? AND name_key = ?",
    );
    const disown = this.#database.prepare("UPDATE recipient SET owner = ? WHERE id = ?");
    let changed = false;
    for (const { kind, name } of removedRecipients) {
      const found = find.get(kind, nameKey(name));
      if (found === undefined) continue;
      this.#removeRecipient(Number(found["id"]));
      changed = true;
    }
    const differing: { readonly row: RecipientRow; readonly digest: string }[] = [];
    for (const row of recipients) {
      const { owner = "" } = row;
      const digest = recipientDigest(row);
      const found = find.get(row.kind, nameKey(row.name));
      const isSame = found?.["digest"] === digest;
      if (isSame && found["owner"] === owner) continue;
      changed = true;
      if (isSame) {
        disown.run(owner, Number(found["id"]));
        continue;
      }
      differing.push({ row, digest });
      if (found !== undefined) this.#removeRecipient(Number(found["id"]));
    }
    const updates = updatedRecipients.flatMap(
      (row) => updateRecipient(this.#database, row, addresses) ?? [],
    );
    for (const { row, digest } of differing) this.#putRecipient(row, digest, addresses);
    for (const claim of updates) claim();
    for (const one of memberChanges) changed = changeMembers(this.#database, one) || changed;
    return changed || updates.length > 0;
  }

  #putRecipient(row: RecipientRow, digest: string, claiming: "claim" | "take"): void {
    const { kind, name, json, addresses, members, owner = "" } = row;
    const id = this.#database
      .prepare(`INSERT INTO recipient (kind, name_key, name, json, member_count, digest, owner,
        members_version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(kind, nameKey(name), name, json, members.length, digest, owner, this.#version() + 1);
    putAddresses(this.#database, { id: Number(id.lastInsertRowid), addresses, claiming });
    const putMember = this.#database.prepare("INSERT INTO member VALUES (?, ?, ?)");
    members.forEach((member, position) => {
      putMember.run(id.lastInsertRowid, position, member);
    });
  }

  #removeRecipient(id: number): void {
    this.#database.prepare("DELETE FROM member WHERE recipient_id = ?").run(id);
    this.#database.prepare("DELETE FROM address WHERE recipient_id = ?").run(id);
    this.#database.prepare("DELETE FROM recipient WHERE id = ?").run(id);
  }

  #version(): number {
    return Number(this.#database.prepare("SELECT version FROM organization").get()?.["version"]);
  }
}

const STORED_RECIPIENT = `r.kind AS kind, r.name AS name, r.json AS json, r.owner AS owner,
  r.member_count AS memberCount, r.members_version AS membersVersion`;

function orNothing(row: RowColumns | undefined): StoredRecipient | undefined {
  return row && storedRecipient(row);
}
