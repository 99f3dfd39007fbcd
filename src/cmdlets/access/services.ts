import type { Administrators } from "../../access/administrators.ts";
import type { ApiTokens } from "../../access/api-tokens.ts";
import type { Sessions } from "../../access/sessions.ts";
import type { CmdletFacts } from "../../cmdlet/cmdlet.ts";
import type { AuditScan } from "./audit-search.ts";

/** What the cmdlets of this room ask the server for. */
export interface AccessServices {
  readonly access: {
    readonly administrators: Administrators;
    readonly tokens: ApiTokens;
    readonly sessions: Sessions;
    readonly scanAudit: AuditScan;
    /** The name of the server, as authenticators and audit entries show it. */
    readonly serverName: () => string;
    /** Every cmdlet there is. */
    readonly cmdlets: () => readonly Pick<CmdletFacts, "name" | "roles" | "effect">[];
  };
}
