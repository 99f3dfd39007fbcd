import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { AccessServices } from "./services.ts";

/** The cmdlets of this room. */
export const ACCESS_CMDLETS: readonly Cmdlet<AccessServices>[] = [];
