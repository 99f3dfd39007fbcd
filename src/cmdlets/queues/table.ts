import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { QueueServices } from "./services.ts";

/** The cmdlets of this room. */
export const QUEUE_CMDLETS: readonly Cmdlet<QueueServices>[] = [];
