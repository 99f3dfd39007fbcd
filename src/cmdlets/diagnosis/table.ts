import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import type { DiagnosisServices } from "./services.ts";

/** The cmdlets of this room. */
export const DIAGNOSIS_CMDLETS: readonly Cmdlet<DiagnosisServices>[] = [];
