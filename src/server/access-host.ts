import { Account } from "../access/account.ts";
import { openAdministrators } from "../access/administrators.ts";
import { ApiTokens } from "../access/api-tokens.ts";
import { AuditLog } from "../access/audit-log.ts";
import { Entrance } from "../access/entrance.ts";
import { identify } from "../access/identification.ts";
import { Login } from "../access/login.ts";
import { OpenIdSignIn } from "../access/open-id-sign-in.ts";
import { Passkeys } from "../access/passkeys.ts";
import { Sessions } from "../access/sessions.ts";
import { SetupLink } from "../access/setup-link.ts";
import { createKeySets } from "../authentication/key-sets.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { AuditScan } from "../cmdlets/access/audit-search.ts";
import type { AccessServices } from "../cmdlets/access/services.ts";
import { ALL_CMDLETS } from "../management/all-cmdlets.ts";
import type { AccessControl } from "../management/session-routes.ts";
import type { SignInDesk } from "../management/sign-in-desk.ts";
import { httpsExchange } from "../net/https-exchange.ts";
import type { Organization } from "../org/organization.ts";
import type { AccessStore } from "../store/access-store.ts";

/** What access is made of. */
export interface AccessHostParts {
  readonly store: AccessStore;
  /** Looks through the audit log beside the store. */
  readonly scanAudit: AuditScan;
  readonly secrets: SecretBox;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** As it is now. */
  readonly organization: () => Organization;
}

/** Who may come in, and what is known of what they did; all of it in the main thread. */
export interface AccessHost {
  readonly control: AccessControl;
  readonly services: AccessServices["access"];
  readonly auditLog: AuditLog;
  readonly desk: SignInDesk;
  /** A new link for the first administrator. */
  readonly setup: SetupLink;
}

/** Reads administrators and tokens, begins to prune the audit log. Rejects with StoreFailure. */
export async function openAccessHost(parts: AccessHostParts): Promise<AccessHost> {
  const { store, secrets, dataDirectory, clock, diagnostics, organization } = parts;
  const administrators = await openAdministrators(store, secrets);
  const tokens = await ApiTokens.open(store, { clock, diagnostics });
  const sessions = new Sessions(clock);
  const known = { administrators, tokens, sessions };
  const auditLog = new AuditLog({
    store,
    clock,
    diagnostics,
    ageLimitMs: () => organization().transportConfig.adminAuditLogAgeLimitMs,
  });
  auditLog.start();
  const audit = auditLog.write.bind(auditLog);
  const entrance = new Entrance({ administrators, sessions, clock, diagnostics, audit });
  const login = new Login({ administrators, entrance, clock });
  const setup = new SetupLink({ administrators, clock });
  return {
    setup,
    desk: {
      account: new Account({ administrators, sessions }),
      setup,
      confirm: (request) => login.confirm(request),
      async admit(name, how) {
        const row = administrators.rows.find(name);
        return row?.isEnabled === true ? entrance.admit(row, how) : undefined;
      },
      passkeys: new Passkeys({
        ...{ administrators, clock, diagnostics, audit },
        serverName: () => organization().server.fqdn,
      }),
      openId: new OpenIdSignIn({
        ...{ administrators, clock, diagnostics, audit },
        settings: () => organization().server.admin.oidc,
        openSecret: (sealed) => secrets.open(sealed),
        get: httpsExchange,
        keySets: createKeySets({ clock, dataDirectory, get: httpsExchange }),
      }),
      refuse: (attempt) => entrance.refuse(attempt),
      serverName: () => organization().server.fqdn,
    },
    control: {
      identify: (presented) => identify(known, presented),
      logIn: (request) => login.logIn(request),
      endSession(of) {
        const ended = "id" in of ? of.id : sessions.find(of.token)?.id;
        sessions.end(({ id }) => id === ended);
      },
    },
    services: {
      ...known,
      scanAudit: parts.scanAudit,
      serverName: () => organization().server.fqdn,
      cmdlets: () => ALL_CMDLETS.all,
    },
    auditLog,
  };
}
