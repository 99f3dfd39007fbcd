import type { ConditionName } from "../../org/settings/rule-conditions.ts";
import type { AttachmentFact, ContentQuestion } from "./content-question.ts";
import { contentTest, MESSAGE_PREDICATES } from "./message-predicates.ts";
import type { ConditionValues, Predicate } from "./predicate.ts";
import { RELATION_PREDICATES } from "./relation-predicates.ts";
import { FAULT } from "./rule-facts.ts";
import { RECIPIENT_PREDICATES, SENDER_PREDICATES } from "./sender-predicates.ts";

function attachmentPredicate(ask: (values: ConditionValues) => ContentQuestion["ask"]): Predicate {
  return {
    about: "message",
    needs: "attachments",
    compile: (values, _manner, key) => contentTest(ask(values), key),
  };
}

function attachmentFact(of: AttachmentFact): Predicate {
  return attachmentPredicate(() => ({ kind: "fact", of }));
}

/** A message that cannot be read within its limits has more in it than may be looked at. */
const attachmentProcessingLimitExceeded: Predicate = {
  about: "message",
  needs: "attachments",
  compile(_values, _manner, key) {
    const test = contentTest({ kind: "fact", of: "limitExceeded" }, key);
    return {
      ...test,
      holds(sight, recipient) {
        const found = test.holds(sight, recipient);
        return found === FAULT ? "the message" : found;
      },
    };
  },
};

const ATTACHMENT_PREDICATES = {
  attachmentContainsWords: attachmentPredicate(({ attachmentContainsWords: values }) => ({
    kind: "text",
    of: "attachments",
    how: "words",
    values,
  })),
  attachmentMatchesPatterns: attachmentPredicate(({ attachmentMatchesPatterns: values }) => ({
    kind: "text",
    of: "attachments",
    how: "patterns",
    values,
  })),
  attachmentNameMatchesPatterns: attachmentPredicate(
    ({ attachmentNameMatchesPatterns: values }) => ({
      kind: "text",
      of: "names",
      how: "patterns",
      values,
    }),
  ),
  attachmentExtensionMatchesWords: attachmentPredicate(
    ({ attachmentExtensionMatchesWords: values }) => ({ kind: "extension", values }),
  ),
  attachmentPropertyContainsWords: attachmentPredicate(
    ({ attachmentPropertyContainsWords: values }) => ({ kind: "property", values }),
  ),
  attachmentSizeOver: attachmentPredicate(({ attachmentSizeOver: over = 0 }) => ({
    kind: "size",
    over,
  })),
  attachmentHasExecutableContent: attachmentFact("executable"),
  attachmentIsUnsupported: attachmentFact("unsupported"),
  attachmentIsPasswordProtected: attachmentFact("passwordProtected"),
  attachmentProcessingLimitExceeded,
};

/** Conditions that only say more of another one. */
type PartName =
  | "betweenMemberOf2"
  | "managerAddresses"
  | "adComparisonOperator"
  | "headerContainsMessageHeader"
  | "headerMatchesMessageHeader";

/** Names of the predicates: each is that of the condition that it is compiled from. */
export type PredicateName = Exclude<ConditionName, PartName>;

/** Every predicate (reference §10.2): what it is about, what it needs, how it is judged. */
export const PREDICATES: Readonly<Record<PredicateName, Predicate>> = {
  ...SENDER_PREDICATES,
  ...RECIPIENT_PREDICATES,
  ...RELATION_PREDICATES,
  ...MESSAGE_PREDICATES,
  ...ATTACHMENT_PREDICATES,
};

/** The further settings of predicates that have more than one. */
export const PREDICATE_PARTS: Partial<Readonly<Record<PredicateName, PartName>>> = {
  betweenMemberOf1: "betweenMemberOf2",
  managerForEvaluatedUser: "managerAddresses",
  adComparisonAttribute: "adComparisonOperator",
  headerContainsWords: "headerContainsMessageHeader",
  headerMatchesPatterns: "headerMatchesMessageHeader",
};
