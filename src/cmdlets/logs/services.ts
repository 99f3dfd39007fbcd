import type { LogSearchServices } from "./log-services.ts";
import type { TrackingServices } from "./tracking-services.ts";

/** What the cmdlets of this room ask the server for. */
export interface LogServices extends TrackingServices, LogSearchServices {}
