import {
  type Evaluation,
  type EvaluationOptions,
  evaluateRules,
  type RuledCopy,
} from "./evaluate-rules.ts";
import type { MessageFacts } from "./message-facts.ts";
import type { RuleRecipient } from "./rule-facts.ts";
import type { RuleSet } from "./rule-set.ts";

/** Rounds of finding things out; header, directory, then body are three. */
const ROUNDS_MAX = 20;

/** What rules say once everything is known that they ask for. */
export type SettledEvaluation =
  | Exclude<Evaluation, { readonly kind: "unknown" }>
  /** Something cannot be found out just now. */
  | { readonly kind: "later" };

/** Recipients asked about in one turn of the event loop; a group may have 250,000. */
const SHARE_MAX = 1000;

/** Asks the rules without waiting; `undefined`: something has to be found out first. */
export function settleAtOnce(
  rules: RuleSet,
  facts: MessageFacts,
  options: EvaluationOptions = {},
): SettledEvaluation | undefined {
  if (facts.recipients.length > SHARE_MAX) return undefined;
  const evaluation = evaluateRules(rules, facts, options);
  return evaluation.kind === "unknown" ? undefined : evaluation;
}

/**
 * Asks the rules, finding out what they need; other work goes on between shares of many recipients.
 * Rejects with StoreFailure.
 */
export async function settleRules(
  rules: RuleSet,
  facts: MessageFacts,
  options: EvaluationOptions = {},
): Promise<SettledEvaluation> {
  const copies: RuledCopy[] = [];
  for (let at = 0; at < facts.recipients.length; at += SHARE_MAX) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    const recipients = facts.recipients.slice(at, at + SHARE_MAX);
    const settled = await settleShare(rules, facts, { ...options, recipients });
    if (settled.kind !== "judged") return settled;
    copies.push(...settled.copies);
  }
  return { kind: "judged", copies: joinCopies(copies) };
}

async function settleShare(
  rules: RuleSet,
  facts: MessageFacts,
  options: EvaluationOptions,
): Promise<SettledEvaluation> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const evaluation = evaluateRules(rules, facts, options);
    if (evaluation.kind !== "unknown") return evaluation;
    await facts.load();
    if (facts.isPostponed) return { kind: "later" };
  }
  throw new Error("rules ask for more and more");
}

/** The same rules make the same copy, whichever share its recipients were in. */
function joinCopies(copies: readonly RuledCopy[]): readonly RuledCopy[] {
  const joined = new Map<string, { readonly copy: RuledCopy; recipients: RuleRecipient[] }>();
  for (const copy of copies) {
    const key = copy.matches.map(({ priority }) => priority).join();
    const known = joined.get(key);
    if (known === undefined) joined.set(key, { copy, recipients: [...copy.recipients] });
    else for (const recipient of copy.recipients) known.recipients.push(recipient);
  }
  return [...joined.values()].map(({ copy, recipients }) => ({ ...copy, recipients }));
}
