import { instant } from "./instant.ts";
import { RULE_ACTIONS } from "./rule-actions.ts";
import { RULE_CONDITIONS, RULE_EXCEPTIONS } from "./rule-conditions.ts";
import { nullable, required, setting } from "./setting.ts";
import { bool, INTEGER_MAX, integer, longText, name, oneOf } from "./setting-types.ts";

/** What a rule says of itself (reference §10.1). */
const RULE = {
  name: required(name(), "The rule's name."),
  priority: nullable(
    integer({ min: 0, max: INTEGER_MAX }),
    { text: "behind all others" },
    "Rules are asked in this order, 0 first; those without one as the file has them.",
  ),
  enabled: setting(bool(), "true", "Whether it is asked at all."),
  mode: setting(
    oneOf(["Enforce", "Audit", "AuditAndNotify"]),
    "Enforce",
    "Audit: a match is only logged and reported; AuditAndNotify: notices go out, too.",
  ),
  comments: setting(longText({ max: 1024 }), "", "For administrators."),
  activationDate: nullable(instant(), {}, "From when on it is asked."),
  expiryDate: nullable(instant(), {}, "From when on it is asked no more."),
  ruleErrorAction: setting(
    oneOf(["Ignore", "Defer"]),
    "Ignore",
    "What becomes of a message that it cannot judge: the rule is passed over, or the message " +
      "waits and is judged again.",
  ),
  senderAddressLocation: setting(
    oneOf(["Header", "Envelope", "HeaderOrEnvelope"]),
    "Header",
    "Where conditions about the sender's address look: From and Sender, MAIL FROM, or both.",
  ),
};

/** A mail flow rule. */
export const TRANSPORT_RULE = {
  ...RULE,
  ...RULE_CONDITIONS,
  ...RULE_EXCEPTIONS,
  ...RULE_ACTIONS,
};
