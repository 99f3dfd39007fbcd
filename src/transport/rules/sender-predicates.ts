import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import { cutProperty } from "../../org/settings/rule-types.ts";
import { splitWords } from "./content-question.ts";
import {
  attributeTexts,
  firstEntry,
  isInGroups,
  isListed,
  recipientAddresses,
  senderAddresses,
} from "./directory-sight.ts";
import type { Sight } from "./message-copy.ts";
import {
  type ConditionValues,
  factTest,
  type Manner,
  type Predicate,
  type Seen,
  someTest,
  type Test,
  textTest,
} from "./predicate.ts";
import { FAULT, type Fault, type Need, type RuleRecipient } from "./rule-facts.ts";
import { compileMatcher, type MatchKind } from "./text-matcher.ts";

type Whose = (sight: Sight, recipient: RuleRecipient) => readonly Address[] | Fault | undefined;

/** Where addresses come from that a predicate is about. */
export interface AddressSource {
  readonly about: Predicate["about"];
  /** What it takes to know the addresses themselves. */
  readonly needs: Need;
  readonly of: (manner: Manner) => Whose;
}

const SENDER: AddressSource = {
  about: "message",
  needs: "header",
  of: (manner) => (sight) => senderAddresses(sight, manner),
};

const RECIPIENT: AddressSource = {
  about: "recipient",
  needs: "envelope",
  of: () => (_sight, recipient) => recipientAddresses(recipient),
};

type ListName = {
  [Name in keyof ConditionValues]: ConditionValues[Name] extends readonly Address[] ? Name : never;
}[keyof ConditionValues];
type TextsName = {
  [Name in keyof ConditionValues]: ConditionValues[Name] extends readonly string[] ? Name : never;
}[keyof ConditionValues];

/** The address is one of those listed, by any address of its owner. */
export function listedPredicate(name: ListName, source: AddressSource): Predicate {
  return {
    about: source.about,
    needs: "directory",
    compile(values, manner) {
      const listed = new Set(values[name].map(addressKey));
      const whose = source.of(manner);
      return addressTest(whose, (sight, addresses) => isListed(sight.facts, addresses, listed));
    },
  };
}

/** Who has the address is a member of one of the groups listed. */
export function memberPredicate(name: ListName, source: AddressSource): Predicate {
  return {
    about: source.about,
    needs: "directory",
    compile(values, manner) {
      const groups = values[name];
      const whose = source.of(manner);
      return addressTest(whose, (sight, addresses) => isInGroups(sight.facts, addresses, groups));
    },
  };
}

function addressTest(
  whose: Whose,
  judge: (sight: Sight, addresses: readonly Address[]) => ReturnType<Test["holds"]>,
): Test {
  return {
    shows: whose,
    holds(sight, recipient) {
      const addresses = whose(sight, recipient);
      if (addresses === undefined || addresses === FAULT) return addresses;
      return judge(sight, addresses);
    },
  };
}

function addressTextPredicate(name: TextsName, how: MatchKind, source: AddressSource): Predicate {
  const { about, needs } = source;
  return {
    about,
    needs,
    compile: (values, manner) => textTest(how, values[name], source.of(manner)),
  };
}

function domainPredicate(
  name: "senderDomainIs" | "recipientDomainIs",
  source: AddressSource,
): Predicate {
  const { about, needs } = source;
  return {
    about,
    needs,
    compile(values, manner) {
      const domains: ReadonlySet<string> = new Set(values[name]);
      // What `source` gives are addresses.
      return someTest(source.of(manner), (text) => domains.has(domainOf(text as Address)));
    },
  };
}

/** Words or a pattern in attributes of who has the address. */
function attributePredicate(name: TextsName, how: MatchKind, source: AddressSource): Predicate {
  return {
    about: source.about,
    needs: "directory",
    compile(values, manner) {
      const whose = source.of(manner);
      const wanted = values[name].map((text) => {
        const [attribute, value] = cutProperty(text);
        const matcher = compileMatcher(how, how === "words" ? splitWords(value) : [value]);
        return { attribute, matcher };
      });
      const entryOf = (sight: Sight, recipient: RuleRecipient) => {
        const addresses = whose(sight, recipient);
        if (addresses === undefined || addresses === FAULT) return addresses;
        return firstEntry(sight.facts, addresses);
      };
      return {
        shows(sight, recipient): Seen {
          const entry = entryOf(sight, recipient);
          if (entry === undefined || entry === FAULT) return entry;
          return wanted.flatMap(({ attribute }) =>
            (attributeTexts(entry, attribute) ?? []).map((text) => `${attribute}: ${text}`),
          );
        },
        holds(sight, recipient) {
          const entry = entryOf(sight, recipient);
          if (entry === undefined || entry === FAULT) return entry;
          for (const { attribute, matcher } of wanted) {
            const [text = ""] = attributeTexts(entry, attribute) ?? [];
            if (text !== "" && matcher.find(text) !== undefined) return `${attribute}: ${text}`;
          }
          return false;
        },
      };
    },
  };
}

const fromScope: Predicate = {
  about: "message",
  needs: "envelope",
  compile: ({ fromScope: wanted }) =>
    factTest(
      ({ facts }) => (facts.isInternal ? "InOrganization" : "NotInOrganization"),
      (scope) => scope === wanted,
    ),
};

const senderIpRanges: Predicate = {
  about: "message",
  needs: "envelope",
  compile: ({ senderIpRanges: ranges }) =>
    someTest(
      ({ facts }) => (facts.clientAddress === "" ? [] : [facts.clientAddress]),
      (text) => {
        const [plain = ""] = text.split("%", 1);
        const address = parseIpAddress(plain);
        if (address === undefined) return false;
        const number = ipAddressNumber(address);
        return ranges.some(({ first, last }) => first <= number && number <= last);
      },
    ),
};

/** What may be asked of the sender. */
export const SENDER_PREDICATES = {
  from: listedPredicate("from", SENDER),
  fromScope,
  fromMemberOf: memberPredicate("fromMemberOf", SENDER),
  fromAddressContainsWords: addressTextPredicate("fromAddressContainsWords", "words", SENDER),
  fromAddressMatchesPatterns: addressTextPredicate(
    "fromAddressMatchesPatterns",
    "patterns",
    SENDER,
  ),
  senderDomainIs: domainPredicate("senderDomainIs", SENDER),
  senderIpRanges,
  senderADAttributeContainsWords: attributePredicate(
    "senderADAttributeContainsWords",
    "words",
    SENDER,
  ),
  senderADAttributeMatchesPatterns: attributePredicate(
    "senderADAttributeMatchesPatterns",
    "patterns",
    SENDER,
  ),
};

/** What may be asked of one recipient in the same way as of the sender. */
export const RECIPIENT_PREDICATES = {
  sentTo: listedPredicate("sentTo", RECIPIENT),
  sentToMemberOf: memberPredicate("sentToMemberOf", RECIPIENT),
  recipientAddressContainsWords: addressTextPredicate(
    "recipientAddressContainsWords",
    "words",
    RECIPIENT,
  ),
  recipientAddressMatchesPatterns: addressTextPredicate(
    "recipientAddressMatchesPatterns",
    "patterns",
    RECIPIENT,
  ),
  recipientDomainIs: domainPredicate("recipientDomainIs", RECIPIENT),
  recipientADAttributeContainsWords: attributePredicate(
    "recipientADAttributeContainsWords",
    "words",
    RECIPIENT,
  ),
  recipientADAttributeMatchesPatterns: attributePredicate(
    "recipientADAttributeMatchesPatterns",
    "patterns",
    RECIPIENT,
  ),
};
