import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { MINUTE } from "../base/units.ts";
import type { AccessStore, ApiTokenRow } from "../store/access-store.ts";
import { NamedRows } from "./named-rows.ts";
import { digestToken, makeToken } from "./secret-token.ts";

/** How old what is stored of the last use may be: not every request is worth a flush. */
const USE_WRITTEN_MS = 5 * MINUTE;

/** What a new token is made of. */
export type NewApiToken = Pick<
  ApiTokenRow,
  "name" | "roleGroups" | "cmdlets" | "createdBy" | "expiresMs"
>;

/** Tokens for programs. Only their digests are kept. */
export class ApiTokens {
  readonly rows: NamedRows<ApiTokenRow>;
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  /** Uses that are being written. */
  readonly #writing = new Set<string>();

  private constructor(
    rows: NamedRows<ApiTokenRow>,
    parts: { readonly clock: Clock; readonly diagnostics: Diagnostics },
  ) {
    this.rows = rows;
    this.#clock = parts.clock;
    this.#diagnostics = parts.diagnostics;
  }

  /** Reads the tokens. Rejects with StoreFailure. */
  static async open(
    store: AccessStore,
    parts: { readonly clock: Clock; readonly diagnostics: Diagnostics },
  ): Promise<ApiTokens> {
    const rows = new NamedRows(await store.readTokens(), {
      put: (row) => store.putToken(row),
      remove: (name) => store.removeToken(name),
    });
    return new ApiTokens(rows, parts);
  }

  /** Makes a token, shown this once; `undefined`: the name is taken. */
  async create(wanted: NewApiToken): Promise<string | undefined> {
    const token = makeToken("pt_");
    const row: ApiTokenRow = {
      ...wanted,
      digest: digestToken(token),
      createdMs: this.#clock.nowMs(),
      lastUsedMs: 0,
      lastUsedFrom: "",
    };
    let isTaken = false;
    await this.rows.change(wanted.name, (before) => {
      isTaken = before !== undefined;
      return before ?? row;
    });
    return isTaken ? undefined : token;
  }

  /** Whose token it is, unless it has expired; that it was used is noted by and by. */
  use(token: string, address: string): ApiTokenRow | undefined {
    const digest = digestToken(token);
    const row = this.rows.all().find((one) => one.digest === digest);
    const nowMs = this.#clock.nowMs();
    if (row === undefined || isExpired(row, nowMs)) return undefined;
    const isKnown = row.lastUsedFrom === address && nowMs - row.lastUsedMs < USE_WRITTEN_MS;
    if (!isKnown && !this.#writing.has(digest)) void this.#noteUse(row, address);
    return row;
  }

  async #noteUse({ name, digest }: ApiTokenRow, address: string): Promise<void> {
    this.#writing.add(digest);
    const used = { lastUsedMs: this.#clock.nowMs(), lastUsedFrom: address };
    try {
      await this.rows.change(name, (row) => (row?.digest === digest ? { ...row, ...used } : row));
    } catch (error) {
      this.#diagnostics.warn("token-use-not-noted", { token: name, reason: String(error) });
    } finally {
      this.#writing.delete(digest);
    }
  }
}

/** Whether a token is no longer good. */
export function isExpired({ expiresMs }: ApiTokenRow, nowMs: number): boolean {
  return expiresMs !== undefined && nowMs >= expiresMs;
}
