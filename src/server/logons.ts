import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Authenticator } from "../authentication/authenticator.ts";
import { openFailureCounts } from "../authentication/failure-counts.ts";
import { createKeySets } from "../authentication/key-sets.ts";
import { createAuthenticator } from "../authentication/mailbox-authenticator.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { GssapiProcess } from "../gssapi/acceptor.ts";
import { httpsExchange } from "../net/https-exchange.ts";
import { createCredentialDirectory } from "../org/credential-directory.ts";
import type { Organization } from "../org/organization.ts";
import type { OrganizationStore } from "../store/organization-store.ts";

/** Logging on, in one transport thread. */
export interface Logons {
  readonly authenticator: Authenticator;
  /** Ends the process that speaks Kerberos, if there is one. */
  close(): void;
}

/** What logging on needs. */
export interface LogonParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
  readonly store: Pick<OrganizationStore, "findRecipients">;
  readonly secrets: SecretBox;
  readonly dataDirectory: string;
  readonly organization: () => Organization;
  /** Failed logons of all threads. */
  readonly failures: SharedArrayBuffer;
}

/** Joins credentials, tokens' keys, Kerberos and the memory of failures. */
export function openLogons(parts: LogonParts): Logons {
  const { clock, diagnostics, dataDirectory, organization } = parts;
  const keytab = resolve(dataDirectory, organization().server.keytab);
  const gssapi = existsSync(keytab) ? new GssapiProcess({ keytab, clock, diagnostics }) : undefined;
  const authenticator = createAuthenticator({
    clock,
    diagnostics,
    count: parts.count,
    organization,
    credentials: createCredentialDirectory(parts.store),
    secrets: parts.secrets,
    failures: openFailureCounts(parts.failures),
    keySets: createKeySets({ clock, dataDirectory, get: httpsExchange }),
    gssapi,
  });
  return { authenticator, close: () => gssapi?.close() };
}
