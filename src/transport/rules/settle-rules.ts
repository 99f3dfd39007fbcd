import { type Evaluation, type EvaluationOptions, evaluateRules } from "./evaluate-rules.ts";
import type { MessageFacts } from "./message-facts.ts";
import type { RuleSet } from "./rule-set.ts";

/** Rounds of finding things out; header, directory, then body are three. */
const ROUNDS_MAX = 20;

/** What rules say once everything is known that they ask for. */
export type SettledEvaluation =
  | Exclude<Evaluation, { readonly kind: "unknown" }>
  /** Something cannot be found out just now. */
  | { readonly kind: "later" };

/** Asks the rules without waiting; `undefined`: something has to be found out first. */
export function settleAtOnce(
  rules: RuleSet,
  facts: MessageFacts,
  options: EvaluationOptions = {},
): SettledEvaluation | undefined {
  const evaluation = evaluateRules(rules, facts, options);
  return evaluation.kind === "unknown" ? undefined : evaluation;
}

/** Asks the rules, finding out what they need. Rejects with StoreFailure. */
export async function settleRules(
  rules: RuleSet,
  facts: MessageFacts,
  options: EvaluationOptions = {},
): Promise<SettledEvaluation> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const evaluation = evaluateRules(rules, facts, options);
    const isComplete = options.observe === undefined || !facts.isWanting;
    if (evaluation.kind !== "unknown" && isComplete) return evaluation;
    await facts.load();
    if (facts.isPostponed) return { kind: "later" };
  }
  throw new Error("rules ask for more and more");
}
