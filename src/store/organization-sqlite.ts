import { type Address, addressKey } from "../mail/address.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
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
import { RecordSqlite } from "./record-sqlite.ts";
import { openDatabase, type SqliteDatabase } from "./sqlite-database.ts";

/** The organization in one SQLite file. Blocks its thread, which is the store's. */
export class OrganizationSqlite implements OrganizationStore {
  /** In the same file: one database has one lock. */
  readonly records: RecordSqlite;
  readonly #database: SqliteDatabase;

  /** @throws StoreFailure with the file's name and the cure */
  constructor(path: string) {
    this.#database = openDatabase(path, {
      name: "the organization database",
      migrations: ORGANIZATION_MIGRATIONS,
    });
    this.records = new RecordSqlite(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  async applyConfiguration(
    rows: OrganizationRows,
  ): Promise<Versioned<{ readonly changed: boolean }>> {
    return this.#database.transact(() => {
      // Both run: `||` would leave out the second.
      const changes = [this.#applyObjects(rows.objects), this.#applyRecipients(rows.recipients)];
      const changed = changes.includes(true);
      if (changed) this.#database.prepare("UPDATE organization SET version = version + 1").run();
      return { version: this.#version(), value: { changed } };
    });
  }

  async readObjects(): Promise<Versioned<readonly ConfigurationRow[]>> {
    return this.#database.transact(() => {
      const found = this.#database.prepare(
        "SELECT kind, name, json FROM object ORDER BY kind, name_key",
      );
      const value = found.all().map((row) => configurationRow(row));
      return { version: this.#version(), value };
    });
  }

  async findRecipients(
    addresses: readonly Address[],
  ): Promise<Versioned<readonly (StoredRecipient | undefined)[]>> {
    return this.#database.transact(() => {
      const find = this.#database.prepare(`SELECT r.kind AS kind, r.name AS name, r.json AS json,
        r.member_count AS memberCount FROM address a JOIN recipient r ON r.id = a.recipient_id
        WHERE a.key = ?`);
      const value = addresses.map((address) => {
        const row = find.get(addressKey(address));
        if (row === undefined) return undefined;
        return { ...configurationRow(row), memberCount: Number(row["memberCount"]) };
      });
      return { version: this.#version(), value };
    });
  }

  async readMembers(group: Address, page: MemberPage): Promise<readonly Address[]> {
    return this.#database.transact(() => {
      const found = this.#database.prepare(`SELECT m.address AS address FROM member m
        WHERE m.recipient_id = (SELECT recipient_id FROM address WHERE key = ?)
          AND m.position >= ? ORDER BY m.position LIMIT ?`);
      const rows = found.all(addressKey(group), page.offset, page.limit);
      // Written from an Address: what the brand promises was checked then.
      return rows.map((row) => String(row["address"]) as Address);
    });
  }

  /** Whether anything was written. */
  #applyObjects(objects: Iterable<ConfigurationRow>): boolean {
    this.#prepareDeclared();
    const find = this.#database.prepare(
      "SELECT name, json FROM object WHERE kind = ? AND name_key = ?",
    );
    const put = this.#database.prepare("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?)");
    let changed = false;
    for (const { kind, name, json } of objects) {
      this.#declare(kind, name);
      const found = find.get(kind, nameKey(name));
      if (found?.["name"] === name && found["json"] === json) continue;
      put.run(kind, nameKey(name), name, json);
      changed = true;
    }
    const removed = this.#database
      .prepare(`DELETE FROM object WHERE NOT EXISTS
      (SELECT 1 FROM declared d
        WHERE d.kind = object.kind AND d.name_key = object.name_key)`)
      .run();
    return changed || removed.changes > 0;
  }

  /** First what goes or differs is removed, then what differs is written: addresses may move. */
  #applyRecipients(recipients: Iterable<RecipientRow>): boolean {
    this.#prepareDeclared();
    const find = this.#database.prepare(
      "SELECT id, digest FROM recipient WHERE kind = ? AND name_key = ?",
    );
    const differing: { readonly row: RecipientRow; readonly digest: string }[] = [];
    for (const row of recipients) {
      this.#declare(row.kind, row.name);
      const digest = recipientDigest(row);
      const found = find.get(row.kind, nameKey(row.name));
      if (found?.["digest"] === digest) continue;
      differing.push({ row, digest });
      if (found !== undefined) this.#removeRecipient(Number(found["id"]));
    }
    const gone = this.#database
      .prepare(`SELECT id FROM recipient WHERE NOT EXISTS
      (SELECT 1 FROM declared d
        WHERE d.kind = recipient.kind AND d.name_key = recipient.name_key)`)
      .all();
    for (const row of gone) this.#removeRecipient(Number(row["id"]));
    for (const { row, digest } of differing) this.#putRecipient(row, digest);
    return differing.length > 0 || gone.length > 0;
  }

  #putRecipient(row: RecipientRow, digest: string): void {
    const { kind, name, json, addresses, members } = row;
    const id = this.#database
      .prepare(`INSERT INTO recipient (kind, name_key, name, json, member_count, digest)
      VALUES (?, ?, ?, ?, ?, ?)`)
      .run(kind, nameKey(name), name, json, members.length, digest);
    const putAddress = this.#database.prepare("INSERT INTO address VALUES (?, ?)");
    for (const key of new Set(addresses.map(addressKey))) {
      putAddress.run(key, id.lastInsertRowid);
    }
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

  /** A table of this connection alone: a million names need not be in JavaScript's memory. */
  #prepareDeclared(): void {
    this.#database.exec(`CREATE TEMP TABLE IF NOT EXISTS declared
      (kind TEXT NOT NULL, name_key TEXT NOT NULL, PRIMARY KEY (kind, name_key)) WITHOUT ROWID;
      DELETE FROM declared`);
  }

  #declare(kind: string, name: string): void {
    this.#database.prepare("INSERT INTO declared VALUES (?, ?)").run(kind, nameKey(name));
  }

  #version(): number {
    return Number(this.#database.prepare("SELECT version FROM organization").get()?.["version"]);
  }
}

function configurationRow(row: Readonly<Record<string, unknown>>): ConfigurationRow {
  return { kind: String(row["kind"]), name: String(row["name"]), json: String(row["json"]) };
}
