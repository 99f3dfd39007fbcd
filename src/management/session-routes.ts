import type { BegunSession } from "../access/entrance.ts";
import type { Identified, OwnSession, Presented } from "../access/identification.ts";
import type { LoginProblem, LoginRequest } from "../access/login.ts";
import { findForeignOrigin } from "../access/request-origin.ts";
import { NO_SESSION_COOKIE } from "../access/session-cookie.ts";
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { KiB, SECOND } from "../base/units.ts";
import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";
import { mayRun } from "../cmdlet/execute.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { begunAnswer, type SessionForm } from "./begun-session.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { type BodySource, type JsonObject, readJsonBody } from "./request-body.ts";

/** What an authenticator signs is longer than any password. */
const LOGIN_BYTES_MAX = 16 * KiB;

/** What lets clients in over the network. */
export interface AccessControl {
  /** Who sends a request. */
  readonly identify: (presented: Presented) => Identified;
  /** Rejects with StoreFailure. */
  readonly logIn: (request: LoginRequest) => Promise<Result<BegunSession, LoginProblem>>;
  /** Ends the session of a token, or the one of that id. */
  readonly endSession: (of: { readonly token: string } | { readonly id: string }) => void;
}

/** A request to come in. */
export interface LoginAttempt {
  readonly request: BodySource;
  readonly address: string;
  /** Whether a browser can have sent it. */
  readonly cookies: Presented["cookies"];
}

/** A body that has been read, and how the client wants its session. */
interface SignInBody {
  /** Without `cookie`. */
  readonly fields: JsonObject;
  readonly form: SessionForm;
}

/** Reads a request to come in, whatever the way; a fault is what to answer. */
export async function readSignIn({
  request,
  cookies,
}: LoginAttempt): Promise<Result<SignInBody, Answer>> {
  // Nobody is logged in, by a page that he happens to look at, as somebody else.
  const foreign = findForeignOrigin({ method: "POST", headers: request.headers });
  if (foreign !== undefined) {
    return fault(errorAnswer(403, { code: "forbidden", message: foreign }));
  }
  const body = await readJsonBody(request, { bytesMax: LOGIN_BYTES_MAX });
  if (!body.ok) return body;
  const { cookie = false, ...fields } = body.value.value;
  if (typeof cookie !== "boolean") return fault(badRequest('"cookie" must be true or false'));
  if (cookie && cookies === "ignored") {
    return fault(badRequest("over the Unix socket there are no cookies; root needs no session"));
  }
  return ok({ fields, form: cookie ? "cookie" : "bearer" });
}

/** The header User-Agent; "" without one. */
export function browserOf({ headers }: Pick<BodySource, "headers">): string {
  return headers["user-agent"] ?? "";
}

/** `POST /api/v1/login`: a session for name, password and code. */
export async function answerLogin(
  { access, clock }: { readonly access: AccessControl; readonly clock: Clock },
  attempt: LoginAttempt,
): Promise<Answer> {
  const read = await readSignIn(attempt);
  if (!read.ok) return read.fault;
  const { name, password, totp = "", ...others } = read.value.fields;
  const isComplete = typeof name === "string" && typeof password === "string";
  if (!isComplete || typeof totp !== "string" || Object.keys(others).length > 0) {
    return badRequest(
      'send {"name": …, "password": …}, "totp" with the code of the second factor, and ' +
        '"cookie": true for a session by cookie',
    );
  }
  const { address, request } = attempt;
  const from = { address, browser: browserOf(request) };
  const login = await access.logIn({ name, password, code: totp, ...from });
  if (!login.ok) return loginProblem(login.fault, clock.nowMs());
  return begunAnswer(access, { begun: login.value, form: read.value.form, request });
}

/** `POST /api/v1/logout`: the session ends. */
export function answerLogout(access: AccessControl, session: OwnSession | undefined): Answer {
  if (session !== undefined) {
    access.endSession(session);
    const answer = jsonAnswer(200, {});
    const isByCookie = session.csrfToken !== undefined;
    return isByCookie ? { ...answer, headers: { "set-cookie": NO_SESSION_COOKIE } } : answer;
  }
  return badRequest("only a session can be ended so; a token is removed with Remove-ApiToken");
}

/** `GET /api/v1/session`: who one is here, and what one may run. */
export function answerSession(
  table: CmdletTable<never>,
  { caller, session }: { readonly caller: Caller; readonly session?: OwnSession | undefined },
): Answer {
  const { name, roleGroups, via } = caller;
  const cmdlets = table.all.filter((cmdlet) => mayRun(cmdlet, caller)).map((one) => one.name);
  const { csrfToken } = session ?? {};
  return jsonAnswer(200, { name, via, roleGroups, cmdlets, ...(csrfToken && { csrfToken }) });
}

/** What is answered to those who were not let in. */
export function loginProblem(problem: LoginProblem, nowMs: number): Answer {
  switch (problem.kind) {
    case "wrong":
      return errorAnswer(401, {
        code: "unauthorized",
        message: "name, password or code is wrong, or the administrator is not enabled",
      });
    case "held": {
      const seconds = Math.max(1, Math.ceil((problem.untilMs - nowMs) / SECOND));
      const message = `too many failures; try again in ${seconds} seconds`;
      const answer = errorAnswer(429, { code: "too-many-requests", message });
      return { ...answer, headers: { "retry-after": String(seconds) } };
    }
    case "busy":
      return errorAnswer(503, {
        code: "unavailable",
        message: "too many are logging in at this moment; try again in a few seconds",
      });
    default:
      return unreachable(problem);
  }
}

/** A request that is not as it should be. */
export function badRequest(message: string): Answer {
  return errorAnswer(400, { code: "bad-request", message });
}
