import { DAY, HOUR, SECOND } from "../../base/units.ts";
import { FILTER_SCOPE, REJECTION_CHARACTERS_MAX } from "./filter-scope.ts";
import { required, setting } from "./setting.ts";
import {
  address,
  bool,
  domain,
  integer,
  line,
  listOf,
  longText,
  name,
  oneOf,
  Problem,
  scalarType,
  span,
} from "./setting-types.ts";

/** Entries of one list (reference §9.3, §9.4). */
const BLOCKED_MAX = 800;

/** Set-SenderFilterConfig (reference §9.3) */
export const SENDER_FILTER_CONFIG = {
  ...FILTER_SCOPE,
  action: setting(
    oneOf(["Reject", "StampStatus"]),
    "Reject",
    "What becomes of mail of blocked senders; StampStatus: the content filter is told.",
  ),
  blockedSenders: setting(
    listOf(address(), { max: BLOCKED_MAX }),
    [],
    "In MAIL FROM, or as an author in the header.",
  ),
  blockedDomains: setting(
    listOf(domain(), { max: BLOCKED_MAX }),
    [],
    "As blockedSenders, every address of the domain; its subdomains are others.",
  ),
  blockedDomainsAndSubdomains: setting(
    listOf(domain(), { max: BLOCKED_MAX }),
    [],
    "As blockedDomains, and everything below it.",
  ),
  blankSenderBlockingEnabled: setting(
    bool(),
    "false",
    "Mail without a sender is blocked: notices of others about our mail, too.",
  ),
  recipientBlockedSenderAction: setting(
    oneOf(["Reject", "Delete"]),
    "Reject",
    "What becomes of mail to a mailbox whose blockedSenders names the sender.",
  ),
};

/** Set-RecipientFilterConfig (reference §9.4) */
export const RECIPIENT_FILTER_CONFIG = {
  ...FILTER_SCOPE,
  recipientValidationEnabled: setting(
    bool(),
    "true",
    "Recipients of authoritative domains that nobody has are refused at RCPT. Without it their " +
      "mail is accepted, and notices go to senders who are mostly forged.",
  ),
  blockListEnabled: setting(bool(), "false", "Whether blockedRecipients are refused."),
  blockedRecipients: setting(
    listOf(address(), { max: BLOCKED_MAX }),
    [],
    "Recipients who get mail from inside only.",
  ),
};

/** Set-SenderReputationConfig (reference §9.7) */
export const SENDER_REPUTATION_CONFIG = {
  ...FILTER_SCOPE,
  srlBlockThreshold: setting(
    integer({ min: 1, max: 9 }),
    "7",
    "Sources whose sender reputation level is this or more are blocked.",
  ),
  senderBlockingEnabled: setting(
    bool(),
    "true",
    "Whether sources are put on the IP Block list; without it they are only watched.",
  ),
  senderBlockingPeriod: setting(
    integer({ min: 1, max: 48 }),
    "24",
    "Hours that a source stays on the IP Block list.",
  ),
};

/** Set-GreylistingConfig: ours, Exchange has none. */
export const GREYLISTING_CONFIG = {
  ...FILTER_SCOPE,
  enabled: setting(
    bool(),
    "false",
    "Whether mail of sources not seen before is put off: who does not try again does not get in.",
  ),
  retryInterval: setting(
    span({ min: SECOND, max: HOUR }),
    "00:05:00",
    "How long after the first try the next one is too early.",
  ),
  retryWindow: setting(
    span({ min: HOUR, max: 7 * DAY }),
    "2.00:00:00",
    "How long after the first try the next one must come.",
  ),
  passedLifetime: setting(
    span({ min: DAY, max: 365 * DAY }),
    "36.00:00:00",
    "How long who has passed is known; each message begins it anew.",
  ),
  bypassedRecipients: setting(
    listOf(address(), { max: BLOCKED_MAX }),
    [],
    "Recipients whose mail does not wait.",
  ),
};

/** Set-BackscatterProtectionConfig: ours, Exchange has none. */
export const BACKSCATTER_PROTECTION_CONFIG = {
  signingEnabled: setting(
    bool(),
    "false",
    "Senders of our domains leave as prvs=…, so that notices about our mail can be told from " +
      "notices about mail that others have sent in our name (BATV).",
  ),
  rejectionEnabled: setting(
    bool(),
    "false",
    "Notices to addresses that were never signed are refused. Sign for a week before that: " +
      "notices about older mail come to unsigned addresses.",
  ),
  tagLifetime: setting(
    span({ min: DAY, max: 30 * DAY }),
    "7.00:00:00",
    "How long after a message notices about it are believed.",
  ),
  keyNumber: setting(
    integer({ min: 0, max: 9 }),
    "0",
    "Another number is another key; addresses signed with any of them are believed until they end.",
  ),
  bypassedRecipients: setting(
    listOf(address(), { max: BLOCKED_MAX }),
    [],
    "Addresses of ours whose mail leaves by other servers, unsigned.",
  ),
};

/** Set-AttachmentFilterListConfig (reference §9.9) */
export const ATTACHMENT_FILTER_LIST_CONFIG = {
  ...FILTER_SCOPE,
  action: setting(
    oneOf(["Reject", "Strip", "SilentDelete"]),
    "Reject",
    "What becomes of mail with such an attachment: refused, taken with a text in place of the " +
      "attachment, or accepted and thrown away.",
  ),
  rejectResponse: setting(
    line({ max: REJECTION_CHARACTERS_MAX }),
    "Message rejected due to unacceptable attachments",
    "What the client is told.",
  ),
  adminMessage: setting(
    longText({ max: 4096 }),
    "This attachment was removed.",
    "The text in place of an attachment that was taken out.",
  ),
  encryptedArchivesEnabled: setting(
    bool(),
    "true",
    "Whether archives that nobody can look into without a password are let in.",
  ),
  exceptionConnectors: setting(
    listOf(name(), { max: 1000 }),
    [],
    "Receive connectors whose mail is not looked at.",
  ),
};

const ENTRY =
  /^(?:FileName:[^\s:\\/][^:\\/]{0,127}|ContentType:[\w!#$&^.+-]{1,63}\/[\w!#$&^.+*-]{1,63})$/i;

/** `FileName:*.exe`, `ContentType:application/hta`. */
function attachmentEntry() {
  return scalarType({
    label: "FileName:… or ContentType:…",
    suffix: "",
    parse(text) {
      if (!ENTRY.test(text) || /[\p{Cc}\u2028\u2029]/u.test(text)) {
        return new Problem("is no entry; write FileName:*.exe or ContentType:application/hta");
      }
      const [type = "", what = ""] = text.split(":");
      const isFile = type.toLowerCase() === "filename";
      return `${isFile ? "FileName" : "ContentType"}:${what.toLowerCase()}`;
    },
  });
}

/** Add-AttachmentFilterEntry (reference §9.9) */
export const ATTACHMENT_FILTER_ENTRY = {
  name: required(
    attachmentEntry(),
    "Names of files with `*` for any text, or a media type: what the message says of the " +
      "attachment, and what its bytes are.",
  ),
};

/** Set-OrganizationConfig (reference §9.6) */
export const ORGANIZATION_CONFIG = {
  sclJunkThreshold: setting(
    integer({ min: 0, max: 9 }),
    "4",
    "Mail with a higher spam confidence level goes to the mailbox's folder Junk.",
  ),
};
