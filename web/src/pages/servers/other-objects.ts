import { aboutTexts, groupTexts, titleTexts } from "./object-texts.ts";

/** Objects without a page of their own: many of a kind, or one. */
export interface OtherObjects {
  readonly noun: string;
  readonly title: string;
  readonly about: string;
  /** Properties shown as columns, the name first; absent: there is one object. */
  readonly columns?: readonly string[];
}

/** Titles of settings by what their names have in them; the first that fits. */
export const SETTING_GROUPS: readonly { readonly title: string; readonly names: RegExp }[] = [
  { title: groupTexts.logs, names: /Log|Recording|TrackingIndex/ },
  { title: groupTexts.directories, names: /Directory/ },
  { title: groupTexts.retries, names: /Retry|Expiration|Glitch|Resubmit|DelayNotification/ },
  { title: groupTexts.connections, names: /Connection|Threads|DNS|Dns|Deliver/ },
  { title: groupTexts.notices, names: /Dsn|Postmaster|Ndr/ },
  { title: groupTexts.sizes, names: /Size|Limit$/ },
  { title: groupTexts.encryption, names: /Tls|Acme|Certificate/ },
];

/** In the order of the list. */
export const OTHER_OBJECTS: readonly OtherObjects[] = [
  {
    noun: "TransportConfig",
    title: titleTexts.TransportConfig,
    about: aboutTexts.TransportConfig,
  },
  {
    noun: "TransportService",
    title: titleTexts.TransportService,
    about: aboutTexts.TransportService,
  },
  {
    noun: "TransportServer",
    title: titleTexts.TransportServer,
    about: aboutTexts.TransportServer,
  },
  {
    noun: "OrganizationConfig",
    title: titleTexts.OrganizationConfig,
    about: aboutTexts.OrganizationConfig,
  },
  {
    noun: "JournalRule",
    title: titleTexts.JournalRule,
    about: aboutTexts.JournalRule,
    columns: ["Name", "Recipient", "Scope", "JournalEmailAddress", "Enabled"],
  },
  {
    noun: "ThrottlingPolicy",
    title: titleTexts.ThrottlingPolicy,
    about: aboutTexts.ThrottlingPolicy,
    columns: ["Name", "MessageRateLimit", "RecipientsPerDay", "MakeDefault"],
  },
  {
    noun: "AddressRewriteEntry",
    title: titleTexts.AddressRewriteEntry,
    about: aboutTexts.AddressRewriteEntry,
    columns: ["Name", "InternalAddress", "ExternalAddress", "OutboundOnly"],
  },
  {
    noun: "MessageClassification",
    title: titleTexts.MessageClassification,
    about: aboutTexts.MessageClassification,
    columns: ["Name", "DisplayName"],
  },
  {
    noun: "SystemMessage",
    title: titleTexts.SystemMessage,
    about: aboutTexts.SystemMessage,
    columns: ["Identity", "Text"],
  },
  {
    noun: "OAuthIssuer",
    title: titleTexts.OAuthIssuer,
    about: aboutTexts.OAuthIssuer,
    columns: ["Name", "Issuer"],
  },
];
