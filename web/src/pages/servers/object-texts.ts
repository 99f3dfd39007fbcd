import { textsOf } from "../../base/texts.ts";

/** Titles of settings that belong together. */
export const groupTexts = textsOf("servers/groups", {
  logs: "Logs",
  directories: "Directories",
  retries: "Retries and expiry",
  connections: "Connections and threads",
  notices: "Notices of non-delivery and delay",
  sizes: "Sizes",
  encryption: "Encryption and certificates",
});

/** Titles of objects without a page of their own. */
export const titleTexts = textsOf("servers/titles", {
  TransportConfig: "Transport configuration",
  TransportService: "Transport service",
  TransportServer: "Server",
  OrganizationConfig: "Organization",
  JournalRule: "Journal rule",
  ThrottlingPolicy: "Throttling policy",
  AddressRewriteEntry: "Address rewriting",
  MessageClassification: "Message classification",
  SystemMessage: "Text of a notice",
  OAuthIssuer: "OAuth issuer",
});

/** What they are for. */
export const aboutTexts = textsOf("servers/about", {
  TransportConfig:
    "What holds for the whole organization: sizes, notices, Safety Net, TLS reports, ACME.",
  TransportService:
    "What holds for this server: retries, connections, logs and their sizes, directories.",
  TransportServer: "Its name in SMTP, threads, name servers, and where the admin center listens.",
  OrganizationConfig: "What holds for all mailboxes.",
  JournalRule: "Whose mail is copied to a journal mailbox, whole and with its envelope.",
  ThrottlingPolicy: "How much a mailbox may send.",
  AddressRewriteEntry: "Addresses that are others outside than within.",
  MessageClassification: "Marks that rules and clients put on messages.",
  SystemMessage: "Texts of your own in notices of non-delivery and delay.",
  OAuthIssuer: "Whose tokens programs may send with.",
});
