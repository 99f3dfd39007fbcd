import { type Address, addressKey } from "../../mail/address.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import { type Judgement, judgeRule } from "./judge-rule.ts";
import { type HeaderChange, type MessageCopy, type Sight, UNTOUCHED } from "./message-copy.ts";
import type { RuleFacts, RuleRecipient } from "./rule-facts.ts";
import type { CompiledRule, RuleSet } from "./rule-set.ts";

/** The message for some of its recipients, and the rules that hold for them. */
export interface RuledCopy {
  readonly recipients: readonly RuleRecipient[];
  /** In the order in which they were asked; those of all modes. */
  readonly matches: readonly TransportRule[];
  readonly copy: MessageCopy;
  /** No later rule is asked. */
  readonly isSettled: boolean;
}

/** What came of asking all rules. */
export type Evaluation =
  | { readonly kind: "judged"; readonly copies: readonly RuledCopy[] }
  /** The facts have noted what has to be found out. */
  | { readonly kind: "unknown" }
  /** A rule that wants it so cannot judge the message. */
  | { readonly kind: "defer"; readonly rule: TransportRule };

/** Is told of every rule as it is asked, for those who want to know why. */
export type Observe = (
  compiled: CompiledRule,
  sight: Sight,
  recipients: readonly RuleRecipient[],
  judgement: Judgement,
) => void;

/** What is asked besides. */
export interface EvaluationOptions {
  readonly observe?: Observe;
  /** Somebody has approved the message: no rule holds it back for that again. */
  readonly isApproved?: boolean;
  /** Likewise somebody has let it out of the quarantine. */
  readonly isReleased?: boolean;
  /** Those about whom it is asked; absent: all. */
  readonly recipients?: readonly RuleRecipient[];
}

/**
 * Asks rules one after the other, each about the message as those before have left it. Recipients
 * for whom a rule holds go on in a copy of their own. Changes nothing; called again from the start
 * once what was unknown has been found out.
 */
export function evaluateRules(
  rules: RuleSet,
  facts: RuleFacts,
  options: EvaluationOptions = {},
): Evaluation {
  const { observe, isApproved = false, isReleased = false } = options;
  const { recipients = facts.recipients } = options;
  let copies: readonly RuledCopy[] = [
    { recipients, matches: [], copy: UNTOUCHED, isSettled: false },
  ];
  let isUnknown = false;
  for (const compiled of rules) {
    const { rule, fromMs, toMs } = compiled;
    if (facts.nowMs < fromMs || facts.nowMs >= toMs) continue;
    const next: RuledCopy[] = [];
    for (const one of copies) {
      if (one.isSettled) {
        next.push(one);
        continue;
      }
      const sight = { facts, copy: one.copy };
      const judgement = judgeRule(compiled, sight, one.recipients);
      observe?.(compiled, sight, one.recipients, judgement);
      if (judgement.kind === "unknown") isUnknown = true;
      if (judgement.kind === "fault" && rule.ruleErrorAction === "Defer" && !isUnknown) {
        return { kind: "defer", rule };
      }
      // While something is unknown, later rules are asked only to learn what they need to know.
      if (judgement.kind === "holds" && !isUnknown)
        next.push(...part(one, rule, { judgement, isApproved, isReleased, facts }));
      else next.push(one);
    }
    copies = next;
  }
  return isUnknown ? { kind: "unknown" } : { kind: "judged", copies };
}

/** Those for whom the rule holds, and the others. */
function part(
  one: RuledCopy,
  rule: TransportRule,
  held: Approval & { readonly judgement: Extract<Judgement, { kind: "holds" }> },
): readonly RuledCopy[] {
  const { recipients } = held.judgement;
  const matched: RuledCopy = {
    recipients,
    matches: [...one.matches, rule],
    copy: rule.mode === "Enforce" ? changed(one.copy, rule) : one.copy,
    isSettled: rule.mode === "Enforce" && settles(rule, held),
  };
  if (recipients.length === one.recipients.length) return [matched];
  const positions = new Set(recipients.map(({ position }) => position));
  const others = one.recipients.filter(({ position }) => !positions.has(position));
  return [matched, { ...one, recipients: others }];
}

/** Reference §10.3: nothing is left for later rules to do, or none is wanted. */
function settles(rule: TransportRule, held: Approval): boolean {
  return (
    rule.stopRuleProcessing ||
    rule.deleteMessage ||
    isQuarantining(rule, held) ||
    isRejecting(rule) ||
    needsApproval(rule, held)
  );
}

/** Whether the sender gets the message back. */
export function isRejecting(rule: TransportRule): boolean {
  const { rejectMessageReasonText, rejectMessageEnhancedStatusCode, notifySender } = rule;
  return (
    rejectMessageReasonText !== undefined ||
    rejectMessageEnhancedStatusCode !== undefined ||
    notifySender === "RejectMessage"
  );
}

/** What is known of the approval of a message. */
export interface Approval {
  readonly isApproved: boolean;
  readonly isReleased: boolean;
  readonly facts: Pick<RuleFacts, "sender" | "isInternal">;
}

/** Whether the message goes into the quarantine; what was let out goes on. */
export function isQuarantining(
  { quarantine }: TransportRule,
  { isReleased }: Pick<Approval, "isReleased">,
): boolean {
  return quarantine && !isReleased;
}

/** Whether somebody has to approve the message first; a moderator's own is approved by that. */
export function needsApproval(rule: TransportRule, { isApproved, facts }: Approval): boolean {
  const { moderateMessageByUser: moderators, moderateMessageByManager } = rule;
  if (isApproved || (moderators.length === 0 && !moderateMessageByManager)) return false;
  if (!facts.isInternal || facts.sender === "") return true;
  const key = addressKey(facts.sender);
  return !moderators.some((moderator) => addressKey(moderator) === key);
}

/** The name of the field that bears a classification. */
export const CLASSIFICATION_FIELD = "X-MS-Exchange-Organization-Classification";

/** What later rules see of the actions of a rule. */
function changed(copy: MessageCopy, rule: TransportRule): MessageCopy {
  const changes: readonly HeaderChange[] = headerChanges(rule);
  if (changes.length === 0 && rule.setSCL === undefined) return copy;
  return { changes: [...copy.changes, ...changes], scl: rule.setSCL ?? copy.scl };
}

/** What a rule changes in the header, in the order in which it is done. */
export function headerChanges(rule: TransportRule): readonly HeaderChange[] {
  const changes: HeaderChange[] = [];
  const { removeHeader, setHeaderName, setHeaderValue, applyClassification, prependSubject } = rule;
  if (removeHeader !== undefined) changes.push({ kind: "remove", name: removeHeader });
  if (setHeaderName !== undefined && setHeaderValue !== undefined) {
    changes.push({ kind: "set", name: setHeaderName, value: setHeaderValue });
  }
  if (applyClassification !== undefined) {
    changes.push({ kind: "set", name: CLASSIFICATION_FIELD, value: applyClassification });
  }
  if (prependSubject !== undefined) changes.push({ kind: "prefixSubject", text: prependSubject });
  for (const [field, addresses] of [
    ["to", rule.addToRecipients],
    ["cc", rule.copyTo],
  ] as const) {
    for (const address of withoutRepeats(addresses)) {
      changes.push({ kind: "addAddress", field, address });
    }
  }
  return changes;
}

function withoutRepeats(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [addressKey(address), address])).values()];
}
