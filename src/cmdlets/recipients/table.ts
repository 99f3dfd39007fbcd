import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { RecipientServices } from "./services.ts";

/** The cmdlets of this room. */
export const RECIPIENT_CMDLETS: readonly Cmdlet<RecipientServices>[] = [];
