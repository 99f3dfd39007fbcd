import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import {
  backupPostrider,
  getPostriderBackup,
  restorePostrider,
  testPostriderBackup,
} from "./backup.ts";
import { getServerComponentState, setServerComponentState } from "./component-state.ts";
import { getExchangeServer, getResourceThrottling } from "./exchange-server.ts";
import { getHealthReport, getServerHealth, testServiceHealth } from "./server-health.ts";
import type { ServerServices } from "./services.ts";
import { getTransportAgent, getTransportPipeline } from "./transport-agent.ts";
import {
  disableTransportAgent,
  enableTransportAgent,
  installTransportAgent,
  setTransportAgent,
  uninstallTransportAgent,
} from "./transport-agent-changes.ts";

/** The cmdlets of this room. */
export const SERVER_CMDLETS: readonly Cmdlet<ServerServices>[] = [
  backupPostrider,
  disableTransportAgent,
  enableTransportAgent,
  getExchangeServer,
  getHealthReport,
  getPostriderBackup,
  getResourceThrottling,
  getServerComponentState,
  getServerHealth,
  getTransportAgent,
  getTransportPipeline,
  installTransportAgent,
  restorePostrider,
  setServerComponentState,
  setTransportAgent,
  testPostriderBackup,
  testServiceHealth,
  uninstallTransportAgent,
];
