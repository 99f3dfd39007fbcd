import { textsOf } from "../../base/texts.ts";

/** Groups of conditions in the order in which they are offered. */
export type ConditionGroup =
  | "sender"
  | "recipient"
  | "both"
  | "addressees"
  | "words"
  | "message"
  | "attachment";

/** A predicate or action in words: `{Parameter}` stands for the value of that parameter. */
export interface Phrase {
  readonly words: string;
  readonly group?: ConditionGroup;
}

function of(group: ConditionGroup, phrases: Readonly<Record<string, string>>) {
  return Object.entries(textsOf(`rules/${group}`, phrases)).map(
    ([name, words]) => [name, { group, words } satisfies Phrase] as const,
  );
}

/** Conditions by the name of their predicate; an exception says the same. */
export const CONDITION_PHRASES: ReadonlyMap<string, Phrase> = new Map([
  ...of("sender", {
    From: "the sender is {From}",
    FromScope: "the sender is located {FromScope}",
    FromMemberOf: "the sender is a member of {FromMemberOf}",
    FromAddressContainsWords: "the sender's address contains {FromAddressContainsWords}",
    FromAddressMatchesPatterns: "the sender's address matches {FromAddressMatchesPatterns}",
    SenderDomainIs: "the sender's domain is {SenderDomainIs}",
    SenderIpRanges: "the client's IP address is in {SenderIpRanges}",
    SenderADAttributeContainsWords:
      "the sender's attribute contains {SenderADAttributeContainsWords}",
    SenderADAttributeMatchesPatterns:
      "the sender's attribute matches {SenderADAttributeMatchesPatterns}",
  }),
  ...of("recipient", {
    SentTo: "the recipient is {SentTo}",
    SentToScope: "the recipient is located {SentToScope}",
    SentToMemberOf: "the recipient is a member of {SentToMemberOf}",
    RecipientAddressContainsWords:
      "the recipient's address contains {RecipientAddressContainsWords}",
    RecipientAddressMatchesPatterns:
      "the recipient's address matches {RecipientAddressMatchesPatterns}",
    RecipientDomainIs: "the recipient's domain is {RecipientDomainIs}",
    RecipientADAttributeContainsWords:
      "the recipient's attribute contains {RecipientADAttributeContainsWords}",
    RecipientADAttributeMatchesPatterns:
      "the recipient's attribute matches {RecipientADAttributeMatchesPatterns}",
    AnyOfRecipientAddressContainsWords:
      "any recipient's address contains {AnyOfRecipientAddressContainsWords}",
    AnyOfRecipientAddressMatchesPatterns:
      "any recipient's address matches {AnyOfRecipientAddressMatchesPatterns}",
  }),
  ...of("both", {
    BetweenMemberOf1: "it is between members of {BetweenMemberOf1} and of {BetweenMemberOf2}",
    ManagerForEvaluatedUser: "the manager of the {ManagerForEvaluatedUser} is {ManagerAddresses}",
    SenderManagementRelationship: "to the recipient the sender is {SenderManagementRelationship}",
    ADComparisonAttribute:
      "{ADComparisonAttribute} of sender and recipient is {ADComparisonOperator}",
  }),
  ...of("addressees", {
    AnyOfToHeader: "the To field has {AnyOfToHeader}",
    AnyOfToHeaderMemberOf: "the To field has a member of {AnyOfToHeaderMemberOf}",
    AnyOfCcHeader: "the Cc field has {AnyOfCcHeader}",
    AnyOfCcHeaderMemberOf: "the Cc field has a member of {AnyOfCcHeaderMemberOf}",
    AnyOfToCcHeader: "the To or Cc field has {AnyOfToCcHeader}",
    AnyOfToCcHeaderMemberOf: "the To or Cc field has a member of {AnyOfToCcHeaderMemberOf}",
  }),
  ...of("words", {
    SubjectContainsWords: "the subject contains {SubjectContainsWords}",
    SubjectMatchesPatterns: "the subject matches {SubjectMatchesPatterns}",
    SubjectOrBodyContainsWords: "the subject or body contains {SubjectOrBodyContainsWords}",
    SubjectOrBodyMatchesPatterns: "the subject or body matches {SubjectOrBodyMatchesPatterns}",
    HeaderContainsWords:
      "the header field {HeaderContainsMessageHeader} contains {HeaderContainsWords}",
    HeaderMatchesPatterns:
      "the header field {HeaderMatchesMessageHeader} matches {HeaderMatchesPatterns}",
    ContentCharacterSetContainsWords:
      "its character set contains {ContentCharacterSetContainsWords}",
  }),
  ...of("message", {
    MessageSizeOver: "the message has {MessageSizeOver} or more",
    SCLOver: "the spam confidence level is {SCLOver} or higher",
    MessageTypeMatches: "the message is of type {MessageTypeMatches}",
    WithImportance: "its importance is {WithImportance}",
    HasClassification: "it is classified as {HasClassification}",
    HasNoClassification: "it has no classification",
  }),
  ...of("attachment", {
    AttachmentContainsWords: "an attachment contains {AttachmentContainsWords}",
    AttachmentMatchesPatterns: "an attachment's text matches {AttachmentMatchesPatterns}",
    AttachmentNameMatchesPatterns: "an attachment's name matches {AttachmentNameMatchesPatterns}",
    AttachmentExtensionMatchesWords:
      "an attachment's name ends in {AttachmentExtensionMatchesWords}",
    AttachmentPropertyContainsWords:
      "an attached document's property contains {AttachmentPropertyContainsWords}",
    AttachmentSizeOver: "an attachment has {AttachmentSizeOver} or more",
    AttachmentHasExecutableContent: "an attachment is a program or script",
    AttachmentIsUnsupported: "an attachment cannot be read",
    AttachmentIsPasswordProtected: "an attachment is protected by a password",
    AttachmentProcessingLimitExceeded: "an attachment has more in it than may be looked at",
  }),
]);

