import type { AdministratorRow } from "../store/access-store.ts";
import { type Administrators, credentialStamp, isInForce } from "./administrators.ts";
import type { BegunSession } from "./entrance.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What an administrator sees and does of his own account. */
export class Account {
  readonly #administrators: Administrators;
  readonly #sessions: Sessions;

  constructor(parts: { readonly administrators: Administrators; readonly sessions: Sessions }) {
    this.#administrators = parts.administrators;
    this.#sessions = parts.sessions;
  }

  /** `undefined`: nobody has that name. */
  find(name: string): AdministratorRow | undefined {
    return this.#administrators.rows.find(name);
  }

  /** His sessions that are open. */
  sessionsOf(name: string): readonly Session[] {
    const row = this.find(name);
    if (row === undefined) return [];
    return this.#sessions.all().filter((one) => one.name === row.name && isInForce(row, one));
  }

  /**
   * In the place of all of his sessions, once his credentials have changed, a new one like the one
   * that he has changed them in. `undefined`: he is an administrator no more.
   */
  renewSession(old: Session): BegunSession | undefined {
    const row = this.find(old.name);
    this.#sessions.end(({ name }) => name === old.name);
    if (row?.isEnabled !== true) return undefined;
    const { name, address, browser, way } = old;
    const passkey = row.passkeys.some(({ id }) => id === old.passkey) ? old.passkey : undefined;
    const stamp = credentialStamp(row);
    return this.#sessions.begin({ name, address, browser, way, stamp, passkey });
  }
}
