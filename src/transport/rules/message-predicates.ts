import { importanceOf } from "../../mail/header-values.ts";
import type { ContentQuestion } from "./content-question.ts";
import { fieldAddresses } from "./directory-sight.ts";
import { fieldsOf, type Sight, sclOf, subjectOf } from "./message-copy.ts";
import {
  anyOf,
  type ConditionValues,
  type Finding,
  factTest,
  type Predicate,
  type Seen,
  type Test,
  textTest,
} from "./predicate.ts";
import { FAULT, type Fault, type RuleFacts } from "./rule-facts.ts";
import { type AddressSource, listedPredicate, memberPredicate } from "./sender-predicates.ts";
import type { MatchKind } from "./text-matcher.ts";

/** A question that is answered where the body is read. */
export function contentTest(ask: ContentQuestion["ask"], key: string): Test {
  const question: ContentQuestion = { key, ask };
  return {
    holds({ facts }) {
      const answer = facts.answer(question);
      if (answer === undefined || answer === FAULT) return answer;
      return answer.holds && (answer.found === "" ? "found" : answer.found);
    },
    shows({ facts }) {
      const answer = facts.answer(question);
      if (answer === undefined || answer === FAULT) return answer;
      return [];
    },
  };
}

function subjectTexts(sight: Sight): Seen {
  const subject = subjectOf(sight);
  return subject === undefined || subject === FAULT ? subject : [subject];
}

function subjectPredicate(
  name: "subjectContainsWords" | "subjectMatchesPatterns",
  how: MatchKind,
): Predicate {
  return {
    about: "message",
    needs: "header",
    compile: (values) => textTest(how, values[name], subjectTexts),
  };
}

function bodyPredicate(
  name: "subjectOrBodyContainsWords" | "subjectOrBodyMatchesPatterns",
  how: MatchKind,
): Predicate {
  return {
    about: "message",
    needs: "body",
    compile(values, _manner, key) {
      const subject = textTest(how, values[name], subjectTexts);
      const body = contentTest({ kind: "text", of: "bodies", how, values: values[name] }, key);
      return {
        shows: subject.shows,
        holds(sight, recipient) {
          const found = subject.holds(sight, recipient);
          // What the subject has makes a look at the body needless.
          return typeof found === "string" ? found : anyOf([found, body.holds(sight, recipient)]);
        },
      };
    },
  };
}

function headerPredicate(
  names: {
    readonly field: "headerContainsMessageHeader" | "headerMatchesMessageHeader";
    readonly values: "headerContainsWords" | "headerMatchesPatterns";
  },
  how: MatchKind,
): Predicate {
  return {
    about: "message",
    needs: "header",
    compile(values) {
      const wanted = values[names.field]?.toLowerCase() ?? "";
      return textTest(how, values[names.values], (sight) => {
        const fields = fieldsOf(sight);
        if (fields === undefined || fields === FAULT) return fields;
        return fields.filter(({ name }) => name === wanted).map(({ value }) => value);
      });
    },
  };
}

const CLASSIFICATION = "x-ms-exchange-organization-classification";

function classificationTexts(sight: Sight): Seen {
  const fields = fieldsOf(sight);
  if (fields === undefined || fields === FAULT) return fields;
  return fields.filter(({ name }) => name === CLASSIFICATION).map(({ value }) => value.trim());
}

const hasClassification: Predicate = {
  about: "message",
  needs: "header",
  compile({ hasClassification: wanted = "" }) {
    const passes = (text: string) => text.toLowerCase() === wanted.toLowerCase();
    return {
      shows: classificationTexts,
      holds(sight) {
        const seen = classificationTexts(sight);
        return seen === undefined || seen === FAULT ? seen : (seen.find(passes) ?? false);
      },
    };
  },
};

const hasNoClassification: Predicate = {
  about: "message",
  needs: "header",
  compile: () => ({
    shows: classificationTexts,
    holds(sight) {
      const seen = classificationTexts(sight);
      return seen === undefined || seen === FAULT ? seen : seen.length === 0 && "none";
    },
  }),
};

const messageSizeOver: Predicate = {
  about: "message",
  needs: "envelope",
  compile: ({ messageSizeOver: size = 0 }) =>
    factTest(
      ({ facts }) => String(facts.messageBytes),
      (bytes) => Number(bytes) >= size,
    ),
};

