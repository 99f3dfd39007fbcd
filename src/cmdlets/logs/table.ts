import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { LogServices } from "./services.ts";

/** The cmdlets of this room. */
export const LOG_CMDLETS: readonly Cmdlet<LogServices>[] = [];
