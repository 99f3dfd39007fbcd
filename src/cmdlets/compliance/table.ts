import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { RESUBMIT_CMDLETS } from "./resubmit-request.ts";
import type { ComplianceServices } from "./services.ts";

/** The cmdlets of this room. */
export const COMPLIANCE_CMDLETS: readonly Cmdlet<ComplianceServices>[] = [...RESUBMIT_CMDLETS];
