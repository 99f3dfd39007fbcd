import type { OutputOf } from "../../api/run-cmdlet.ts";

/** A sentence of a message's story. */
export type Sentence = OutputOf<"Get-MessageTraceDetail">;
