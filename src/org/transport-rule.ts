import { type ActionName, RULE_ACTIONS } from "./settings/rule-actions.ts";
import { type ConditionName, exceptionName } from "./settings/rule-conditions.ts";
import type { ValuesOf } from "./settings/setting.ts";
import type { TRANSPORT_RULE } from "./settings/transport-rule.ts";

/** A mail flow rule as it is declared. */
type DeclaredRule = ValuesOf<typeof TRANSPORT_RULE>;

/** A mail flow rule in its place: priorities of an organization's rules are 0, 1, 2 … */
export interface TransportRule extends DeclaredRule {
  readonly priority: number;
  /** What the rule itself says of it. */
  readonly statedPriority: number | undefined;
}

/** A rule that was read, as far as this needs it. */
interface ReadRule {
  readonly values: DeclaredRule;
  readonly report: (property: string, message: string) => void;
}

/** Settings that are nothing without one another. */
const PAIRS: readonly (readonly [ConditionName, ConditionName])[] = [
  ["headerContainsMessageHeader", "headerContainsWords"],
  ["headerMatchesMessageHeader", "headerMatchesPatterns"],
  ["betweenMemberOf1", "betweenMemberOf2"],
  ["managerForEvaluatedUser", "managerAddresses"],
];

/** The rules in their order; a half of a pair and a rule that does nothing are faults. */
export function buildTransportRules(objects: readonly ReadRule[]): readonly TransportRule[] {
  for (const { values, report } of objects) {
    for (const pair of PAIRS) {
      reportHalf(values, pair, report);
      reportHalf(values, [exceptionName(pair[0]), exceptionName(pair[1])], report);
    }
    reportHalf(values, ["setHeaderName", "setHeaderValue"], report);
    if (values.adComparisonAttribute === undefined && values.adComparisonOperator !== undefined) {
      report("adComparisonOperator", "adComparisonOperator: needs adComparisonAttribute");
    }
    reportDates(values, report);
    if (!hasAction(values)) report("name", "name: the rule does nothing; give it an action");
  }
  return objects
    .map(({ values }) => values)
    .toSorted((left, right) => placeOf(left) - placeOf(right))
    .map((rule, priority) => ({ ...rule, priority, statedPriority: rule.priority }));
}

function reportHalf(
  values: DeclaredRule,
  [left, right]: readonly [keyof DeclaredRule & string, keyof DeclaredRule & string],
  report: ReadRule["report"],
): void {
  if (isGiven(values[left]) === isGiven(values[right])) return;
  const [given, missing] = isGiven(values[left]) ? [left, right] : [right, left];
  report(given, `${given}: needs ${missing}`);
}

function reportDates(
  { activationDate, expiryDate }: DeclaredRule,
  report: ReadRule["report"],
): void {
  if (activationDate === undefined || expiryDate === undefined) return;
  if (Date.parse(activationDate) < Date.parse(expiryDate)) return;
  report("expiryDate", "expiryDate: must be after activationDate");
}

/** Settings that say how another action is done, and are none themselves. */
const MANNERS: ReadonlySet<string> = new Set<ActionName>([
  "applyHtmlDisclaimerLocation",
  "applyHtmlDisclaimerFallbackAction",
  "incidentReportContent",
]);

function hasAction(values: DeclaredRule): boolean {
  // Object.keys forgets the type of the keys it returns.
  return (Object.keys(RULE_ACTIONS) as ActionName[]).some(
    (name) => !MANNERS.has(name) && isGiven(values[name]),
  );
}

/** Whether a condition or action is there: not nothing, false or an empty list. */
export function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}

function placeOf({ priority = Number.MAX_SAFE_INTEGER }: DeclaredRule): number {
  return priority;
}

/** Where a further rule goes so that it is the last one. */
export function lastPriority(rules: readonly Pick<TransportRule, "statedPriority">[]): number {
  return Math.max(-1, ...rules.map(({ statedPriority = -1 }) => statedPriority)) + 1;
}

/**
 * What a file's rules are stored with as their priority, by name: the store has no order of its
 * own, so those of which the file says nothing get the numbers behind all others, in its order.
 */
export function impliedPriorities(
  rules: readonly Pick<TransportRule, "name" | "statedPriority">[],
): ReadonlyMap<string, number> {
  const first = lastPriority(rules);
  const unstated = rules.filter(({ statedPriority }) => statedPriority === undefined);
  return new Map(unstated.map(({ name }, index) => [name, first + index]));
}
