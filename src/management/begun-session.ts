import type { BegunSession } from "../access/entrance.ts";
import { csrfTokenOf, formatSessionCookie, readSessionCookie } from "../access/session-cookie.ts";
import { SESSION_IDLE_MS } from "../access/sessions.ts";
import { formatSpan } from "../org/settings/setting-types.ts";
import { type Answer, jsonAnswer } from "./http-answer.ts";
import type { BodySource } from "./request-body.ts";

/** How the client is to show its session from now on. */
export type SessionForm = "cookie" | "bearer";

/**
 * Tells a client of the session that has begun for it. The one that a browser had is ended, whoever
 * gave it to him: there is only the new one.
 */
export function begunAnswer(
  access: { readonly endSession: (of: { readonly token: string }) => void },
  how: {
    readonly begun: BegunSession;
    readonly form: SessionForm;
    readonly request: Pick<BodySource, "headers">;
    /** Told besides. */
    readonly more?: object;
  },
): Answer {
  const { token, session } = how.begun;
  const facts = {
    ...how.more,
    name: session.name,
    expires: new Date(session.expiresMs).toISOString(),
    idleTimeout: formatSpan(SESSION_IDLE_MS),
  };
  if (how.form === "bearer") return jsonAnswer(200, { token, ...facts });
  const before = readSessionCookie(how.request.headers.cookie);
  if (before !== undefined) access.endSession({ token: before });
  const answer = jsonAnswer(200, { csrfToken: csrfTokenOf(token), ...facts });
  return { ...answer, headers: { "set-cookie": formatSessionCookie(token) } };
}
