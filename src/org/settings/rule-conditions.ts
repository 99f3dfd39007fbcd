import { addressRange } from "./address-range.ts";
import {
  attributeName,
  attributePatterns,
  attributeWords,
  fieldName,
  patterns,
  propertyWords,
  words,
} from "./rule-types.ts";
import { nullable, type Setting, type SettingType, setting } from "./setting.ts";
import {
  address,
  bool,
  bytes,
  domain,
  INTEGER_MAX,
  integer,
  line,
  listOf,
  oneOf,
} from "./setting-types.ts";

const ENTRIES_MAX = 2000;

/** A list; none of it: the condition is not there. */
function some<Item>(type: SettingType<readonly Item[]>, doc: string): Setting<readonly Item[]> {
  return setting(type, [], doc);
}

function one<Value>(type: SettingType<Value>, doc: string): Setting<Value | undefined> {
  return nullable(type, {}, doc);
}

/** A fact that is asked for; false is as if it were not there. */
function fact(doc: string): Setting<boolean> {
  return setting(bool(), "false", doc);
}

const addresses = (doc: string) => some(listOf(address(), { max: ENTRIES_MAX }), doc);
const anyWord = (what: string) => some(words(), `Any of these words is in ${what}.`);
const anyPattern = (what: string) => some(patterns(), `Any of these patterns is in ${what}.`);

/** What may be asked of the sender. */
const SENDER_CONDITIONS = {
  from: addresses("The sender is one of these, by any address that the directory has of them."),
  fromScope: one(
    oneOf(["InOrganization", "NotInOrganization"]),
    "Whether the sender is one of ours who has proved it by logging on or by where he comes from.",
  ),
  fromMemberOf: addresses("The sender is a member of one of these groups, however deep."),
  fromAddressContainsWords: anyWord("the sender's address"),
  fromAddressMatchesPatterns: anyPattern("the sender's address"),
  senderDomainIs: some(
    listOf(domain(), { max: ENTRIES_MAX }),
    "The sender's address is in one of these domains; subdomains are others.",
  ),
  senderIpRanges: some(
    listOf(addressRange(), { max: ENTRIES_MAX }),
    "The client that brought the message has an address in one of these ranges.",
  ),
  senderADAttributeContainsWords: some(
    attributeWords(),
    "An attribute of the sender has one of the words: Department:Sales,Research.",
  ),
  senderADAttributeMatchesPatterns: some(
    attributePatterns(),
    "An attribute of the sender matches: Title:^Head of.",
  ),
};

/** What may be asked of one recipient: the rule holds for those of whom it is true. */
const RECIPIENT_CONDITIONS = {
  sentTo: addresses("The recipient is one of these; groups are looked at by sentToMemberOf."),
  sentToScope: one(
    oneOf(["InOrganization", "NotInOrganization", "ExternalPartner", "ExternalNonPartner"]),
    "Where the recipient is. Partners are the domains of tlsSendDomainSecureList.",
  ),
  sentToMemberOf: addresses("The recipient is a member of one of these groups, however deep."),
  recipientAddressContainsWords: anyWord("the recipient's primary address"),
  recipientAddressMatchesPatterns: anyPattern("the recipient's primary address"),
  recipientDomainIs: some(
    listOf(domain(), { max: ENTRIES_MAX }),
    "The recipient's address is in one of these domains; subdomains are others.",
  ),
  recipientADAttributeContainsWords: some(
    attributeWords(),
    "An attribute of the recipient has one of the words: City:Berlin,Hamburg.",
  ),
  recipientADAttributeMatchesPatterns: some(
    attributePatterns(),
    "An attribute of the recipient matches: Title:^Head of.",
  ),
};

/** What may be asked of sender and recipient together. */
const RELATION_CONDITIONS = {
  betweenMemberOf1: addresses(
    "With betweenMemberOf2: sender in one of these groups and recipient in one of those, or the " +
      "other way round.",
  ),
  betweenMemberOf2: addresses("With betweenMemberOf1: the other groups."),
  managerForEvaluatedUser: one(
    oneOf(["Sender", "Recipient"]),
    "With managerAddresses: whose manager is looked at.",
  ),
  managerAddresses: addresses("With managerForEvaluatedUser: the manager is one of these."),
  senderManagementRelationship: one(
    oneOf(["Manager", "DirectReport"]),
    "The sender is the recipient's manager, or reports to the recipient.",
  ),
  adComparisonAttribute: one(
    attributeName(),
    "The attribute of sender and recipient that adComparisonOperator compares.",
  ),
  adComparisonOperator: one(
    oneOf(["Equal", "NotEqual"]),
    "Whether the attributes have to be the same; Equal when left out.",
  ),
};

