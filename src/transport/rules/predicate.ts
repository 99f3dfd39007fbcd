import type { RULE_CONDITIONS } from "../../org/settings/rule-conditions.ts";
import type { ValuesOf } from "../../org/settings/setting.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import type { Sight } from "./message-copy.ts";
import { FAULT, type Fault, type Need, type RuleRecipient } from "./rule-facts.ts";
import { compileMatcher, type MatchKind } from "./text-matcher.ts";

/**
 * What a predicate says: on account of what it holds, that it does not, that this is not known yet,
 * or that it cannot be known.
 */
export type Finding = string | false | Fault | undefined;

/** What predicates may look at: nothing yet, nothing to be had, or texts. */
export type Seen = readonly string[] | Fault | undefined;

/** The values of conditions, or those of exceptions under the names of their conditions. */
export type ConditionValues = ValuesOf<typeof RULE_CONDITIONS>;

/** How a rule wants its predicates to look. */
export type Manner = Pick<TransportRule, "senderAddressLocation">;

/** A predicate with its values. */
export interface Test {
  /** `recipient` is there for predicates about recipients. */
  readonly holds: (sight: Sight, recipient: RuleRecipient) => Finding;
  /** What it looked at, for people. */
  readonly shows: (sight: Sight, recipient: RuleRecipient) => Seen;
}

/** One row of the table of predicates. */
export interface Predicate {
  /** `recipient`: asked for each; the rule then holds for those of whom it is true. */
  readonly about: "message" | "recipient";
  readonly needs: Need;
  /** `key` is the test's own within its set of rules. */
  readonly compile: (values: ConditionValues, manner: Manner, key: string) => Test;
}

/** Texts in which something is looked for. */
export function textTest(
  how: MatchKind,
  values: readonly string[],
  texts: (sight: Sight, recipient: RuleRecipient) => Seen,
): Test {
  const matcher = compileMatcher(how, values);
  return {
    shows: texts,
    holds(sight, recipient) {
      const seen = texts(sight, recipient);
      if (seen === undefined || seen === FAULT) return seen;
      for (const text of seen) {
        const found = matcher.find(text);
        if (found !== undefined) return found;
      }
      return false;
    },
  };
}

/** Texts of which one has to pass. */
export function someTest(
  texts: (sight: Sight, recipient: RuleRecipient) => Seen,
  passes: (text: string) => boolean,
): Test {
  return {
    shows: texts,
    holds(sight, recipient) {
      const seen = texts(sight, recipient);
      if (seen === undefined || seen === FAULT) return seen;
      return seen.find(passes) ?? false;
    },
  };
}

/** One thing that is as it should be or not. */
export function factTest(
  text: (sight: Sight, recipient: RuleRecipient) => string | Fault | undefined,
  passes: (text: string) => boolean,
): Test {
  return someTest((sight, recipient) => {
    const seen = text(sight, recipient);
    return seen === undefined || seen === FAULT ? seen : [seen];
  }, passes);
}

/** True as soon as one is; only false when all are. Faults outweigh what is only not known yet. */
export function anyOf(findings: Iterable<Finding>): Finding {
  let answer: Finding = false;
  for (const finding of findings) {
    if (typeof finding === "string") return finding;
    if (finding === FAULT) answer = FAULT;
    else if (finding === undefined && answer === false) answer = undefined;
  }
  return answer;
}
