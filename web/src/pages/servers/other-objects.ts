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
  { title: "Logs", names: /Log|Recording|TrackingIndex/ },
  { title: "Directories", names: /Directory/ },
  { title: "Retries and expiry", names: /Retry|Expiration|Glitch|Resubmit|DelayNotification/ },
  { title: "Connections and threads", names: /Connection|Threads|DNS|Dns|Deliver/ },
  { title: "Notices of non-delivery and delay", names: /Dsn|Postmaster|Ndr/ },
  { title: "Sizes", names: /Size|Limit$/ },
  { title: "Encryption and certificates", names: /Tls|Acme|Certificate/ },
];

/** In the order of the list. */
export const OTHER_OBJECTS: readonly OtherObjects[] = [
  {
    noun: "TransportConfig",
    title: "Transport configuration",
    about: "What holds for the whole organization: sizes, notices, Safety Net, TLS reports, ACME.",
  },
  {
    noun: "TransportService",
    title: "Transport service",
    about: "What holds for this server: retries, connections, logs and their sizes, directories.",
  },
  {
    noun: "TransportServer",
    title: "Server",
    about: "Its name in SMTP, threads, name servers, and where the admin center listens.",
  },
  {
    noun: "OrganizationConfig",
    title: "Organization",
    about: "What holds for all mailboxes.",
  },
  {
    noun: "JournalRule",
    title: "Journal rule",
    about: "Whose mail is copied to a journal mailbox, whole and with its envelope.",
    columns: ["Name", "Recipient", "Scope", "JournalEmailAddress", "Enabled"],
  },
  {
    noun: "ThrottlingPolicy",
    title: "Throttling policy",
    about: "How much a mailbox may send.",
    columns: ["Name", "MessageRateLimit", "RecipientsPerDay", "MakeDefault"],
  },
  {
    noun: "AddressRewriteEntry",
    title: "Address rewriting",
    about: "Addresses that are others outside than within.",
    columns: ["Name", "InternalAddress", "ExternalAddress", "OutboundOnly"],
  },
  {
    noun: "MessageClassification",
    title: "Message classification",
    about: "Marks that rules and clients put on messages.",
    columns: ["Name", "DisplayName"],
  },
  {
    noun: "SystemMessage",
    title: "Text of a notice",
    about: "Texts of your own in notices of non-delivery and delay.",
    columns: ["Identity", "Text"],
  },
  {
    noun: "OAuthIssuer",
    title: "OAuth issuer",
    about: "Whose tokens programs may send with.",
    columns: ["Name", "Issuer"],
  },
];
