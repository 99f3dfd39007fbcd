import type { FilterScope } from "../../org/connection-filter-settings.ts";
import type { AgentSession } from "../agents/receive-agent.ts";

/** What tells whether a filter is about a session's mail. */
export type ScopedSession = Pick<AgentSession, "isAuthenticated" | "rights" | "findings">;

/**
 * Whether mail of the session is looked at for spam at all: not that of gateways and devices which
 * may relay or bypass it (reference §9.1).
 */
function isSuspect({ rights }: Pick<ScopedSession, "rights">): boolean {
  return (
    !rights.has("ms-Exch-Bypass-Anti-Spam") && !rights.has("ms-Exch-SMTP-Accept-Any-Recipient")
  );
}

/**
 * Whether a filter with these settings looks at mail of the session as it stands now; never at that
 * of clients that have been found welcome (reference §9.2).
 */
export function isInScope(scope: FilterScope, session: ScopedSession): boolean {
  if (!scope.enabled || session.findings.isAllowed === true || !isSuspect(session)) return false;
  return session.isAuthenticated ? scope.internalMailEnabled : scope.externalMailEnabled;
}

/**
 * Whether a filter may come to look at mail of a session that begins so: a stranger's, or one that
 * a logon makes internal.
 */
export function mayBeInScope(
  scope: FilterScope,
  session: Omit<ScopedSession, "findings">,
): boolean {
  if (!scope.enabled || !isSuspect(session)) return false;
  return scope.internalMailEnabled || (!session.isAuthenticated && scope.externalMailEnabled);
}
