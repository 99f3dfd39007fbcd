import { evaluateRules } from "./evaluate-rules.ts";
import type { Judgement } from "./judge-rule.ts";
import type { Sight } from "./message-copy.ts";
import type { MessageFacts } from "./message-facts.ts";
import type { Finding, Seen } from "./predicate.ts";
import { FAULT, type RuleRecipient } from "./rule-facts.ts";
import type { CompiledRule, RulePredicate, RuleSet } from "./rule-set.ts";

/** Why a predicate of a rule holds or does not, in plain values. */
export interface ExplainedPredicate {
  /** `SubjectContainsWords`: the name of its condition. */
  readonly name: string;
  readonly role: "condition" | "exception";
  /** For predicates about one recipient; "" for those about the message. */
  readonly recipient: string;
  /** `fault`: it cannot be known. */
  readonly holds: "true" | "false" | "fault";
  /** What it looked at. */
  readonly seen: readonly string[];
  /** On account of what it holds, "" when it does not. */
  readonly found: string;
}

/** What a rule says about one copy of the message. */
export interface ExplainedRule {
  readonly name: string;
  readonly priority: number;
  readonly mode: string;
  /** Those whose copy it was asked about. */
  readonly recipients: readonly string[];
  /** Those of them for whom it holds. */
  readonly matched: readonly string[];
  readonly verdict: "matched" | "notMatched" | "cannotBeJudged";
  readonly predicates: readonly ExplainedPredicate[];
}

/** Texts shown of one predicate, and characters of each. */
const SEEN_MAX = 20;
const SEEN_CHARACTERS_MAX = 200;
const ROUNDS_MAX = 20;

/**
 * Asks the rules as mail is asked, and looks at every predicate of each, also at those that the
 * verdict did not need. Rejects with StoreFailure.
 */
export async function explainRules(
  rules: RuleSet,
  facts: MessageFacts,
): Promise<readonly ExplainedRule[]> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const explained: ExplainedRule[] = [];
    const evaluation = evaluateRules(rules, facts, {
      observe(compiled, sight, recipients, judgement) {
        explained.push(explain(compiled, { sight, recipients, judgement }));
      },
    });
    if (evaluation.kind !== "unknown" && !facts.isWanting) return explained;
    await facts.load();
    if (facts.isPostponed) break;
  }
  throw new Error("the message cannot be looked at just now; try again");
}

interface Observed {
  readonly sight: Sight;
  readonly recipients: readonly RuleRecipient[];
  readonly judgement: Judgement;
}

function explain({ rule, predicates }: CompiledRule, observed: Observed): ExplainedRule {
  const { recipients, judgement } = observed;
  const matched = judgement.kind === "holds" ? judgement.recipients : [];
  const verdicts = { holds: "matched", fails: "notMatched", fault: "cannotBeJudged" } as const;
  return {
    name: rule.name,
    priority: rule.priority,
    mode: rule.mode,
    recipients: recipients.map(({ address }) => address),
    matched: matched.map(({ address }) => address),
    verdict: judgement.kind === "unknown" ? "cannotBeJudged" : verdicts[judgement.kind],
    predicates: predicates.flatMap((predicate) => explainPredicate(predicate, observed)),
  };
}

function explainPredicate(
  { name, role, about, test }: RulePredicate,
  { sight, recipients }: Observed,
): readonly ExplainedPredicate[] {
  const asked = about === "message" ? recipients.slice(0, 1) : recipients;
  return asked.map((recipient) => {
    const found = test.holds(sight, recipient);
    return {
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      role,
      recipient: about === "message" ? "" : recipient.address,
      holds: holdsText(found),
      seen: shownTexts(test.shows(sight, recipient)),
      found: typeof found === "string" ? cut(found) : "",
    };
  });
}

function holdsText(found: Finding): ExplainedPredicate["holds"] {
  if (found === FAULT) return "fault";
  return typeof found === "string" ? "true" : "false";
}

function shownTexts(seen: Seen): readonly string[] {
  if (seen === undefined || seen === FAULT) return [];
  return seen.slice(0, SEEN_MAX).map(cut);
}

function cut(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return (
    line.length > SEEN_CHARACTERS_MAX ? `${line.slice(0, SEEN_CHARACTERS_MAX)}…` : line
  ).toWellFormed();
}
