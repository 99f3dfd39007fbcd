import type { Identified, OwnSession, Presented } from "../access/identification.ts";
import type { LoginProblem, LoginRequest } from "../access/login.ts";
import { findForeignOrigin } from "../access/request-origin.ts";
import {
  csrfTokenOf,
  formatSessionCookie,
  NO_SESSION_COOKIE,
  readSessionCookie,
} from "../access/session-cookie.ts";
import { SESSION_IDLE_MS, type Session } from "../access/sessions.ts";
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Result } from "../base/result.ts";
import { KiB, SECOND } from "../base/units.ts";
import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";
import { mayRun } from "../cmdlet/execute.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { formatSpan } from "../org/settings/setting-types.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { type BodySource, readJsonBody } from "./request-body.ts";

const LOGIN_BYTES_MAX = 4 * KiB;

/** What lets clients in over the network. */
export interface AccessControl {
  /** Who sends a request. */
  readonly identify: (presented: Presented) => Identified;
  /** Rejects with StoreFailure. */
  readonly logIn: (
    request: LoginRequest,
  ) => Promise<Result<{ readonly token: string; readonly session: Session }, LoginProblem>>;
  /** Ends the session of a token, or the one of that id. */
  readonly endSession: (of: { readonly token: string } | { readonly id: string }) => void;
}

/** A request to log in. */
export interface LoginAttempt {
  readonly request: BodySource & { readonly method?: string | undefined };
  readonly address: string;
  /** Whether a browser can have sent it. */
  readonly cookies: Presented["cookies"];
}

/** `POST /api/v1/login`: a session for name, password and code. */
export async function answerLogin(
  { access, clock }: { readonly access: AccessControl; readonly clock: Clock },
  { request, address, cookies }: LoginAttempt,
): Promise<Answer> {
  // Nobody is logged in, by a page that he happens to look at, as somebody else.
  const foreign = findForeignOrigin({ method: "POST", headers: request.headers });
  if (foreign !== undefined) return errorAnswer(403, { code: "forbidden", message: foreign });
  const body = await readJsonBody(request, { bytesMax: LOGIN_BYTES_MAX });
  if (!body.ok) return body.fault;
  const { name, password, totp = "", cookie = false, ...others } = body.value.value;
  const isComplete = typeof name === "string" && typeof password === "string";
  const isKnown = typeof totp === "string" && typeof cookie === "boolean";
  if (!isComplete || !isKnown || Object.keys(others).length > 0) {
    const message =
      'send {"name": …, "password": …}, "totp" with the code of the second factor, and ' +
      '"cookie": true for a session by cookie';
    return errorAnswer(400, { code: "bad-request", message });
  }
  if (cookie && cookies === "ignored") {
    const message = "over the Unix socket there are no cookies; root needs no session there";
    return errorAnswer(400, { code: "bad-request", message });
  }
  const login = await access.logIn({ name, password, code: totp, address });
  if (!login.ok) return problemAnswer(login.fault, clock.nowMs());
  return cookie ? beginCookie(access, { request, ...login.value }) : bearerAnswer(login.value);
}

function bearerAnswer(begun: { readonly token: string; readonly session: Session }): Answer {
  return jsonAnswer(200, { token: begun.token, ...sessionFacts(begun.session) });
}

/** The session that the browser had is ended, whoever gave it to him: there is only the new one. */
function beginCookie(
  access: AccessControl,
  begun: {
    readonly request: Pick<BodySource, "headers">;
    readonly token: string;
    readonly session: Session;
  },
): Answer {
  const before = readSessionCookie(begun.request.headers.cookie);
  if (before !== undefined) access.endSession({ token: before });
  const csrfToken = csrfTokenOf(begun.token);
  const answer = jsonAnswer(200, { csrfToken, ...sessionFacts(begun.session) });
  return { ...answer, headers: { "set-cookie": formatSessionCookie(begun.token) } };
}

function sessionFacts(session: Session) {
  return {
    name: session.name,
    expires: new Date(session.expiresMs).toISOString(),
    idleTimeout: formatSpan(SESSION_IDLE_MS),
  };
}

/** `POST /api/v1/logout`: the session ends. */
export function answerLogout(access: AccessControl, session: OwnSession | undefined): Answer {
  if (session !== undefined) {
    access.endSession(session);
    const answer = jsonAnswer(200, {});
    const isByCookie = session.csrfToken !== undefined;
    return isByCookie ? { ...answer, headers: { "set-cookie": NO_SESSION_COOKIE } } : answer;
  }
  const message = "only a session can be ended so; a token is removed with Remove-ApiToken";
  return errorAnswer(400, { code: "bad-request", message });
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

function problemAnswer(problem: LoginProblem, nowMs: number): Answer {
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
