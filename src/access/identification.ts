import type { Caller } from "../cmdlet/role-group.ts";
import { type Administrators, credentialStamp, knownRoleGroups } from "./administrators.ts";
import type { ApiTokens } from "./api-tokens.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What tells who a client is. */
export interface IdentificationParts {
  readonly administrators: Administrators;
  readonly tokens: ApiTokens;
  readonly sessions: Sessions;
}

/** Of a request, what says who sends it. */
export interface Presented {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  readonly address: string;
}

const BEARER = /^Bearer +(p[st]_[\w-]{20,100})$/i;

/** Who has sent a request; `undefined`: nobody that is known here (RFC 6750 §2.1). */
export function identify(parts: IdentificationParts, presented: Presented): Caller | undefined {
  const token = bearerToken(presented.authorization);
  if (token === undefined) return undefined;
  const { address } = presented;
  if (token.startsWith("ps_")) return callerOfSession(parts, { token, address });
  const row = parts.tokens.use(token, address);
  if (row === undefined) return undefined;
  return {
    name: `token ${row.name} (${row.createdBy})`,
    roleGroups: knownRoleGroups(row.roleGroups),
    via: "token",
    address,
    ...(row.cmdlets !== undefined && { cmdlets: row.cmdlets }),
  };
}

/** The session of a request, unless it is over. */
export function findSession(
  { sessions, administrators }: Pick<IdentificationParts, "sessions" | "administrators">,
  token: string,
): Session | undefined {
  const session = sessions.use(token);
  if (session === undefined) return undefined;
  const row = administrators.rows.find(session.name);
  if (row?.isEnabled === true && credentialStamp(row) === session.stamp) return session;
  sessions.end(({ id }) => id === session.id);
  return undefined;
}

/** The token of an Authorization header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? "")?.[1];
}

function callerOfSession(
  parts: IdentificationParts,
  { token, address }: { readonly token: string; readonly address: string },
): Caller | undefined {
  const session = findSession(parts, token);
  const row = session && parts.administrators.rows.find(session.name);
  if (row === undefined) return undefined;
  // Groups as they are now: who has lost one does not keep it until he logs out.
  const roleGroups = knownRoleGroups(row.roleGroups);
  return { name: row.name, roleGroups, via: "session", address };
}
