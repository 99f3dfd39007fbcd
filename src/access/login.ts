import { type BackOff, type BackOffRule, heldUntilMs } from "../authentication/back-off.ts";
import {
  createFailureMemory,
  type FailureCounts,
  openFailureCounts,
} from "../authentication/failure-counts.ts";
import {
  type Attempt,
  createLogonGuard,
  type LogonGuard,
  networkOf,
} from "../authentication/logon-guard.ts";
import { WorkLine } from "../authentication/work-line.ts";
import { unreachable } from "../base/assert.ts";
import { type Clock, delay } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { HOUR, SECOND } from "../base/units.ts";
import { findPassword } from "../org/password.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { type Administrators, credentialStamp } from "./administrators.ts";
import type { BegunSession, Entrance, Newcomer } from "./entrance.ts";
import { digestRecoveryCode } from "./recovery-codes.ts";
import type { SignInWay } from "./sessions.ts";
import { findTotpStep, makeTotpSecret } from "./totp.ts";

/** What somebody logs in with. */
export interface LoginRequest extends Newcomer {
  readonly name: string;
  readonly password: string;
  /** Of the authenticator, or a recovery code; "" when there is none. */
  readonly code: string;
}

/** Why nobody was let in. What of the three was wrong is told to nobody but the logs. */
export type LoginProblem =
  | { readonly kind: "wrong"; readonly told?: "wrong-code" | "codes-guessed" }
  | { readonly kind: "held"; readonly untilMs: number }
  | { readonly kind: "busy" };

/** What checking passwords needs. */
export interface LoginParts {
  readonly administrators: Administrators;
  readonly entrance: Entrance;
  readonly clock: Clock;
  /** For tests; the real one takes 40 ms. */
  readonly findPassword?: typeof findPassword;
}

/** Calculations at one time, and those that may wait for them (a few seconds' worth). */
const CALCULATIONS = { atOnce: 2, waitingMax: 40 };
const OWN_CALCULATIONS = { atOnce: 1, waitingMax: 10 };
/** Longest password that is looked at; what is longer is nobody's. */
export const PASSWORD_CHARACTERS_MAX = 256;
const NAME_CHARACTERS_SHOWN = 64;
/**
 * Wrong codes behind the right password, from wherever they come: a million codes are soon tried
 * from a thousand networks. It does not concern places where its owner has logged in before.
 */
const CODE_RULE: BackOffRule = { failuresMax: 10, firstMs: 30 * SECOND, longestMs: HOUR };

/** Lets administrators in, and holds back those who guess. */
export class Login {
  readonly #parts: LoginParts;
  readonly #find: typeof findPassword;
  readonly #counts: FailureCounts;
  readonly #guard: LogonGuard;
  readonly #line = new WorkLine(CALCULATIONS);
  /** For those who come from where they have been let in before: no stranger is in their way. */
  readonly #ownLine = new WorkLine(OWN_CALCULATIONS);
  /** Codes of those who have no second factor are checked against this one. */
  readonly #nobodysSecret = makeTotpSecret();

  constructor(parts: LoginParts) {
    this.#parts = parts;
    this.#find = parts.findPassword ?? findPassword;
    // Counts of its own: who guesses at mailboxes does not lock administrators out.
    this.#counts = openFailureCounts(createFailureMemory());
    this.#guard = createLogonGuard(this.#counts, () => parts.clock.nowMs());
  }

  /** Begins a session. Rejects with StoreFailure when the logon could not be recorded. */
  async logIn(request: LoginRequest): Promise<Result<BegunSession, LoginProblem>> {
    const { entrance } = this.#parts;
    const checked = await this.#checkInTurn(request, "asked for");
    if (!checked.ok) {
      entrance.refuse({ ...request, way: "Password", why: toldOf(checked.fault) });
      return checked;
    }
    const { row, way } = checked.value;
    const { address, browser } = request;
    return ok(await entrance.admit(row, { address, browser, way }));
  }

  /** Whether somebody who is in knows his password; a wrong one counts as at the door. */
  async confirm(request: Omit<LoginRequest, "code">): Promise<Result<true, LoginProblem>> {
    const checked = await this.#checkInTurn({ ...request, code: "" }, "not asked for");
    if (checked.ok) return ok(true);
    this.#parts.entrance.refuse({ ...request, way: "Password", why: toldOf(checked.fault) });
    return checked;
  }

