import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { CmdletServices } from "../management/all-cmdlets.ts";
import type { AccessHost } from "./access-host.ts";
import type { CertificateKeeper } from "./certificate-keeper.ts";
import type { OrganizationKeeper } from "./organization-keeper.ts";
import type { PressureMonitor } from "./pressure-monitor.ts";
import type { StoreHost } from "./store-host.ts";
import type { Supervisor } from "./supervisor.ts";

/** What the services are made of. */
export interface CmdletServiceParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly dataDirectory: string;
  readonly store: StoreHost;
  readonly keeper: OrganizationKeeper;
  readonly supervisor: Supervisor;
  readonly monitor: PressureMonitor;
  readonly certificates: CertificateKeeper;
  readonly access: AccessHost;
}

/** Joins what the cmdlets ask for with what the server is made of. */
export function createCmdletServices(parts: CmdletServiceParts): CmdletServices {
  return { organization: parts.keeper.editor, access: parts.access.services };
}
