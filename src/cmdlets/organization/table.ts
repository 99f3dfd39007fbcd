import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { OrganizationServices } from "./services.ts";

/** The cmdlets of this room. */
export const ORGANIZATION_CMDLETS: readonly Cmdlet<OrganizationServices>[] = [];
