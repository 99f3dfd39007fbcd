import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { ServerServices } from "./services.ts";

/** The cmdlets of this room. */
export const SERVER_CMDLETS: readonly Cmdlet<ServerServices>[] = [];
