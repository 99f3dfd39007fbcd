import { ACCEPTED_DOMAIN } from "./accepted-domain.ts";
import { ADDRESS_REWRITE_ENTRY } from "./address-rewrite-entry.ts";
import { DKIM_SIGNING_CONFIG } from "./dkim-signing-config.ts";
import { HYGIENE_KINDS } from "./hygiene-kinds.ts";
import { JOURNAL_RULE } from "./journal-rule.ts";
import { MESSAGE_CLASSIFICATION } from "./message-classification.ts";
import { QUARANTINE_POLICY } from "./quarantine-policy.ts";
import { RECEIVE_CONNECTOR } from "./receive-connector.ts";
import { DISTRIBUTION_GROUP, MAIL_CONTACT, MAIL_USER, MAILBOX } from "./recipients.ts";
import { REMOTE_DOMAIN } from "./remote-domain.ts";
import { SCANNER_KINDS } from "./scanner-kinds.ts";
import { OAUTH_ISSUER, THROTTLING_POLICY, TLS_POLICY } from "./security-settings.ts";
import { SEND_CONNECTOR } from "./send-connector.ts";
import { SENDER_ID_CONFIG } from "./sender-id-config.ts";
import { SERVER } from "./server.ts";
import type { SettingTable } from "./setting.ts";
import { SYSTEM_MESSAGE } from "./system-message.ts";
import { TRANSPORT_AGENT } from "./transport-agent.ts";
import { TRANSPORT_CONFIG } from "./transport-config.ts";
import { TRANSPORT_RULE } from "./transport-rule.ts";
import { TRANSPORT_SERVICE } from "./transport-service.ts";

/** One kind of configured object. */
interface KindRow {
  /** Top-level name in the file. */
  readonly key: string;
  /** As a sentence has it: `receive connector`. */
  readonly title: string;
  /** Whether there is exactly one, without a name, always. */
  readonly isSingle: boolean;
  readonly table: SettingTable;
  readonly doc: string;
}

