import type { PasskeyProblem, PasskeySite } from "../access/passkeys.ts";
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Result } from "../base/result.ts";
import { sourceOf } from "../net/client-address.ts";
import {
  type AccountAction,
  type AccountParts,
  type AtAccount,
  confirmPassword,
  readTexts,
  renewedAnswer,
  runForSelf,
} from "./account-action.ts";
import { begunAnswer } from "./begun-session.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import {
  type AccessControl,
  badRequest,
  browserOf,
  type LoginAttempt,
  readSignIn,
} from "./session-routes.ts";
import type { SignInDesk } from "./sign-in-desk.ts";
import { SourceLimit } from "./source-limit.ts";

/** A page asks when it is opened, and for each try. */
const TRIES = { burst: 30, perSecond: 0.5 };

/** What answers `POST /api/v1/passkey/options` and `POST /api/v1/passkey`: who signs in so. */
export function createPasskeyRoutes(parts: {
  readonly access: AccessControl;
  readonly desk: SignInDesk;
  readonly clock: Clock;
}) {
  const { access, desk } = parts;
  const limit = new SourceLimit(parts.clock, TRIES);
  return {
    async options(attempt: LoginAttempt): Promise<Answer> {
      if (!limit.take(sourceOf(attempt.address))) return TOO_MANY;
      const read = await readSignIn(attempt);
      if (!read.ok) return read.fault;
      const site = siteOf(desk, attempt.request.headers.host);
      return site.ok ? jsonAnswer(200, await desk.passkeys.beginSignIn(site.value)) : site.fault;
    },
    async signIn(attempt: LoginAttempt): Promise<Answer> {
      const { address, request } = attempt;
      if (!limit.take(sourceOf(address))) return TOO_MANY;
      const read = await readSignIn(attempt);
      if (!read.ok) return read.fault;
      const { response, ...others } = read.value.fields;
      if (Object.keys(others).length > 0) return badRequest('send {"response": …}');
      const site = siteOf(desk, request.headers.host);
      if (!site.ok) return site.fault;
      const shown = await desk.passkeys.signIn({ site: site.value, response });
      const how = { address, browser: browserOf(request), way: "Passkey" } as const;
      if (!shown.ok) {
        desk.refuse({ ...how, name: shown.fault.name, why: shown.fault.kind });
        return UNKNOWN;
      }
      const { row, id } = shown.value;
      const begun = await desk.admit(row.name, { ...how, passkey: id });
      if (begun === undefined) return UNKNOWN;
      return begunAnswer(access, { begun, form: read.value.form, request });
    },
  };
}

const UNKNOWN = errorAnswer(401, {
  code: "unauthorized",
  message:
    "this passkey is not known here, or was not confirmed in time; try again, or sign in with " +
    "your password",
});
const TOO_MANY = errorAnswer(429, {
  code: "too-many-requests",
  message: "too many tries; try again in a minute",
});

/** What an administrator does with his own passkeys, below `/api/v1/account`. */
export const PASSKEY_ACTIONS: Readonly<Record<string, AccountAction>> = {
  "POST /passkeys/options": beginRegistration,
  "POST /passkeys": register,
  "POST /passkeys/rename": rename,
  "POST /passkeys/remove": remove,
};

async function beginRegistration(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["current"]);
  if (!read.ok) return read.fault;
  const site = siteOf(parts.desk, at.known.request.headers.host);
  if (!site.ok) return site.fault;
  // Whoever finds a browser open would otherwise have a way in for good.
  const refusal = await confirmPassword(parts, { at, password: read.value.current });
  if (refusal !== undefined) return refusal;
  const options = await parts.desk.passkeys.beginRegistration(at.row, site.value);
  return options.ok ? jsonAnswer(200, options.value) : problemAnswer(options.fault);
}

async function register(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const { name, response, ...others } = at.fields;
  if (typeof name !== "string" || Object.keys(others).length > 0) {
    return badRequest('send {"name": …, "response": …}');
  }
  const site = siteOf(parts.desk, at.known.request.headers.host);
  if (!site.ok) return site.fault;
  const { address } = at.known.caller;
  const made = { site: site.value, response, name, address };
  const done = await parts.desk.passkeys.register(at.row, made);
  if (!done.ok) return problemAnswer(done.fault);
  return jsonAnswer(200, { id: done.value.id, name: done.value.name });
}

async function rename(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["id", "name"]);
  if (!read.ok) return read.fault;
  const { address } = at.known.caller;
  const isDone = await parts.desk.passkeys.rename(at.row, { ...read.value, address });
  return isDone ? jsonAnswer(200, {}) : NOT_HIS;
}

/** Only one of his own: others' are for Remove-AdministratorPasskey. */
async function remove(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["id"]);
  if (!read.ok) return read.fault;
  const { id } = read.value;
  if (!at.row.passkeys.some((one) => one.id === id)) return NOT_HIS;
  const parameters = { Identity: id };
  const done = await runForSelf(parts, at, { cmdlet: "Remove-AdministratorPasskey", parameters });
  if (!done.ok) return done.fault;
  // What began with it is over, but he who has taken it away is still himself.
  return at.session.passkey === id ? renewedAnswer(parts, at) : jsonAnswer(200, {});
}

const NOT_HIS = errorAnswer(404, {
  code: "not-found",
  message: "there is no such passkey; it may have been removed already",
});

function siteOf(desk: SignInDesk, host: string | undefined): Result<PasskeySite, Answer> {
  const site = desk.passkeys.siteOf(host ?? "");
  return site.ok ? site : { ok: false, fault: problemAnswer(site.fault) };
}

function problemAnswer(problem: PasskeyProblem): Answer {
  switch (problem.kind) {
    case "host":
      return errorAnswer(409, { code: "not-allowed-now", message: problem.message });
    case "too-many":
      return errorAnswer(409, {
        code: "conflict",
        message: "there are as many passkeys as there may be; remove one first",
      });
    case "refused":
      return errorAnswer(400, {
        code: "bad-request",
        message: "the passkey could not be checked, or was not confirmed in time; try again",
      });
    default:
      return unreachable(problem);
  }
}
