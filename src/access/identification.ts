import type { Caller } from "../cmdlet/role-group.ts";
import { type Administrators, isInForce, knownRoleGroups } from "./administrators.ts";
import type { ApiTokens } from "./api-tokens.ts";
import { type BrowserRequest, findForeignOrigin, isSafeMethod } from "./request-origin.ts";
import { csrfTokenOf, isSameSecret, readSessionCookie } from "./session-cookie.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What tells who a client is. */
export interface IdentificationParts {
  readonly administrators: Administrators;
  readonly tokens: ApiTokens;
  readonly sessions: Sessions;
}

/** Of a request, what says who sends it. */
export interface Presented extends BrowserRequest {
  readonly address: string;
  /** Over the Unix socket there are no browsers, and so no cookies. */
  readonly cookies: "taken" | "ignored";
}

/** Who has sent a request. */
export type Identified =
  | {
      readonly kind: "known";
      readonly caller: Caller;
      /** Identified by a session. */
      readonly session?: OwnSession;
    }
  | { readonly kind: "stranger" }
  /** A browser sends it with a session's cookie, but not for a page of this server. */
  | { readonly kind: "refused"; readonly message: string };

/** The session that a request belongs to. */
export interface OwnSession {
  readonly id: string;
  /** What the page needs for whatever changes something; absent without a cookie. */
  readonly csrfToken?: string;
}

const BEARER = /^Bearer +(p[st]_[\w-]{20,100})$/i;

/** Who has sent a request (RFC 6750 §2.1). The Authorization header goes before the cookie. */
export function identify(parts: IdentificationParts, presented: Presented): Identified {
  const { address, headers } = presented;
  if (headers.authorization === undefined && presented.cookies === "taken") {
    return identifyByCookie(parts, presented);
  }
  const token = bearerToken(headers.authorization);
  if (token === undefined) return STRANGER;
  if (token.startsWith("ps_")) return identifyBySession(parts, { token, presented });
  const row = parts.tokens.use(token, address);
  if (row === undefined) return STRANGER;
  const caller: Caller = {
    name: `token ${row.name} (${row.createdBy})`,
    roleGroups: knownRoleGroups(row.roleGroups),
    via: "token",
    address,
    ...(row.cmdlets !== undefined && { cmdlets: row.cmdlets }),
  };
  return { kind: "known", caller };
}

const STRANGER: Identified = { kind: "stranger" };

/** A browser sends the cookie with whatever any page asks of this server: more must be shown. */
function identifyByCookie(parts: IdentificationParts, presented: Presented): Identified {
  const { method, headers } = presented;
  const token = readSessionCookie(headers.cookie);
  if (token === undefined) return STRANGER;
  const foreign = findForeignOrigin(presented);
  if (foreign !== undefined) return { kind: "refused", message: foreign };
  const identified = identifyBySession(parts, { token, presented });
  if (identified.kind !== "known" || identified.session === undefined) return identified;
  const csrfToken = csrfTokenOf(token);
  const shown = headers["x-csrf-token"];
  if (!isSafeMethod(method) && !(typeof shown === "string" && isSameSecret(shown, csrfToken))) {
    const message =
      "a request with a cookie needs the header X-CSRF-Token with the session's token, " +
      "which GET /api/v1/session answers; reload the page";
    return { kind: "refused", message };
  }
  return { ...identified, session: { ...identified.session, csrfToken } };
}

/** The session of a token, unless it is over; `how` says whether asking is using it. */
export function findSession(
  { sessions, administrators }: Pick<IdentificationParts, "sessions" | "administrators">,
  token: string,
  how: "use" | "look" = "use",
): Session | undefined {
  const session = how === "use" ? sessions.use(token) : sessions.find(token);
  if (session === undefined) return undefined;
  const row = administrators.rows.find(session.name);
  if (row !== undefined && isInForce(row, session)) return session;
  sessions.end(({ id }) => id === session.id);
  return undefined;
}

function bearerToken(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? "")?.[1];
}

/**
 * A page that nobody looks at asks for news all the same, and says so: that does not keep its
 * session open. Streams of events can send no header of their own, but are told by what they take.
 */
function isBackground({ headers }: BrowserRequest): boolean {
  if (headers["x-background"] !== undefined) return true;
  return (headers.accept ?? "").startsWith("text/event-stream");
}

function identifyBySession(
  parts: IdentificationParts,
  { token, presented }: { readonly token: string; readonly presented: Presented },
): Identified {
  const session = findSession(parts, token, isBackground(presented) ? "look" : "use");
  const row = session && parts.administrators.rows.find(session.name);
  if (session === undefined || row === undefined) return STRANGER;
  // Groups as they are now: who has lost one does not keep it until he logs out.
  const roleGroups = knownRoleGroups(row.roleGroups);
  const { address } = presented;
  const caller: Caller = { name: row.name, roleGroups, via: "session", address };
  return { kind: "known", caller, session: { id: session.id } };
}
