import {
  type ConditionName,
  exceptionName,
  RULE_CONDITIONS,
} from "../../org/settings/rule-conditions.ts";
import { isGiven, type TransportRule } from "../../org/transport-rule.ts";
import type { ConditionValues, Predicate, Test } from "./predicate.ts";
import { PREDICATES, type PredicateName } from "./predicate-table.ts";
import { NEEDS } from "./rule-facts.ts";

/** A condition or an exception of a rule, ready to be asked. */
export interface RulePredicate extends Pick<Predicate, "about" | "needs"> {
  readonly name: PredicateName;
  readonly role: "condition" | "exception";
  /** Place of what it needs in NEEDS. */
  readonly level: number;
  readonly test: Test;
}

/** A rule, ready to be asked. */
export interface CompiledRule {
  readonly rule: TransportRule;
  /** Cheapest first, so that an expensive one is only asked when it matters. */
  readonly predicates: readonly RulePredicate[];
  /** Epoch ms from which on and before which it is asked. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The rules of one organization that are switched on, in their order. */
export type RuleSet = readonly CompiledRule[];

const NAMES = Object.keys(PREDICATES) as readonly PredicateName[];
const CONDITION_NAMES = Object.keys(RULE_CONDITIONS) as readonly ConditionName[];

/** Compiles rules once for all messages. */
export function compileRules(rules: readonly TransportRule[]): RuleSet {
  return rules.filter(({ enabled }) => enabled).map(compileRule);
}

/** Compiles one rule, switched on or not. */
export function compileRule(rule: TransportRule): CompiledRule {
  const conditions = NAMES.flatMap((name) =>
    isGiven(rule[name]) ? [predicateOf(rule, name, "condition")] : [],
  );
  const exceptions = NAMES.flatMap((name) =>
    isGiven(rule[exceptionName(name)]) ? [predicateOf(rule, name, "exception")] : [],
  );
  const { activationDate, expiryDate } = rule;
  return {
    rule,
    predicates: [...conditions, ...exceptions].toSorted(
      (left, right) => costOf(left) - costOf(right),
    ),
    fromMs: activationDate === undefined ? -Infinity : Date.parse(activationDate),
    toMs: expiryDate === undefined ? Infinity : Date.parse(expiryDate),
  };
}

function predicateOf(
  rule: TransportRule,
  name: PredicateName,
  role: RulePredicate["role"],
): RulePredicate {
  const { about, needs, compile } = PREDICATES[name];
  const values = role === "condition" ? rule : exceptionValues(rule);
  const key = `${rule.priority}/${role}/${name}`;
  const level = NEEDS.indexOf(needs);
  return { name, role, about, needs, level, test: compile(values, rule, key) };
}

/** The values of a rule's exceptions under the names of their conditions. */
function exceptionValues(rule: TransportRule): ConditionValues {
  const values = CONDITION_NAMES.map((name) => [name, rule[exceptionName(name)]] as const);
  // Twins have the type of their conditions, which no type can follow through the loop.
  return Object.fromEntries(values) as unknown as ConditionValues;
}

function costOf({ level, about }: RulePredicate): number {
  return 2 * level + (about === "message" ? 0 : 1);
}

const compiled = new WeakMap<readonly TransportRule[], RuleSet>();

/** The rules of a snapshot, compiled once. */
export function ruleSetOf(rules: readonly TransportRule[]): RuleSet {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const made = compileRules(rules);
  compiled.set(rules, made);
  return made;
}
