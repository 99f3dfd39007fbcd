import type { OutputOf } from "../../api/run-cmdlet.ts";

/** A message in quarantine. */
export type Kept = OutputOf<"Get-QuarantineMessage">;
