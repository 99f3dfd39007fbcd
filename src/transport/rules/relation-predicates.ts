import { addressKey, domainOf } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import {
  attributeTexts,
  firstEntry,
  isInGroups,
  managerKey,
  recipientAddresses,
  senderAddresses,
} from "./directory-sight.ts";
import type { Sight } from "./message-copy.ts";
import { type Finding, factTest, type Manner, type Predicate, type Seen } from "./predicate.ts";
import { FAULT, type RuleRecipient } from "./rule-facts.ts";

/** Where a recipient is; `undefined`: the directory has to be asked. */
function scopeOf({ facts }: Sight, { address }: RuleRecipient): string | undefined {
  const domain = domainOf(address);
  const accepted = findAcceptedDomain(facts.organization, domain)?.domainType;
  if (accepted === "Authoritative" || accepted === "InternalRelay") return "InOrganization";
  const entry = facts.entry(address);
  if (entry === undefined) return undefined;
  if (entry !== null && entry.kind !== "contact") return "InOrganization";
  const { tlsSendDomainSecureList } = facts.organization.transportConfig;
  return tlsSendDomainSecureList.includes(domain) ? "ExternalPartner" : "ExternalNonPartner";
}

const sentToScope: Predicate = {
  about: "recipient",
  needs: "directory",
  compile: ({ sentToScope: wanted }) =>
    factTest(scopeOf, (scope) =>
      wanted === "NotInOrganization" ? scope !== "InOrganization" : scope === wanted,
    ),
};

/** The entries of sender and recipient. */
function parties(sight: Sight, manner: Manner, recipient: RuleRecipient) {
  const addresses = senderAddresses(sight, manner);
  if (addresses === undefined || addresses === FAULT) return addresses;
  const sender = firstEntry(sight.facts, addresses);
  const other = firstEntry(sight.facts, recipientAddresses(recipient));
  return sender === undefined || other === undefined ? undefined : { sender, other, addresses };
}

function showParties(manner: Manner) {
  return (sight: Sight, recipient: RuleRecipient): Seen => {
    const addresses = senderAddresses(sight, manner);
    if (addresses === undefined || addresses === FAULT) return addresses;
    return [...addresses, recipient.address];
  };
}

/** Both, one of them, or none: as far as it is known. */
function both(left: Finding, right: Finding): Finding {
  if (left === false || right === false) return false;
  if (left === FAULT || right === FAULT) return FAULT;
  return left === undefined || right === undefined ? undefined : `${left}, ${right}`;
}

const betweenMemberOf1: Predicate = {
  about: "recipient",
  needs: "directory",
  compile: ({ betweenMemberOf1: one, betweenMemberOf2: two }, manner) => ({
    shows: showParties(manner),
    holds(sight, recipient) {
      const addresses = senderAddresses(sight, manner);
      if (addresses === undefined || addresses === FAULT) return addresses;
      const { facts } = sight;
      const own = recipientAddresses(recipient);
      const there = both(isInGroups(facts, addresses, one), isInGroups(facts, own, two));
      if (typeof there === "string") return there;
      const back = both(isInGroups(facts, addresses, two), isInGroups(facts, own, one));
      if (typeof back === "string" || there === false) return back;
      return there === FAULT || back === FAULT ? FAULT : undefined;
    },
  }),
};

const managerForEvaluatedUser: Predicate = {
  about: "recipient",
  needs: "directory",
  compile({ managerForEvaluatedUser: whose, managerAddresses }, manner) {
    const listed = new Set(managerAddresses.map(addressKey));
    return {
      shows: showParties(manner),
      holds(sight, recipient) {
        const found = parties(sight, manner, recipient);
        if (found === undefined || found === FAULT) return found;
        const key = managerKey(whose === "Sender" ? found.sender : found.other);
        return listed.has(key) && key;
      },
    };
  },
};

const senderManagementRelationship: Predicate = {
  about: "recipient",
  needs: "directory",
  compile: ({ senderManagementRelationship: wanted }, manner) => ({
    shows: showParties(manner),
    holds(sight, recipient) {
      const found = parties(sight, manner, recipient);
      if (found === undefined || found === FAULT) return found;
      const { sender, other } = found;
      if (sender === null || other === null) return false;
      const [chief, worker] = wanted === "Manager" ? [sender, other] : [other, sender];
      const key = managerKey(worker);
      const keys = [chief.primarySmtpAddress, ...chief.emailAddresses].map(addressKey);
      return keys.includes(key) && key;
    },
  }),
};

const adComparisonAttribute: Predicate = {
  about: "recipient",
  needs: "directory",
  compile({ adComparisonAttribute: name = "", adComparisonOperator: operator }, manner) {
    return {
      shows(sight, recipient) {
        const found = parties(sight, manner, recipient);
        if (found === undefined || found === FAULT) return found;
        const texts = [found.sender, found.other].map((entry) => attributeTexts(entry, name)?.[0]);
        return texts.map((text) => `${name}: ${text ?? ""}`);
      },
      holds(sight, recipient) {
        const found = parties(sight, manner, recipient);
        if (found === undefined || found === FAULT) return found;
        // Of strangers nothing is known: their attributes are neither the same nor others.
        if (found.sender === null || found.other === null) return false;
        const [left, right] = [found.sender, found.other].map((entry) =>
          (attributeTexts(entry, name)?.[0] ?? "").toLowerCase(),
        );
        const isEqual = left === right;
        return isEqual === (operator !== "NotEqual") && `${name}: ${isEqual ? "same" : "other"}`;
      },
    };
  },
};

/** What may be asked of a recipient's place, and of sender and recipient together. */
export const RELATION_PREDICATES = {
  sentToScope,
  betweenMemberOf1,
  managerForEvaluatedUser,
  senderManagementRelationship,
  adComparisonAttribute,
};
