import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { MetricsSnapshot } from "../base/metrics.ts";
import type { TrackingServices } from "../cmdlets/logs/tracking-services.ts";
import type { DnsServer } from "../dns/transport.ts";
import type { CmdletServices } from "../management/all-cmdlets.ts";
import type { AccessHost } from "./access-host.ts";
import type { CertificateKeeper } from "./certificate-keeper.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { ComponentKeeper } from "./component-keeper.ts";
import type { LogHost } from "./log-host.ts";
import type { OrganizationKeeper } from "./organization-keeper.ts";
import type { PressureMonitor } from "./pressure-monitor.ts";
import type { QueueHost } from "./queue-services.ts";
import { createServerServices } from "./server-services.ts";
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
  readonly logs: LogHost;
  readonly components: ComponentKeeper;
  readonly clockWatch: ClockWatch;
  readonly ownMetrics: () => MetricsSnapshot;
  readonly nameServers: readonly DnsServer[];
  readonly tracking: TrackingServices["tracking"];
  readonly queues: QueueHost;
  /** Stops the server and starts it again in this process. */
  readonly restart: () => void;
}

/** Joins what the cmdlets ask for with what the server is made of. */
export function createCmdletServices(parts: CmdletServiceParts): CmdletServices {
  return {
    organization: parts.keeper.editor,
    access: parts.access.services,
    tracking: parts.tracking,
    queues: parts.queues.desk,
    ...createServerServices(parts),
  };
}
