import { fieldName, rejectStatus } from "./rule-types.ts";
import { nullable, type SettingTable, setting } from "./setting.ts";
import { address, bool, integer, line, listOf, longText, oneOf } from "./setting-types.ts";

const ADDRESSES_MAX = 100;
const addresses = (doc: string) => setting(listOf(address(), { max: ADDRESSES_MAX }), [], doc);

/** What an incident report may tell (reference §10.3). */
const REPORT_CONTENT = [
  "Sender",
  "Recipients",
  "Subject",
  "Cc",
  "Bcc",
  "Severity",
  "RuleDetections",
  "AttachOriginalMail",
] as const;

/** What a rule does with a message (reference §10.3): all that are given. */
export const RULE_ACTIONS = {
  moderateMessageByUser: addresses("The message waits until one of these has approved it."),
  moderateMessageByManager: setting(
    bool(),
    "false",
    "The message waits until the sender's manager has approved it.",
  ),
  redirectMessageTo: addresses("These get the message in place of its recipients."),
  rejectMessageReasonText: nullable(
    line({ max: 1024 }),
    {},
    "The message is refused with a notice to the sender that says so.",
  ),
  rejectMessageEnhancedStatusCode: nullable(
    rejectStatus(),
    {},
    "The message is refused with this status; 5.7.1 when only the text is given.",
  ),
  deleteMessage: setting(bool(), "false", "The message goes, and nobody is told."),
  quarantine: setting(bool(), "false", "The message goes into the quarantine."),
  blindCopyTo: addresses("These get the message too, and nobody sees it."),
  copyTo: addresses("These get the message too, and are put into its Cc field."),
  addToRecipients: addresses("These get the message too, and are put into its To field."),
  addManagerAsRecipientType: nullable(
    oneOf(["To", "Cc", "Bcc", "Redirect"]),
    {},
    "The sender's manager gets the message too, or in place of its recipients.",
  ),
  applyHtmlDisclaimerText: nullable(
    longText({ max: 5000 }),
    {},
    "A text in HTML that is put into the message; %%Department%% stands for the sender's " +
      "department, and so on for every attribute.",
  ),
  applyHtmlDisclaimerLocation: setting(
    oneOf(["Append", "Prepend"]),
    "Append",
    "Where the disclaimer goes.",
  ),
  applyHtmlDisclaimerFallbackAction: setting(
    oneOf(["Wrap", "Ignore", "Reject"]),
    "Wrap",
    "What becomes of a message into which it cannot be put, because it is signed or encrypted.",
  ),
  prependSubject: nullable(line({ max: 256 }), {}, "Is put before the subject."),
  setHeaderName: nullable(fieldName(), {}, "The header field that setHeaderValue is the value of."),
  setHeaderValue: nullable(line({ max: 1024 }), {}, "What the field setHeaderName says from now."),
  removeHeader: nullable(fieldName(), {}, "The header field that is taken out."),
  setSCL: nullable(integer({ min: -1, max: 9 }), {}, "The spam confidence level from now on."),
  applyClassification: nullable(line({ max: 256 }), {}, "The classification that it bears now."),
  routeMessageOutboundRequireTls: setting(
    bool(),
    "false",
    "It leaves only over TLS with a certificate that has been checked, or comes back.",
  ),
  notifySender: nullable(
    oneOf(["NotifyOnly", "RejectMessage"]),
    {},
    "The sender gets a notice that a rule has matched, and the message goes on or is refused. " +
      "NotifyOnly tells senders of the organization only.",
  ),
  generateNotification: nullable(
    longText({ max: 5120 }),
    {},
    "A notice to the recipients, text or HTML; %%From%%, %%To%%, %%Cc%%, %%Subject%%, " +
      "%%Headers%% and %%MessageDate%% are filled in.",
  ),
  generateIncidentReport: nullable(address(), {}, "Who gets a report of the match."),
  incidentReportContent: setting(
    listOf(oneOf(REPORT_CONTENT), { max: REPORT_CONTENT.length }),
    ["Sender", "Recipients", "Subject", "RuleDetections"],
    "What the report tells.",
  ),
  logEventText: nullable(line({ max: 1024 }), {}, "Is written into the server's diagnostics."),
  setAuditSeverity: nullable(
    oneOf(["DoNotAudit", "Low", "Medium", "High"]),
    {},
    "Stands in the tracking log with the match; DoNotAudit: the match does not.",
  ),
  stopRuleProcessing: setting(bool(), "false", "No later rule looks at the message."),
} satisfies SettingTable;

/** Names of RULE_ACTIONS. */
export type ActionName = keyof typeof RULE_ACTIONS;