/** The kinds of objects that make the organization, in the order of file and page. */
export const CONFIGURATION_KINDS = {
  server: {
    key: "server",
    title: "server",
    isSingle: true,
    table: SERVER,
    doc: "What the process itself needs.",
  },
  acceptedDomain: {
    key: "acceptedDomains",
    title: "accepted domain",
    isSingle: false,
    table: ACCEPTED_DOMAIN,
    doc: "The domains that mail is accepted for.",
  },
  remoteDomain: {
    key: "remoteDomains",
    title: "remote domain",
    isSingle: false,
    table: REMOTE_DOMAIN,
    doc: "What may go to domains that are not ours, notices above all.",
  },
  receiveConnector: {
    key: "receiveConnectors",
    title: "receive connector",
    isSingle: false,
    table: RECEIVE_CONNECTOR,
    doc: "Where mail comes in, from whom, and within which limits.",
  },
  sendConnector: {
    key: "sendConnectors",
    title: "send connector",
    isSingle: false,
    table: SEND_CONNECTOR,
    doc: "How mail leaves for other domains. Without one it waits in the Unreachable queue.",
  },
  tlsPolicy: {
    key: "tlsPolicies",
    title: "TLS policy",
    isSingle: false,
    table: TLS_POLICY,
    doc: "What TLS to one domain has to be, whatever the send connector says.",
  },
  dkimSigningConfig: {
    key: "dkimSigningConfigs",
    title: "DKIM signing configuration",
    isSingle: false,
    table: DKIM_SIGNING_CONFIG,
    doc: "Which of our domains sign their mail (RFC 6376), and with what keys.",
  },
  transportAgent: {
    key: "transportAgents",
    title: "transport agent",
    isSingle: false,
    table: TRANSPORT_AGENT,
    doc: "What judges mail on its way, where it is to differ from its defaults or is installed.",
  },
  transportRule: {
    key: "transportRules",
    title: "transport rule",
    isSingle: false,
    table: TRANSPORT_RULE,
    doc: "Mail flow rules: what becomes of mail of which the conditions are true.",
  },
  ...HYGIENE_KINDS,
  ...SCANNER_KINDS,
  senderIdConfig: {
    key: "senderIdConfig",
    title: "Sender ID configuration",
    isSingle: true,
    table: SENDER_ID_CONFIG,
    doc: "What is done about strangers' mail whose sender or author is not who it seems.",
  },
  quarantinePolicy: {
    key: "quarantinePolicy",
    title: "quarantine policy",
    isSingle: true,
    table: QUARANTINE_POLICY,
    doc: "How long mail is kept in quarantine, and what its recipients hear of it.",
  },
  addressRewriteEntry: {
    key: "addressRewriteEntries",
    title: "address rewrite entry",
    isSingle: false,
    table: ADDRESS_REWRITE_ENTRY,
    doc: "What addresses of ours look like outside.",
  },
  journalRule: {
    key: "journalRules",
    title: "journal rule",
    isSingle: false,
    table: JOURNAL_RULE,
    doc: "Whose mail is reported to a journaling mailbox, with all its recipients.",
  },
  messageClassification: {
    key: "messageClassifications",
    title: "message classification",
    isSingle: false,
    table: MESSAGE_CLASSIFICATION,
    doc: "What messages can be classified as, by senders and by rules.",
  },
  oauthIssuer: {
    key: "oauthIssuers",
    title: "OAuth issuer",
    isSingle: false,
    table: OAUTH_ISSUER,
    doc: "Whose tokens users may log on with (OAUTHBEARER, XOAUTH2).",
  },
  throttlingPolicy: {
    key: "throttlingPolicies",
    title: "throttling policy",
    isSingle: false,
    table: THROTTLING_POLICY,
    doc: "How much one user may send.",
  },
  systemMessage: {
    key: "systemMessages",
    title: "system message",
    isSingle: false,
    table: SYSTEM_MESSAGE,
    doc: "What notices say in place of our own words.",
  },
  transportService: {
    key: "transportService",
    title: "transport service",
    isSingle: true,
    table: TRANSPORT_SERVICE,
    doc: "Retries, limits, pickup directories and logs.",
  },
  transportConfig: {
    key: "transportConfig",
    title: "transport configuration",
    isSingle: true,
    table: TRANSPORT_CONFIG,
    doc: "Notices about delivery.",
  },
} as const satisfies Record<string, KindRow>;

/** The kinds of recipients: looked up, not part of the snapshot. */
export const RECIPIENT_KINDS = {
  mailbox: {
    key: "mailboxes",
    title: "mailbox",
    isSingle: false,
    table: MAILBOX,
    doc: "Mail is kept here (Maildir) or by an LMTP server.",
  },
  mailUser: {
    key: "mailUsers",
    title: "mail user",
    isSingle: false,
    table: MAIL_USER,
    doc: "People of the organization whose mailbox is elsewhere.",
  },
  mailContact: {
    key: "mailContacts",
    title: "mail contact",
    isSingle: false,
    table: MAIL_CONTACT,
    doc: "People outside who have an address here.",
  },
  distributionGroup: {
    key: "distributionGroups",
    title: "distribution group",
    isSingle: false,
    table: DISTRIBUTION_GROUP,
    doc: "Mail to the group goes to all its members.",
  },
} as const satisfies Record<string, KindRow>;

/** Names of CONFIGURATION_KINDS. */
export type ConfigurationKind = keyof typeof CONFIGURATION_KINDS;
/** Names of RECIPIENT_KINDS. */
export type RecipientKind = keyof typeof RECIPIENT_KINDS;
/** Any kind of object that a file can hold. */
export type ObjectKind = ConfigurationKind | RecipientKind;

/** All kinds in the order of file and page. */
export const OBJECT_KINDS = { ...CONFIGURATION_KINDS, ...RECIPIENT_KINDS };

/** Whether the text names a kind of recipient; the store's rows hold text. */
export function isRecipientKind(kind: string): kind is RecipientKind {
  return Object.hasOwn(RECIPIENT_KINDS, kind);
}

/** Whether the text names a kind of object of the organization. */
export function isConfigurationKind(kind: string): kind is ConfigurationKind {
  return Object.hasOwn(CONFIGURATION_KINDS, kind);
}