/** Actions by the first of their parameters. */
export const ACTION_PHRASES: ReadonlyMap<string, Phrase> = new Map(
  Object.entries(
    textsOf("rules/actions", {
      RejectMessageReasonText:
        "return it to the sender with {RejectMessageReasonText} {RejectMessageEnhancedStatusCode}",
      DeleteMessage: "delete it without telling anybody",
      Quarantine: "put it into quarantine",
      ModerateMessageByUser: "hold it until {ModerateMessageByUser} approves",
      ModerateMessageByManager: "hold it until the sender's manager approves",
      RedirectMessageTo: "send it to {RedirectMessageTo} in place of its recipients",
      BlindCopyTo: "send a hidden copy to {BlindCopyTo}",
      CopyTo: "add {CopyTo} as Cc",
      AddToRecipients: "add {AddToRecipients} as To",
      AddManagerAsRecipientType: "add the sender's manager as {AddManagerAsRecipientType}",
      ApplyHtmlDisclaimerText:
        "add the disclaimer {ApplyHtmlDisclaimerText} {ApplyHtmlDisclaimerLocation}; " +
        "where that cannot be: {ApplyHtmlDisclaimerFallbackAction}",
      PrependSubject: "put {PrependSubject} before the subject",
      SetHeaderName: "set the header field {SetHeaderName} to {SetHeaderValue}",
      RemoveHeader: "take out the header field {RemoveHeader}",
      SetSCL: "set the spam confidence level to {SetSCL}",
      ApplyClassification: "classify it as {ApplyClassification}",
      RouteMessageOutboundRequireTls: "send it on over verified TLS only",
      NotifySender: "tell the sender: {NotifySender}",
      GenerateNotification: "send its recipients the notice {GenerateNotification}",
      GenerateIncidentReport:
        "send a report to {GenerateIncidentReport} with {IncidentReportContent}",
      LogEventText: "write {LogEventText} into the server's log",
      SetAuditSeverity: "mark it in the tracking log as {SetAuditSeverity}",
      StopRuleProcessing: "ask no later rule",
    }),
  ).map(([name, words]) => [name, { words }]),
);

/** Parameters that say more of an action, by the first of its parameters. */
export const ACTION_PARTS: Readonly<Record<string, readonly string[]>> = {
  RejectMessageReasonText: ["RejectMessageReasonText", "RejectMessageEnhancedStatusCode"],
  ApplyHtmlDisclaimerText: [
    "ApplyHtmlDisclaimerText",
    "ApplyHtmlDisclaimerLocation",
    "ApplyHtmlDisclaimerFallbackAction",
  ],
  SetHeaderName: ["SetHeaderName", "SetHeaderValue"],
  GenerateIncidentReport: ["GenerateIncidentReport", "IncidentReportContent"],
};

/** Parameters that have a value although nobody has asked for the action. */
export const OPTIONS: ReadonlySet<string> = new Set([
  "ApplyHtmlDisclaimerLocation",
  "ApplyHtmlDisclaimerFallbackAction",
  "IncidentReportContent",
]);

/** Values of choices as one says them. */
export const VALUE_WORDS: Readonly<Record<string, string>> = textsOf("rules/values", {
  InOrganization: "inside the organization",
  NotInOrganization: "outside the organization",
  ExternalPartner: "outside, in a partner's domain",
  ExternalNonPartner: "outside, in nobody's domain that is a partner",
  Equal: "the same",
  NotEqual: "not the same",
  Sender: "sender",
  Recipient: "recipient",
  Manager: "the manager",
  DirectReport: "a direct report",
  Append: "at the end",
  Prepend: "at the beginning",
  Wrap: "wrap the message",
  Ignore: "leave it out",
  Reject: "return the message",
  NotifyOnly: "that the rule has matched",
  RejectMessage: "that the message is refused",
});
