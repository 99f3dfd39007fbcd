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
  { predicates }: CompiledRule,
  sight: Sight,
  recipients: readonly RuleRecipient[],
): Judgement {
  const [first] = recipients;
  if (first === undefined) return FAILS;
  let remaining = recipients;
  let hasFault = false;
  /** Place in NEEDS of what is waited for. */
  let waitsFor: number = NEEDS.length;
  const judge = (predicate: RulePredicate, recipient: RuleRecipient): boolean => {
    const passes = passesFor(predicate, sight, recipient);
    if (passes === undefined) waitsFor = predicate.level;
    if (passes === FAULT) hasFault = true;
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
  return hasFault ? CANNOT_BE_KNOWN : { kind: "holds", recipients: remaining };
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
