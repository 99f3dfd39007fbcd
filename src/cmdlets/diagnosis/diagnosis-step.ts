import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { defaultedParameter } from "../../cmdlet/parameter.ts";
import { type Step, VERDICTS } from "../../diagnosis/step.ts";
import { formatSpan, span } from "../../org/settings/setting-types.ts";

/** A step of an explanation or a test; steps come in the order in which they follow. */
export const DIAGNOSIS_STEP = {
  name: "DiagnosisStep",
  properties: {
    Step: { kind: "text", doc: "What was decided, tried or has happened." },
    Depth: {
      kind: "number",
      doc: "0 is the trunk of the tree; a step explains the nearest one before it of less depth.",
    },
    Verdict: { kind: "choice", doc: "Whether that is well.", choices: VERDICTS },
    Decision: { kind: "text", doc: "What came of it." },
    Why: { kind: "text", doc: "The reason." },
    Source: { kind: "text", doc: "The setting, record or document that decides it." },
    Cure: { kind: "text", doc: "What to do about it." },
    Date: { kind: "date", doc: "When it happened." },
    ElapsedTime: { kind: "span", doc: "How long it took." },
  },
  table: ["Step", "Verdict", "Decision", "Why", "Source"],
  tree: {
    depth: "Depth",
    mark: "Verdict",
    title: ["Date", "Step", "Decision", "ElapsedTime"],
    details: ["Why", "Source", "Cure"],
  },
} as const satisfies OutputType;

/** As it is put out. */
export function stepOutput(one: Step): OutputOf<typeof DIAGNOSIS_STEP> {
  return {
    Step: one.name,
    Depth: one.depth,
    Verdict: one.verdict,
    Decision: one.decision === "" ? null : one.decision,
    Why: one.why === "" ? null : one.why,
    Source: one.source === "" ? null : one.source,
    Cure: one.cure === "" ? null : one.cure,
    Date: one.atMs === undefined ? null : new Date(one.atMs).toISOString(),
    ElapsedTime: one.elapsedMs === undefined ? null : formatElapsed(one.elapsedMs),
  };
}

/** A measured time, to the millisecond. */
export function formatElapsed(elapsedMs: number): string {
  return formatSpan(Math.max(0, Math.round(elapsedMs)));
}

/** How long a test may take in all. */
export function timeoutParameter(initial: string) {
  const limits = { min: 1000, max: 1_800_000 };
  return defaultedParameter(span(limits), initial, "How long it may take in all.");
}