/** What may be asked of all recipients together: the rule then holds for each of them. */
const RECIPIENTS_CONDITIONS = {
  anyOfRecipientAddressContainsWords: anyWord("the address of any recipient"),
  anyOfRecipientAddressMatchesPatterns: anyPattern("the address of any recipient"),
  anyOfToHeader: addresses("Any of these is in the To field; groups too."),
  anyOfToHeaderMemberOf: addresses("A member of one of these groups is in the To field."),
  anyOfCcHeader: addresses("Any of these is in the Cc field; groups too."),
  anyOfCcHeaderMemberOf: addresses("A member of one of these groups is in the Cc field."),
  anyOfToCcHeader: addresses("Any of these is in the To or Cc field; groups too."),
  anyOfToCcHeaderMemberOf: addresses("A member of one of these groups is in To or Cc."),
};

/** What may be asked of the message. */
const MESSAGE_CONDITIONS = {
  subjectContainsWords: anyWord("the subject"),
  subjectMatchesPatterns: anyPattern("the subject"),
  subjectOrBodyContainsWords: anyWord("the subject or a body"),
  subjectOrBodyMatchesPatterns: anyPattern("the subject or a body"),
  headerContainsMessageHeader: one(fieldName(), "With headerContainsWords: the header field."),
  headerContainsWords: anyWord("the header field that headerContainsMessageHeader names"),
  headerMatchesMessageHeader: one(fieldName(), "With headerMatchesPatterns: the header field."),
  headerMatchesPatterns: anyPattern("the header field that headerMatchesMessageHeader names"),
  messageSizeOver: one(
    bytes({ min: 0, max: INTEGER_MAX }),
    "The message, as it is encoded, has at least this size.",
  ),
  sclOver: one(integer({ min: -1, max: 9 }), "The spam confidence level is this or higher."),
  messageTypeMatches: one(
    oneOf([
      "OOF",
      "AutoForward",
      "Encrypted",
      "Calendaring",
      "PermissionControlled",
      "Voicemail",
      "Signed",
      "ApprovalRequest",
      "ReadReceipt",
    ]),
    "The message is of this type.",
  ),
  withImportance: one(oneOf(["Low", "Normal", "High"]), "The importance that its sender gave it."),
  hasClassification: one(line({ max: 256 }), "The message bears this classification."),
  hasNoClassification: fact("The message bears no classification."),
  contentCharacterSetContainsWords: anyWord("the name of a character set that the message uses"),
};

/** What may be asked of what is attached, in archives and attached messages too. */
const ATTACHMENT_CONDITIONS = {
  attachmentContainsWords: anyWord("the text of an attachment"),
  attachmentMatchesPatterns: anyPattern("the text of an attachment"),
  attachmentNameMatchesPatterns: anyPattern("the name of an attachment"),
  attachmentExtensionMatchesWords: some(words(), "An attachment's name ends so: exe, docm."),
  attachmentPropertyContainsWords: some(
    propertyWords(),
    "A property of an attached Office document has one of the words: Confidentiality:secret.",
  ),
  attachmentSizeOver: one(bytes({ min: 0, max: INTEGER_MAX }), "An attachment is larger."),
  attachmentHasExecutableContent: fact("An attachment is a program or a script, by its content."),
  attachmentIsUnsupported: fact("An attachment is of a type whose text cannot be read."),
  attachmentIsPasswordProtected: fact("An attachment cannot be opened without a password."),
  attachmentProcessingLimitExceeded: fact("An attachment has more in it than may be looked at."),
};

/** Every condition (reference §10.2): all that are given have to hold. */
export const RULE_CONDITIONS = {
  ...SENDER_CONDITIONS,
  ...RECIPIENT_CONDITIONS,
  ...RELATION_CONDITIONS,
  ...RECIPIENTS_CONDITIONS,
  ...MESSAGE_CONDITIONS,
  ...ATTACHMENT_CONDITIONS,
};

/** Names of RULE_CONDITIONS. */
export type ConditionName = keyof typeof RULE_CONDITIONS;

/** The exception that belongs to a condition: `exceptIfFrom` to `from`. */
export type ExceptionName<Name extends ConditionName = ConditionName> =
  `exceptIf${Capitalize<Name>}`;

type Exceptions = {
  readonly [Name in ConditionName as ExceptionName<Name>]: (typeof RULE_CONDITIONS)[Name];
};

/** The name of the exception that belongs to a condition. */
export function exceptionName<Name extends ConditionName>(name: Name): ExceptionName<Name> {
  // What Capitalize says; no type can follow the text.
  return `exceptIf${name.charAt(0).toUpperCase()}${name.slice(1)}` as ExceptionName<Name>;
}

/** Every exception: one that holds, and the rule does not. */
export const RULE_EXCEPTIONS = Object.fromEntries(
  Object.entries(RULE_CONDITIONS).map(([name, row]) => [
    // Object.entries forgets the type of the keys.
    exceptionName(name as ConditionName),
    { ...row, doc: `Exception: ${row.doc.charAt(0).toLowerCase()}${row.doc.slice(1)}` },
  ]),
) as unknown as Exceptions;
