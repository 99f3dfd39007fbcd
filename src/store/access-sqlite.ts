import { checkAudit, checkCount } from "./access-limits.ts";
import {
  type AccessStore,
  ADMINISTRATORS_MAX,
  type AdministratorRow,
  API_TOKENS_MAX,
  type ApiTokenRow,
  type AuditRow,
  type PasskeyRow,
} from "./access-store.ts";
import { nameKey } from "./organization-row.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

type Columns = Readonly<Record<string, unknown>>;

/** In the organization database. Blocks its thread, which is the store's. */
export class AccessSqlite implements AccessStore {
  readonly #database: SqliteDatabase;

  /** @param database with the organization's migrations; closed by whoever opened it */
  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async readAdministrators(): Promise<readonly AdministratorRow[]> {
    return this.#database.transact(() =>
      this.#database
        .prepare("SELECT * FROM administrator ORDER BY name_key")
        .all()
        .map(administratorRow),
    );
  }

  async putAdministrator(row: AdministratorRow): Promise<void> {
    this.#database.transact(() => {
      this.#checkCount("administrator", row.name, {
        max: ADMINISTRATORS_MAX,
        of: "administrators",
      });
      this.#database
        .prepare(`INSERT OR REPLACE INTO administrator VALUES
          (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(
          nameKey(row.name),
          row.name,
          row.passwordHash,
          row.totpSecret,
          Number(row.isTotpEnabled),
          row.totpCounter,
          JSON.stringify(row.roleGroups),
          Number(row.isEnabled),
          row.createdMs,
          row.passwordSetMs,
          row.lastLogonMs,
          JSON.stringify(row.recoveryCodes),
          JSON.stringify(row.passkeys),
          row.externalId,
        );
    });
  }

  async removeAdministrator(name: string): Promise<void> {
    this.#database.transact(() => {
      this.#database.prepare("DELETE FROM administrator WHERE name_key = ?").run(nameKey(name));
    });
  }

  async readTokens(): Promise<readonly ApiTokenRow[]> {
    return this.#database.transact(() =>
      this.#database.prepare("SELECT * FROM api_token ORDER BY name_key").all().map(tokenRow),
    );
  }

  async putToken(row: ApiTokenRow): Promise<void> {
    this.#database.transact(() => {
      this.#checkCount("api_token", row.name, { max: API_TOKENS_MAX, of: "API tokens" });
      // Not OR REPLACE: it would remove another token that has the same digest.
      this.#database.prepare("DELETE FROM api_token WHERE name_key = ?").run(nameKey(row.name));
      this.#database
        .prepare("INSERT INTO api_token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .run(
          nameKey(row.name),
          row.name,
          row.digest,
          JSON.stringify(row.roleGroups),
          row.cmdlets === undefined ? null : JSON.stringify(row.cmdlets),
          row.createdBy,
          row.createdMs,
          row.expiresMs ?? null,
          row.lastUsedMs,
          row.lastUsedFrom,
        );
    });
  }

  async removeToken(name: string): Promise<void> {
    this.#database.transact(() => {
      this.#database.prepare("DELETE FROM api_token WHERE name_key = ?").run(nameKey(name));
    });
  }

  async addAudit(row: AuditRow): Promise<void> {
    checkAudit(row);
    this.#database.transact(() => {
      this.#database
        .prepare("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .run(
          row.atMs,
          row.caller,
          row.via,
          row.address,
          row.cmdlet,
          row.object,
          row.parameters,
          Number(row.succeeded),
          row.error,
          row.changes,
        );
    });
  }

  async pruneAudit(before: { readonly atMs: number; readonly limit: number }): Promise<number> {
    return this.#database.transact(() => {
      const pruned = this.#database
        .prepare(`DELETE FROM audit WHERE id IN
          (SELECT id FROM audit WHERE at_ms < ? ORDER BY at_ms LIMIT ?)`)
        .run(before.atMs, before.limit);
      return Number(pruned.changes);
    });
  }

  #checkCount(
    table: "administrator" | "api_token",
    name: string,
    limit: { readonly max: number; readonly of: string },
  ): void {
    const row = this.#database
      .prepare(`SELECT count(*) AS count FROM ${table} WHERE name_key <> ?`)
      .get(nameKey(name));
    checkCount(Number(row?.["count"]), limit);
  }
}

function administratorRow(row: Columns): AdministratorRow {
  return {
    name: String(row["name"]),
    passwordHash: String(row["password_hash"]),
    totpSecret: String(row["totp_secret"]),
    isTotpEnabled: row["is_totp_enabled"] === 1,
    totpCounter: Number(row["totp_counter"]),
    recoveryCodes: texts(row["recovery_codes"]),
    passkeys: passkeys(row["passkeys"]),
    externalId: String(row["external_id"]),
    roleGroups: texts(row["role_groups"]),
    isEnabled: row["is_enabled"] === 1,
    createdMs: Number(row["created_ms"]),
    passwordSetMs: Number(row["password_set_ms"]),
    lastLogonMs: Number(row["last_logon_ms"]),
  };
}

function tokenRow(row: Columns): ApiTokenRow {
  const { cmdlets, expires_ms: expiresMs } = row;
  return {
    name: String(row["name"]),
    digest: String(row["digest"]),
    roleGroups: texts(row["role_groups"]),
    cmdlets: cmdlets === null ? undefined : texts(cmdlets),
    createdBy: String(row["created_by"]),
    createdMs: Number(row["created_ms"]),
    expiresMs: expiresMs === null ? undefined : Number(expiresMs),
    lastUsedMs: Number(row["last_used_ms"]),
    lastUsedFrom: String(row["last_used_from"]),
  };
}

/** A list that this file has written. */
function passkeys(json: unknown): readonly PasskeyRow[] {
  const list: readonly PasskeyRow[] = JSON.parse(String(json));
  return list;
}

/** A list that this file has written. */
function texts(json: unknown): readonly string[] {
  const list: unknown = JSON.parse(String(json));
  return Array.isArray(list) ? list.map(String) : [];
}
