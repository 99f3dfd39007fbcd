import { checkAudit, checkAuditPage, checkCount } from "./access-limits.ts";
import {
  type AccessStore,
  ADMINISTRATORS_MAX,
  type AdministratorRow,
  API_TOKENS_MAX,
  type ApiTokenRow,
  type AuditPage,
  type AuditReading,
  type AuditRow,
  type AuditSlice,
  type StoredAuditRow,
} from "./access-store.ts";
import { nameKey } from "./organization-row.ts";
import { StoreFailure } from "./queue-store.ts";

/** In memory, for tests. Passes the same contract as the SQLite store. */
export class MemoryAccessStore implements AccessStore, AuditReading {
  readonly #administrators = new Map<string, AdministratorRow>();
  readonly #tokens = new Map<string, ApiTokenRow>();
  #audit: StoredAuditRow[] = [];
  #nextId = 1;
  /** What a test has go wrong: while set, each call is a StoreFailure. */
  failure: string | undefined;

  async readAdministrators(): Promise<readonly AdministratorRow[]> {
    this.#check();
    return byKey(this.#administrators);
  }

  async putAdministrator(row: AdministratorRow): Promise<void> {
    this.#check();
    put(this.#administrators, row, { max: ADMINISTRATORS_MAX, of: "administrators" });
  }

  async removeAdministrator(name: string): Promise<void> {
    this.#check();
    this.#administrators.delete(nameKey(name));
  }

  async readTokens(): Promise<readonly ApiTokenRow[]> {
    this.#check();
    return byKey(this.#tokens);
  }

  async putToken(row: ApiTokenRow): Promise<void> {
    this.#check();
    for (const [key, { digest }] of this.#tokens) {
      if (digest !== row.digest || key === nameKey(row.name)) continue;
      throw new StoreFailure("two tokens with one digest", { full: false });
    }
    put(this.#tokens, row, { max: API_TOKENS_MAX, of: "API tokens" });
  }

  async removeToken(name: string): Promise<void> {
    this.#check();
    this.#tokens.delete(nameKey(name));
  }

  async addAudit(row: AuditRow): Promise<void> {
    this.#check();
    checkAudit(row);
    this.#audit.unshift({ ...row, id: this.#nextId });
    this.#nextId += 1;
  }

  async readAudit(page: AuditPage): Promise<AuditSlice> {
    this.#check();
    checkAuditPage(page);
    const { fromMs, toMs, beforeId, limit } = page;
    const rest = this.#audit.filter(({ id }) => id < beforeId);
    const rows = rest.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).slice(0, limit);
    const last = rows.length === limit ? rows.at(-1) : undefined;
    const examinedCount = last === undefined ? rest.length : rest.indexOf(last) + 1;
    return { rows, examinedCount, ...(last && { next: last.id }) };
  }

  async pruneAudit(before: { readonly atMs: number; readonly limit: number }): Promise<number> {
    this.#check();
    const old = this.#audit.filter(({ atMs }) => atMs < before.atMs).slice(-before.limit);
    this.#audit = this.#audit.filter((row) => !old.includes(row));
    return old.length;
  }

  #check(): void {
    if (this.failure !== undefined) throw new StoreFailure(this.failure, { full: false });
  }
}

function put<Row extends { readonly name: string }>(
  rows: Map<string, Row>,
  row: Row,
  limit: { readonly max: number; readonly of: string },
): void {
  const key = nameKey(row.name);
  if (!rows.has(key)) checkCount(rows.size, limit);
  rows.set(key, row);
}

function byKey<Row>(rows: ReadonlyMap<string, Row>): readonly Row[] {
  return [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}