/** A message that nobody has rated is over nothing. */
const sclOver: Predicate = {
  about: "message",
  needs: "envelope",
  compile: ({ sclOver: level = -1 }) =>
    factTest(
      (sight) => String(sclOf(sight) ?? "not rated"),
      (scl) => Number(scl) >= level,
    ),
};

const IMPORTANCE_FIELDS = ["importance", "x-priority", "priority"] as const;

function importance(sight: Sight): string | Fault | undefined {
  const fields = fieldsOf(sight);
  if (fields === undefined || fields === FAULT) return fields;
  const values = IMPORTANCE_FIELDS.flatMap((name) => {
    const field = fields.find((one) => one.name === name);
    return field === undefined ? [] : [[name, field.value] as const];
  });
  return importanceOf(Object.fromEntries(values));
}

const withImportance: Predicate = {
  about: "message",
  needs: "header",
  compile: ({ withImportance: wanted }) => factTest(importance, (text) => text === wanted),
};

const messageTypeMatches: Predicate = {
  about: "message",
  needs: "body",
  compile: ({ messageTypeMatches: is = "" }, _manner, key) =>
    contentTest({ kind: "type", is }, key),
};

const contentCharacterSetContainsWords: Predicate = {
  about: "message",
  needs: "body",
  compile: ({ contentCharacterSetContainsWords: values }, _manner, key) =>
    contentTest({ kind: "text", of: "charsets", how: "words", values }, key),
};

function fieldSource(names: readonly string[]): AddressSource {
  return {
    about: "message",
    needs: "header",
    of: () => (sight) => fieldAddresses(sight, names),
  };
}

const TO = fieldSource(["to"]);
const CC = fieldSource(["cc"]);
const TO_CC = fieldSource(["to", "cc"]);

function anyRecipientPredicate(
  name: "anyOfRecipientAddressContainsWords" | "anyOfRecipientAddressMatchesPatterns",
  how: MatchKind,
): Predicate {
  return {
    about: "message",
    needs: "envelope",
    compile(values: ConditionValues) {
      const test = textTest(how, values[name], ({ facts }) =>
        facts.recipients.map(({ address }) => address),
      );
      // The same for every share of a large group: it is looked for once.
      const known = new WeakMap<RuleFacts, { readonly finding: Finding }>();
      return {
        shows: test.shows,
        holds(sight, recipient) {
          const before = known.get(sight.facts);
          if (before !== undefined) return before.finding;
          const finding = test.holds(sight, recipient);
          known.set(sight.facts, { finding });
          return finding;
        },
      };
    },
  };
}

/** What may be asked of the message as a whole. */
export const MESSAGE_PREDICATES = {
  anyOfRecipientAddressContainsWords: anyRecipientPredicate(
    "anyOfRecipientAddressContainsWords",
    "words",
  ),
  anyOfRecipientAddressMatchesPatterns: anyRecipientPredicate(
    "anyOfRecipientAddressMatchesPatterns",
    "patterns",
  ),
  anyOfToHeader: listedPredicate("anyOfToHeader", TO),
  anyOfToHeaderMemberOf: memberPredicate("anyOfToHeaderMemberOf", TO),
  anyOfCcHeader: listedPredicate("anyOfCcHeader", CC),
  anyOfCcHeaderMemberOf: memberPredicate("anyOfCcHeaderMemberOf", CC),
  anyOfToCcHeader: listedPredicate("anyOfToCcHeader", TO_CC),
  anyOfToCcHeaderMemberOf: memberPredicate("anyOfToCcHeaderMemberOf", TO_CC),
  subjectContainsWords: subjectPredicate("subjectContainsWords", "words"),
  subjectMatchesPatterns: subjectPredicate("subjectMatchesPatterns", "patterns"),
  subjectOrBodyContainsWords: bodyPredicate("subjectOrBodyContainsWords", "words"),
  subjectOrBodyMatchesPatterns: bodyPredicate("subjectOrBodyMatchesPatterns", "patterns"),
  headerContainsWords: headerPredicate(
    { field: "headerContainsMessageHeader", values: "headerContainsWords" },
    "words",
  ),
  headerMatchesPatterns: headerPredicate(
    { field: "headerMatchesMessageHeader", values: "headerMatchesPatterns" },
    "patterns",
  ),
  messageSizeOver,
  sclOver,
  messageTypeMatches,
  withImportance,
  hasClassification,
  hasNoClassification,
  contentCharacterSetContainsWords,
};
