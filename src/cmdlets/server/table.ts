import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { getServerComponentState, setServerComponentState } from "./component-state.ts";
import { getHealthReport, getServerHealth, testServiceHealth } from "./server-health.ts";
import type { ServerServices } from "./services.ts";

/** The cmdlets of this room. */
export const SERVER_CMDLETS: readonly Cmdlet<ServerServices>[] = [
  getHealthReport,
  getServerComponentState,
  getServerHealth,
  setServerComponentState,
  testServiceHealth,
];
