import type { BackOff } from "../authentication/back-off.ts";
import { createFailureMemory, openFailureCounts } from "../authentication/failure-counts.ts";
import { type Attempt, createLogonGuard, type LogonGuard } from "../authentication/logon-guard.ts";
import { WorkLine } from "../authentication/work-line.ts";
import { type Clock, delay } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MINUTE } from "../base/units.ts";
import { findPassword } from "../org/password.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { type Administrators, credentialStamp } from "./administrators.ts";
import type { Session, Sessions } from "./sessions.ts";
import { findTotpStep, makeTotpSecret } from "./totp.ts";

/** What somebody logs in with. */
export interface LoginRequest {
  readonly name: string;
  readonly password: string;
  /** "" when there is none. */
  readonly code: string;
  readonly address: string;
}

/** Why nobody was let in. What of the three was wrong is told to nobody. */
export type LoginProblem =
  | { readonly kind: "wrong" }
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "busy" };

/** What checking passwords needs. */
export interface LoginParts {
  readonly administrators: Administrators;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** For tests; the real one takes 40 ms. */
  readonly findPassword?: typeof findPassword;
}

/** Calculations at one time, and those that may wait for them (a few seconds' worth). */
const CALCULATIONS = { atOnce: 2, waitingMax: 40 };
/** Longest password that is looked at; what is longer is nobody's. */
export const PASSWORD_CHARACTERS_MAX = 256;
const NAME_CHARACTERS_SHOWN = 64;
/** Failures of one minute that diagnostics tell one by one; the rest is counted. */
const FAILURES_TOLD_MAX = 60;

/** Lets administrators in, and holds back those who guess. */
export class Login {
  readonly #parts: LoginParts;
  readonly #find: typeof findPassword;
  readonly #guard: LogonGuard;
  /** Failures told in the minute that began then. */
  #minuteMs = Number.NEGATIVE_INFINITY;
  #failureCount = 0;
  readonly #line = new WorkLine(CALCULATIONS);
  /** Codes of those who have no second factor are checked against this one. */
  readonly #nobodysSecret = makeTotpSecret();

  constructor(parts: LoginParts) {
    this.#parts = parts;
    this.#find = parts.findPassword ?? findPassword;
    // Counts of its own: who guesses at mailboxes does not lock administrators out.
    const counts = openFailureCounts(createFailureMemory());
    this.#guard = createLogonGuard(counts, () => parts.clock.nowMs());
  }

  /** Begins a session. Rejects with StoreFailure when the logon could not be recorded. */
  async logIn(
    request: LoginRequest,
  ): Promise<Result<{ readonly token: string; readonly session: Session }, LoginProblem>> {
    const checked = await this.#checkInTurn(request);
    if (!checked.ok) {
      this.#tellFailure(request, checked.fault);
      return checked;
    }
    const { name } = checked.value;
    const stamp = credentialStamp(checked.value);
    const begun = this.#parts.sessions.begin({ name, address: request.address, stamp });
    const event = { user: name, address: request.address, session: begun.session.id };
    this.#parts.diagnostics.info("administrator-logged-in", event);
    return ok(begun);
  }

  /** Anybody can bring failures about, and as many as he likes: the log must not fill a disk. */
  #tellFailure({ name, address }: LoginRequest, { kind }: LoginProblem): void {
    const { clock, diagnostics } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#minuteMs >= MINUTE) {
      const more = this.#failureCount - FAILURES_TOLD_MAX;
      if (more > 0) diagnostics.warn("administrator-logins-failed", { more });
      this.#minuteMs = nowMs;
      this.#failureCount = 0;
    }
    this.#failureCount += 1;
    if (this.#failureCount > FAILURES_TOLD_MAX) return;
    // Many a password has been typed in the place of the name.
    const user = this.#parts.administrators.rows.find(name)?.name ?? "<nobody>";
    diagnostics.warn("administrator-login-failed", { user, address, outcome: kind });
  }

  async #checkInTurn(request: LoginRequest): Promise<Result<AdministratorRow, LoginProblem>> {
    const verdict = this.#judge(request);
    // Who is held back takes no place in the line from those who are not.
    if (verdict.kind === "held") return fault({ kind: "held", untilMs: verdict.untilMs });
    // Outside the line: who has to wait keeps nobody else from getting in.
    if (verdict.delayMs > 0) await delay(this.#parts.clock, verdict.delayMs);
    return (await this.#line.run(() => this.#check(request))) ?? fault({ kind: "busy" });
  }

  #judge(request: LoginRequest): BackOff {
    return this.#guard.judge(attemptOf(request));
  }

  /** Judged when its turn has come: those before it may have failed meanwhile. */
  async #check(request: LoginRequest): Promise<Result<AdministratorRow, LoginProblem>> {
    const { administrators } = this.#parts;
    const attempt = attemptOf(request);
    const verdict = this.#judge(request);
    if (verdict.kind === "held") return fault({ kind: "held", untilMs: verdict.untilMs });
    // The same work for a name that nobody has, and for one that may not log in.
    const row = administrators.rows.find(request.name);
    const hash = row?.isEnabled === true ? row.passwordHash : "";
    const isLong = request.password.length > PASSWORD_CHARACTERS_MAX;
    const found = await this.#find(isLong ? "" : request.password, [hash]);
    const step = this.#findStep(row, request.code);
    if (row !== undefined && !isLong && found.length === 1 && step !== undefined) {
      const admitted = await this.#record(row, step);
      if (admitted !== undefined) {
        this.#guard.succeeded(attempt);
        return ok(admitted);
      }
    }
    this.#guard.failed(attempt);
    return fault({ kind: "wrong" });
  }

  #findStep(row: AdministratorRow | undefined, code: string): number | undefined {
    const { administrators, clock } = this.#parts;
    const hasCode = row?.isTotpEnabled === true;
    const secret = hasCode ? administrators.box.open(row.totpSecret) : undefined;
    const step = findTotpStep({
      secret: secret ?? this.#nobodysSecret,
      code,
      nowMs: clock.nowMs(),
      lastStep: row?.totpCounter ?? 0,
    });
    if (!hasCode) return row?.totpCounter ?? 0;
    // A secret that this key does not open lets nobody in.
    return secret === undefined ? undefined : step;
  }

  /** Writes that he was here; `undefined` when his credentials have changed meanwhile. */
  async #record(checked: AdministratorRow, step: number): Promise<AdministratorRow | undefined> {
    const { administrators, clock } = this.#parts;
    let admitted: AdministratorRow | undefined;
    await administrators.rows.change(checked.name, (row) => {
      const isSame = row?.isEnabled === true && credentialStamp(row) === credentialStamp(checked);
      // Two who come with the same code at the same time are not both let in.
      if (!isSame || (row.isTotpEnabled && step <= row.totpCounter)) return row;
      admitted = { ...row, totpCounter: step, lastLogonMs: clock.nowMs() };
      return admitted;
    });
    return admitted;
  }
}

function attemptOf({ name, address }: LoginRequest): Attempt {
  const user = name.slice(0, NAME_CHARACTERS_SHOWN).toLowerCase();
  return { user, remoteAddress: address };
}
