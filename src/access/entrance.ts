import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { HOUR, MINUTE } from "../base/units.ts";
import type { AuditEntry } from "../cmdlet/execution.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { type Administrators, credentialStamp, knownRoleGroups } from "./administrators.ts";
import type { Session, Sessions, SignInWay } from "./sessions.ts";

/** Failures of one minute that diagnostics tell one by one; the rest is counted. */
const FAILURES_TOLD_MAX = 60;
/** Failures of one hour in the audit log: anybody can bring them about, and it is kept for long. */
const FAILURES_RECORDED_MAX = 100;
const BROWSER_CHARACTERS_MAX = 300;

/** Where somebody is, who signs in. */
export interface Newcomer {
  readonly address: string;
  /** The header User-Agent; "": none. */
  readonly browser: string;
}

/** How somebody comes in who has shown who he is. */
export interface Admission extends Newcomer {
  readonly way: SignInWay;
  /** The id of the passkey that he has shown. */
  readonly passkey?: string;
}

/** A session that has begun; its token is told this once. */
export interface BegunSession {
  readonly token: string;
  readonly session: Session;
}

/** What letting somebody in needs. */
export interface EntranceParts {
  readonly administrators: Administrators;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Durable once it has resolved. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
}

/** Where every way in ends: begins sessions, and tells who has come in and who has not. */
export class Entrance {
  readonly #parts: EntranceParts;
  /** Failures told in the minute that began then. */
  #minuteMs = Number.NEGATIVE_INFINITY;
  #failureCount = 0;
  #hourMs = Number.NEGATIVE_INFINITY;
  #recordedCount = 0;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
  }

  /** Begins a session. Rejects with StoreFailure when nobody could be told of it. */
  async admit(row: AdministratorRow, { way, passkey, ...from }: Admission): Promise<BegunSession> {
    const { sessions, diagnostics } = this.#parts;
    const { name } = row;
    const { address } = from;
    const browser = shownBrowser(from.browser);
    await this.#record(row, { way, address, browser, error: undefined });
    const stamp = credentialStamp(row);
    const begun = sessions.begin({ name, address, browser, way, stamp, passkey });
    const event = { user: name, address, session: begun.session.id, way };
    diagnostics.info("administrator-logged-in", event);
    return begun;
  }

  /**
   * Anybody can bring failures about, and as many as he likes: neither log must fill a disk. A name
   * that is nobody's is not told: many a password has been typed in its place.
   */
  refuse(
    attempt: Newcomer & { readonly name: string; readonly way: SignInWay; readonly why: string },
  ): void {
    const { clock, diagnostics, administrators } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#minuteMs >= MINUTE) {
      const more = this.#failureCount - FAILURES_TOLD_MAX;
      if (more > 0) diagnostics.warn("administrator-logins-failed", { more });
      this.#minuteMs = nowMs;
      this.#failureCount = 0;
    }
    this.#failureCount += 1;
    if (this.#failureCount > FAILURES_TOLD_MAX) return;
    const row = administrators.rows.find(attempt.name);
    const { address, way, why: outcome } = attempt;
    const user = row?.name ?? "<nobody>";
    diagnostics.warn("administrator-login-failed", { user, address, outcome });
    if (row === undefined || !this.#isRecordable(nowMs)) return;
    const browser = shownBrowser(attempt.browser);
    // Nobody waits for it: how long an answer takes must not tell whether there is such a name.
    this.#record(row, { way, address, browser, error: outcome }).catch((error: unknown) => {
      diagnostics.warn("login-failure-not-recorded", { reason: String(error) });
    });
  }

  #isRecordable(nowMs: number): boolean {
    if (nowMs - this.#hourMs >= HOUR) {
      this.#hourMs = nowMs;
      this.#recordedCount = 0;
    }
    this.#recordedCount += 1;
    return this.#recordedCount <= FAILURES_RECORDED_MAX;
  }

  #record(
    { name, roleGroups }: AdministratorRow,
    how: {
      readonly way: SignInWay;
      readonly address: string;
      readonly browser: string;
      readonly error: string | undefined;
    },
  ): Promise<void> {
    const { way, address, browser, error } = how;
    return this.#parts.audit({
      atMs: this.#parts.clock.nowMs(),
      caller: { name, roleGroups: knownRoleGroups(roleGroups), via: "session", address },
      cmdlet: SIGN_IN,
      parameters: { Name: name, Way: way, Browser: browser },
      succeeded: error === undefined,
      error,
      changes: [],
    });
  }
}

/** What the audit log calls it: no cmdlet does it. */
const SIGN_IN = "Sign-In";

/** Whatever stands in the header, cut, and without what turns text around or hides it. */
function shownBrowser(browser: string): string {
  return browser.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, BROWSER_CHARACTERS_MAX);
}