  async #checkInTurn(
    request: LoginRequest,
    code: "asked for" | "not asked for",
  ): Promise<Result<Checked, LoginProblem>> {
    const verdict = this.#judge(request);
    // Who is held back takes no place in the line from those who are not.
    if (verdict.kind === "held") return fault({ kind: "held", untilMs: verdict.untilMs });
    // Outside the line: who has to wait keeps nobody else from getting in.
    if (verdict.delayMs > 0) await delay(this.#parts.clock, verdict.delayMs);
    const line = this.#guard.isKnownSource(attemptOf(request)) ? this.#ownLine : this.#line;
    const check = () => this.#check(request, code);
    return (await line.run(check, networkOf(request.address))) ?? fault({ kind: "busy" });
  }

  #judge(request: LoginRequest): BackOff {
    return this.#guard.judge(attemptOf(request));
  }

  /** Judged when its turn has come: those before it may have failed meanwhile. */
  async #check(
    request: LoginRequest,
    code: "asked for" | "not asked for",
  ): Promise<Result<Checked, LoginProblem>> {
    const { administrators } = this.#parts;
    const attempt = attemptOf(request);
    const verdict = this.#judge(request);
    if (verdict.kind === "held") return fault({ kind: "held", untilMs: verdict.untilMs });
    // The same work for a name that nobody has, and for one that may not log in.
    const row = administrators.rows.find(request.name);
    const hash = row?.isEnabled === true ? row.passwordHash : "";
    const isLong = request.password.length > PASSWORD_CHARACTERS_MAX;
    const found = await this.#find(isLong ? "" : request.password, [hash]);
    const factor = code === "asked for" ? this.#findFactor(row, request.code) : NO_FACTOR;
    const isRight = row !== undefined && !isLong && found.length === 1;
    const told = isRight ? this.#judgeCode(request, factor) : undefined;
    if (isRight && factor !== undefined && told === undefined) {
      const admitted = await this.#record(row, factor);
      if (admitted !== undefined) {
        this.#guard.succeeded(attempt);
        return ok({ row: admitted, way: factor.way });
      }
    }
    this.#guard.failed(attempt);
    return fault({ kind: "wrong", ...(told && { told }) });
  }

  /**
   * Whether a code behind the right password is one guess of many. Who guesses is not told so: it
   * would tell him that the password is right. A recovery code is nobody's guess.
   */
  #judgeCode(request: LoginRequest, factor: Factor | undefined) {
    if (factor !== undefined && factor.way !== "PasswordAndCode") return undefined;
    const attempt = attemptOf(request);
    const name = `code\0${attempt.user}`;
    const nowMs = this.#parts.clock.nowMs();
    const isHeld = heldUntilMs(this.#counts.read(name, nowMs), CODE_RULE) > nowMs;
    // Who has sent none has not guessed.
    if (factor === undefined && request.code !== "") this.#counts.add(name, nowMs);
    if (isHeld && !this.#guard.isKnownSource(attempt)) return "codes-guessed";
    return factor === undefined ? "wrong-code" : undefined;
  }

  #findFactor(row: AdministratorRow | undefined, code: string): Factor | undefined {
    const { administrators, clock } = this.#parts;
    const hasCode = row?.isTotpEnabled === true;
    const secret = hasCode ? administrators.box.open(row.totpSecret) : undefined;
    const step = findTotpStep({
      secret: secret ?? this.#nobodysSecret,
      code,
      nowMs: clock.nowMs(),
      lastStep: row?.totpCounter ?? 0,
    });
    if (!hasCode) return NO_FACTOR;
    const recovery = digestRecoveryCode(code);
    if (recovery !== undefined) return { way: "PasswordAndRecoveryCode", recovery };
    // A secret that this key does not open lets nobody in.
    if (secret === undefined || step === undefined) return undefined;
    return { way: "PasswordAndCode", step };
  }

  /** Writes that he was here; `undefined` when his credentials have changed meanwhile. */
  async #record(checked: AdministratorRow, factor: Factor): Promise<AdministratorRow | undefined> {
    const { administrators, clock } = this.#parts;
    let admitted: AdministratorRow | undefined;
    await administrators.rows.change(checked.name, (row) => {
      const isSame = row?.isEnabled === true && credentialStamp(row) === credentialStamp(checked);
      // Two who come with the same code at the same time are not both let in.
      const used = isSame ? spendFactor(row, factor) : undefined;
      if (used === undefined) return row;
      admitted = { ...used, lastLogonMs: clock.nowMs() };
      return admitted;
    });
    return admitted;
  }
}

/** Who has got through, and how. */
interface Checked {
  readonly row: AdministratorRow;
  readonly way: SignInWay;
}

/** What somebody has shown besides his password. */
type Factor =
  | { readonly way: "Password" }
  | { readonly way: "PasswordAndCode"; readonly step: number }
  | { readonly way: "PasswordAndRecoveryCode"; readonly recovery: string };

const NO_FACTOR: Factor = { way: "Password" };

/** The row once its factor is used up; `undefined` when it was before. */
function spendFactor(row: AdministratorRow, factor: Factor): AdministratorRow | undefined {
  switch (factor.way) {
    case "Password":
      return row;
    case "PasswordAndCode":
      return factor.step > row.totpCounter ? { ...row, totpCounter: factor.step } : undefined;
    case "PasswordAndRecoveryCode": {
      const left = row.recoveryCodes.filter((digest) => digest !== factor.recovery);
      return left.length < row.recoveryCodes.length ? { ...row, recoveryCodes: left } : undefined;
    }
    default:
      return unreachable(factor);
  }
}

function toldOf(problem: LoginProblem): string {
  return problem.kind === "wrong" && problem.told ? problem.told : problem.kind;
}

function attemptOf({ name, address }: LoginRequest): Attempt {
  const user = name.slice(0, NAME_CHARACTERS_SHOWN).toLowerCase();
  return { user, remoteAddress: address };
}
