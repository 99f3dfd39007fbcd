import type { LoginProblem, LoginRequest } from "../access/login.ts";
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
  /** Who presents this header; `undefined`: nobody known. */
  readonly identify: (presented: {
    readonly authorization: string | undefined;
    readonly address: string;
  }) => Caller | undefined;
  /** Rejects with StoreFailure. */
  readonly logIn: (
    request: LoginRequest,
  ) => Promise<Result<{ readonly token: string; readonly session: Session }, LoginProblem>>;
  /** Ends the session of that header; false: it is of none. */
  readonly logOut: (authorization: string | undefined) => boolean;
}

/** `POST /api/v1/login`: a session for name, password and code. */
export async function answerLogin(
  { access, clock }: { readonly access: AccessControl; readonly clock: Clock },
  { request, address }: { readonly request: BodySource; readonly address: string },
): Promise<Answer> {
  const body = await readJsonBody(request, { bytesMax: LOGIN_BYTES_MAX });
  if (!body.ok) return body.fault;
  const { name, password, totp = "", ...others } = body.value.value;
  const isComplete = typeof name === "string" && typeof password === "string";
  if (!isComplete || typeof totp !== "string" || Object.keys(others).length > 0) {
    const message =
      'send {"name": …, "password": …}, and "totp" with the code of the second factor';
    return errorAnswer(400, { code: "bad-request", message });
  }
  const login = await access.logIn({ name, password, code: totp, address });
  if (!login.ok) return problemAnswer(login.fault, clock.nowMs());
  const { token, session } = login.value;
  return jsonAnswer(200, {
    token,
    name: session.name,
    expires: new Date(session.expiresMs).toISOString(),
    idleTimeout: formatSpan(SESSION_IDLE_MS),
  });
}

/** `POST /api/v1/logout`: the session ends. */
export function answerLogout(access: AccessControl, authorization: string | undefined): Answer {
  if (access.logOut(authorization)) return jsonAnswer(200, {});
  const message = "only a session can be ended so; a token is removed with Remove-ApiToken";
  return errorAnswer(400, { code: "bad-request", message });
}

/** `GET /api/v1/session`: who one is here, and what one may run. */
export function answerSession(table: CmdletTable<never>, caller: Caller): Answer {
  const { name, roleGroups, via } = caller;
  const cmdlets = table.all.filter((cmdlet) => mayRun(cmdlet, caller)).map((one) => one.name);
  return jsonAnswer(200, { name, via, roleGroups, cmdlets });
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
