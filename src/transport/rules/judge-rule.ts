import type { Sight } from "./message-copy.ts";
import { FAULT, NEEDS, type RuleRecipient } from "./rule-facts.ts";
import type { CompiledRule, RulePredicate } from "./rule-set.ts";

/** For whom a rule holds. */
export type Judgement =
  | { readonly kind: "holds"; readonly recipients: readonly RuleRecipient[] }
  | { readonly kind: "fails" }
  /** Something has to be found out first; what, has been noted by the facts. */
  | { readonly kind: "unknown" }
  /** Something that matters cannot be found out. */
  | { readonly kind: "fault" };

const FAILS: Judgement = { kind: "fails" };
const UNKNOWN: Judgement = { kind: "unknown" };
const CANNOT_BE_KNOWN: Judgement = { kind: "fault" };

/**
 * Judges one rule for some recipients of a message. Asks the cheap predicates first, and nothing
 * more expensive while a cheaper answer is still to come: often it makes the others needless.
 */
export function judgeRule(
  { predicates, rule }: CompiledRule,
  sight: Sight,
  recipients: readonly RuleRecipient[],
): Judgement {
  const [first] = recipients;
  if (first === undefined) return FAILS;
  let remaining = recipients;
  /** Of whom something cannot be found out. */
  let faulty: Set<RuleRecipient> | undefined;
  /** Place in NEEDS of what is waited for. */
  let waitsFor: number = NEEDS.length;
  const judge = (predicate: RulePredicate, recipient: RuleRecipient): boolean => {
    const passes = passesFor(predicate, sight, recipient);
    if (passes === undefined) waitsFor = predicate.level;
    if (passes === FAULT) {
      faulty ??= new Set();
      for (const one of predicate.about === "message" ? recipients : [recipient]) faulty.add(one);
    }
    return passes !== false;
  };
  for (const predicate of predicates) {
    if (predicate.level > waitsFor) break;
    if (predicate.about === "message") {
      if (!judge(predicate, first)) return FAILS;
      continue;
    }
    remaining = remaining.filter((recipient) => judge(predicate, recipient));
    if (remaining.length === 0) return FAILS;
  }
  if (waitsFor < NEEDS.length) return UNKNOWN;
  if (faulty === undefined) return { kind: "holds", recipients: remaining };
  // One of whom it cannot be said takes the rule from nobody else, but where it waits for all.
  const known = remaining.filter((recipient) => faulty?.has(recipient) !== true);
  const waits = rule.ruleErrorAction === "Defer" && known.length < remaining.length;
  return waits || known.length === 0 ? CANNOT_BE_KNOWN : { kind: "holds", recipients: known };
}

/** Whether a condition holds, or an exception does not. */
function passesFor(
  { test, role }: RulePredicate,
  sight: Sight,
  recipient: RuleRecipient,
): boolean | typeof FAULT | undefined {
  const found = test.holds(sight, recipient);
  if (found === undefined || found === FAULT) return found;
  return (found !== false) === (role === "condition");
}
