import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { getMailTrafficReport } from "./mail-traffic-report.ts";
import { getMailTrafficTopReport } from "./mail-traffic-top-report.ts";
import type { FigureServices } from "./services.ts";
import { getTransportOverview } from "./transport-overview.ts";

/** The cmdlets of this room. */
export const FIGURE_CMDLETS: readonly Cmdlet<FigureServices>[] = [
  getMailTrafficReport,
  getMailTrafficTopReport,
  getTransportOverview,
];
