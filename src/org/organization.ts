import type { Address, Domain } from "../mail/address.ts";
import type { CertificateName } from "../tls/distinguished-name.ts";
import type { TlsProfileName, TlsVersion } from "../tls/tls-profile.ts";
import type {
  AdminSignIn,
  OAuthClient,
  OAuthIssuer,
  SmartHostCredential,
  ThrottlingPolicy,
} from "./access-settings.ts";
import type { SafeLists } from "./hygiene-settings.ts";
import type { LogSettings, ProtocolLoggingLevel } from "./log-settings.ts";
import type { MailTrustSettings } from "./mail-trust-settings.ts";
import type { PolicySettings } from "./policy-settings.ts";
import type { RecipientAttributes } from "./recipient-attributes.ts";
import type { RecipientModeration } from "./recipient-moderation.ts";
import type { SenderAuthenticationSettings } from "./sender-authentication-settings.ts";
import type { AddressRange } from "./settings/address-range.ts";
import type { AcmeSettings, TlsAuthLevel, TlsPolicy, TlsReporting } from "./tls-settings.ts";

/** Rights of reference §2.6 that a principal may hold on a receive connector. */
export type Right =
  | "ms-Exch-SMTP-Submit"
  | "ms-Exch-SMTP-Accept-Any-Recipient"
  | "ms-Exch-SMTP-Accept-Any-Sender"
  | "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
  | "ms-Exch-SMTP-Accept-Authentication-Flag"
  | "ms-Exch-Bypass-Anti-Spam"
  | "ms-Exch-Bypass-Message-Size-Limit"
  | "ms-Exch-Accept-Headers-Routing"
  | "ms-Exch-Accept-Headers-Organization"
  | "ms-Exch-Accept-Headers-Forest";

/** Permission groups of reference §2.4. */
export type PermissionGroup =
  | "None"
  | "AnonymousUsers"
  | "ExchangeUsers"
  | "ExchangeServers"
  | "ExchangeLegacyServers"
  | "Partners"
  | "Custom";

/**
 * Mechanisms of reference §2.5. Ours besides: OAuth (OAUTHBEARER, XOAUTH2) and Certificate
 * (EXTERNAL), both over TLS only.
 */
export type AuthMechanism =
  | "None"
  | "Tls"
  | "Integrated"
  | "BasicAuth"
  | "BasicAuthRequireTLS"
  | "OAuth"
  | "Certificate"
  | "ExchangeServer"
  | "ExternalAuthoritative";

/** An address and port to listen on; an address of one link ends in `%` and its interface. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Reference §2.4. Spans are milliseconds, sizes bytes; `Infinity` is Exchange's "unlimited". */
export interface ReceiveConnector extends SenderAuthenticationSettings {
  readonly name: string;
  readonly enabled: boolean;
  readonly bindings: readonly Endpoint[];
  readonly remoteIPRanges: readonly AddressRange[];
  readonly fqdn: string;
  /** What follows `220 ` in the first line; `undefined`: the usual text. */
  readonly banner: string | undefined;
  readonly comment: string;
  readonly authMechanism: readonly AuthMechanism[];
  readonly permissionGroups: readonly PermissionGroup[];
  /** Rights besides those of the groups, by group ("AnonymousUsers") or mailbox (lower case). */
  readonly extendedRights: Readonly<Record<string, readonly Right[]>>;
  /** TLS from the first byte (RFC 8314 §3.3). */
  readonly implicitTlsEnabled: boolean;
  readonly requireTLS: boolean;
  readonly maxMessageSize: number;
  readonly maxHeaderSize: number;
  readonly maxRecipientsPerMessage: number;
  readonly maxHopCount: number;
  readonly maxLocalHopCount: number;
  readonly maxInboundConnection: number;
  readonly maxInboundConnectionPerSource: number;
  readonly maxInboundConnectionPercentagePerSource: number;
  readonly connectionTimeoutMs: number;
  readonly connectionInactivityTimeoutMs: number;
  readonly maxProtocolErrors: number;
  readonly tarpitIntervalMs: number;
  readonly sizeEnabled: "Enabled" | "Disabled" | "EnabledWithoutValue";
  readonly binaryMimeEnabled: boolean;
  readonly chunkingEnabled: boolean;
  readonly deliveryStatusNotificationEnabled: boolean;
  readonly eightBitMimeEnabled: boolean;
  readonly enhancedStatusCodesEnabled: boolean;
  readonly pipeliningEnabled: boolean;
  readonly smtpUtf8Enabled: boolean;
  readonly requireEHLODomain: boolean;
  /** Connectors that share a binding have the same role; frontend sessions say so in Received. */
  readonly transportRole: "FrontendTransport" | "HubTransport";
  readonly bareLinefeedRejectionEnabled: boolean;
  readonly longAddressesEnabled: boolean;
  readonly orarEnabled: boolean;
  readonly requireTlsExtensionEnabled: boolean;
  /** RFC 9422 */
  readonly limitsExtensionEnabled: boolean;
  readonly rejectReservedTopLevelRecipientDomains: boolean;
  readonly rejectReservedSecondLevelRecipientDomains: boolean;
  readonly rejectSingleLabelRecipientDomains: boolean;
  readonly defaultDomain: Domain | undefined;
  readonly domainSecureEnabled: boolean;
  readonly suppressXAnonymousTls: boolean;
  readonly enableAuthGSSAPI: boolean;
  readonly extendedProtectionPolicy: "None" | "Allow" | "Require";
  /** NTLM v1, broken since long: for devices that know nothing else. */
  readonly ntlmV1Enabled: boolean;
  /** Pins the certificate to show; `undefined`: chosen by `fqdn` (reference §13). */
  readonly tlsCertificateName: CertificateName | undefined;
  readonly tlsProfile: TlsProfileName;
  /** Narrows the profile; `undefined`: the profile's own. */
  readonly tlsMinimumVersion: TlsVersion | undefined;
  /** Clients with one of these certificates are Partners (mutual TLS). */
  readonly partnerCertificateNames: readonly CertificateName[];
  readonly advertiseClientSettings: boolean;
  readonly serviceDiscoveryFqdn: Domain | undefined;
  /** Messages per minute from one source. */
  readonly messageRateLimit: number;
  readonly messageRateSource: "None" | "IPAddress" | "User" | "All";
  readonly maxLogonFailures: number;
  readonly authTarpitIntervalMs: number;
  /** Load balancers whose connections begin with a PROXY header. */
  readonly proxyProtocolSources: readonly AddressRange[];
  /** Clients that may use XCLIENT. */
  readonly xclientSources: readonly AddressRange[];
  readonly protocolLoggingLevel: ProtocolLoggingLevel;
}

/**
 * An SMTP address space: `*`, `*.contoso.com` (the domain and its subdomains), `contoso.com`, or
 * `--` for all accepted domains that are authoritative or internal relay.
 */
export interface AddressSpace {
  readonly space: "*" | "--" | `*.${string}` | Domain;
  readonly cost: number;
}

/** A smart host: a name (MX or address records) or an address literal without its brackets. */
export interface SmartHost {
  readonly host: string;
  readonly isAddress: boolean;
}

/** Reference §3.1. */
export interface SendConnector {
  readonly name: string;
  readonly enabled: boolean;
  readonly addressSpaces: readonly AddressSpace[];
  /** Empty: the recipient's domain is looked up (MX routing). */
  readonly smartHosts: readonly SmartHost[];
  readonly port: number;
  readonly fqdn: string;
  readonly forceHELO: boolean;
  readonly ignoreSTARTTLS: boolean;
  readonly requireTLS: boolean;
  readonly maxMessageSize: number;
  readonly smtpMaxMessagesPerConnection: number;
  readonly connectionInactivityTimeoutMs: number;
  /** Our addresses towards the next hop, used in turn; empty leaves it to the system. */
  readonly sourceIPAddresses: readonly string[];
  readonly comment: string;
  readonly sourceTransportServers: readonly string[];
  readonly isScopedConnector: boolean;
  readonly smartHostAuthMechanism:
    | "None"
    | "BasicAuth"
    | "BasicAuthRequireTLS"
    | "OAuth"
    | "Ntlm"
    | "Certificate"
    | "ExternalAuthoritative";
  readonly authenticationCredential: SmartHostCredential | undefined;
  readonly oauthClient: OAuthClient | undefined;
  readonly useExternalDNSServersEnabled: boolean;
  readonly tlsAuthLevel: TlsAuthLevel | undefined;
  /** A domain, or `*.` and a domain. */
  readonly tlsDomain: string | undefined;
  readonly tlsCertificateName: CertificateName | undefined;
  readonly tlsProfile: TlsProfileName;
  readonly smtpDaneMode: "None" | "Opportunistic" | "Mandatory";
  readonly mtaStsMode: "None" | "Opportunistic";
  readonly domainSecureEnabled: boolean;
  readonly cloudServicesMailEnabled: boolean;
  readonly connectorType: "Default" | "XPremises";
  readonly errorPolicies: readonly ErrorPolicy[];
  /** Replies that UpgradeCustomFailures and DowngradeCustomFailures name: `452`, `4.3.1`. */
  readonly customFailureCodes: readonly string[];
  /** Connections at one time over the whole connector; `Infinity`: as the service's limits say. */
  readonly maxConnections: number;
  /** Messages per minute to one destination; `Infinity`: none. */
  readonly messageRateLimit: number;
  readonly protocolLoggingLevel: ProtocolLoggingLevel;
}

/** Reference §3.1: what becomes of DNS errors and chosen replies. */
export type ErrorPolicy =
  | "Default"
  | "DowngradeDnsFailures"
  | "DowngradeCustomFailures"
  | "UpgradeCustomFailures";

/** Reference §4.1. */
export interface AcceptedDomain {
  readonly name: string;
  readonly domainName: Domain;
  readonly matchSubDomains: boolean;
  readonly domainType: "Authoritative" | "InternalRelay" | "ExternalRelay";
  /** Whether all its recipients are known here; `undefined`: where it is authoritative. */
  readonly addressBookEnabled: boolean | undefined;
  readonly default: boolean;
  /**
   * Mail for its mailboxes goes to this LMTP server unless the mailbox says otherwise: `host:port`
   * or the path of a socket, which begins with a slash.
   */
  readonly lmtpHost: string | undefined;
}

/** Set-TransportService (reference §5.8, §11, §15.3) and the keys of its configuration file. */
export interface TransportService extends LogSettings {
  readonly queueGlitchRetryCount: number;
  readonly queueGlitchRetryIntervalMs: number;
  readonly transientFailureRetryCount: number;
  readonly transientFailureRetryIntervalMs: number;
  readonly outboundConnectionFailureRetryIntervalMs: number;
  readonly mailboxDeliveryQueueRetryIntervalMs: number;
  readonly messageRetryIntervalMs: number;
  readonly resolverRetryIntervalMs: number;
  readonly maxIdleTimeBeforeResubmitMs: number;
  readonly delayNotificationTimeoutMs: number;
  readonly messageExpirationTimeoutMs: number;
  readonly queueMaxIdleTimeMs: number;
  /** Share by which every retry interval is varied, 0 to 1. */
  readonly retryJitter: number;
  readonly maxOutboundConnections: number;
  readonly maxPerDomainOutboundConnections: number;
  readonly maxConcurrentMailboxDeliveries: number;
  /** New incoming connections per minute; `undefined`: the default, which spares this machine. */
  readonly maxConnectionRatePerMinute: number | undefined;
  /** `address:port`; for connectors with useExternalDNSServersEnabled. */
  readonly externalDNSServers: readonly string[];
  readonly poisonMessageDetectionEnabled: boolean;
  readonly poisonThreshold: number;
  readonly priorityQueuingEnabled: boolean;
  readonly expansionSizeLimit: number;
  /** Relative to the data directory; `undefined`: switched off. */
  readonly pickupDirectoryPath: string | undefined;
  /** As `pickupDirectoryPath`. */
  readonly replayDirectoryPath: string | undefined;
  readonly pickupDirectoryMaxMessagesPerMinute: number;
  readonly pickupDirectoryMaxHeaderSize: number;
  readonly pickupDirectoryMaxRecipientsPerMessage: number;
}

/** Reference §4.2. */
export interface RemoteDomain {
  readonly name: string;
  /** A domain, `*.` and a domain, or `*`. */
  readonly domainName: string;
  readonly autoForwardEnabled: boolean;
  readonly deliveryReportEnabled: boolean;
  readonly ndrEnabled: boolean;
  readonly ndrDiagnosticInfoEnabled: boolean;
}

/** Reference §6.4. */
export interface SystemMessage {
  /** `En\Internal\5.7.1` */
  readonly name: string;
  /** With its tags; found to be right. */
  readonly text: string;
}

/** Set-TransportConfig (reference §6.3). */
export interface TransportConfig extends MailTrustSettings {
  readonly internalDelayDsnEnabled: boolean;
  readonly externalDelayDsnEnabled: boolean;
  readonly internalDsnSendHtml: boolean;
  readonly externalDsnSendHtml: boolean;
  readonly internalDsnMaxMessageAttachSize: number;
  readonly externalDsnMaxMessageAttachSize: number;
  readonly externalPostmasterAddress: Address | undefined;
  /** Reference §11; encoded size, `Infinity` is unlimited. */
  readonly maxReceiveSize: number;
  readonly maxSendSize: number;
  readonly maxRecipientEnvelopeLimit: number;
  readonly journalingReportNdrTo: Address | undefined;
  /** 0: the Safety Net is off. */
  readonly safetyNetHoldTimeMs: number;
  readonly tlsReceiveDomainSecureList: readonly Domain[];
  readonly tlsSendDomainSecureList: readonly Domain[];
  /** Certificates of our other servers: whoever shows one is an Exchange server (direct trust). */
  readonly exchangeServerCertificateNames: readonly CertificateName[];
  /** Ours that pass on strangers' mail (reference §9.2). */
  readonly internalSMTPServers: readonly AddressRange[];
  /** How long the audit log keeps its entries. */
  readonly adminAuditLogAgeLimitMs: number;
  /** How long a message waits for approval; then it goes back to its sender. */
  readonly moderationExpirationTimeoutMs: number;
  readonly acme: AcmeSettings | undefined;
  readonly tlsReporting: TlsReporting;
}

/** What the process itself needs; read at start. */
export interface Server {
  readonly fqdn: string;
  readonly transportThreads: number;
  /** `address:port`; empty = the system's. */
  readonly dnsServers: readonly string[];
  /** File of Kerberos keys, relative to the data directory. */
  readonly keytab: string;
  readonly admin: {
    readonly listen: Endpoint | undefined;
    readonly oidc: AdminSignIn | undefined;
  };
}

/** The configuration as one immutable value; a change is a new one with a higher version. */
export interface Organization extends PolicySettings {
  readonly version: number;
  readonly server: Server;
  readonly acceptedDomains: readonly AcceptedDomain[];
  readonly receiveConnectors: readonly ReceiveConnector[];
  readonly sendConnectors: readonly SendConnector[];
  readonly tlsPolicies: readonly TlsPolicy[];
  readonly oauthIssuers: readonly OAuthIssuer[];
  readonly throttlingPolicies: readonly ThrottlingPolicy[];
  readonly remoteDomains: readonly RemoteDomain[];
  readonly systemMessages: readonly SystemMessage[];
  readonly transportService: TransportService;
  readonly transportConfig: TransportConfig;
}

/** What an address stands for (reference §4.3). Looked up, not part of the snapshot. */
export type OrganizationRecipient = Mailbox | MailContact | DistributionGroup;

/** Settings that all recipients have. */
interface RecipientBase extends RecipientModeration {
  readonly name: string;
  readonly primarySmtpAddress: Address;
  readonly emailAddresses: readonly Address[];
  /** Only authenticated senders may write to it. */
  readonly requireSenderAuthenticationEnabled: boolean;
  /** Empty: everybody. Recipients and groups; a group stands for its members. */
  readonly acceptMessagesOnlyFromSendersOrMembers: readonly Address[];
  readonly rejectMessagesFromSendersOrMembers: readonly Address[];
  /** Encoded bytes of a message to it; `Infinity`: as the organization says. */
  readonly maxReceiveSize: number;
  /** Who, besides itself, may send as this recipient. */
  readonly sendAs: readonly Address[];
  readonly attributes: RecipientAttributes;
}

/** A mailbox, or with `externalEmailAddress` on MailContact a mail user. */
export interface Mailbox extends RecipientBase, SafeLists {
  readonly kind: "mailbox";
  /** Where a copy or all of its mail goes. */
  readonly forwardingAddress: Address | undefined;
  readonly deliverToMailboxAndForward: boolean;
  /** Bytes; mail past it is refused with 5.2.2. */
  readonly prohibitSendReceiveQuota: number;
  readonly lmtpHost: string | undefined;
  readonly maxSendSize: number;
  /** Recipients of one message of its user; `Infinity`: as the organization says. */
  readonly recipientLimits: number;
  /** Name of its throttling policy; `undefined`: the default one. */
  readonly throttlingPolicy: string | undefined;
}

/** A mail contact or a mail user: known here, mailbox elsewhere. */
export interface MailContact extends RecipientBase {
  readonly kind: "contact" | "user";
  readonly externalEmailAddress: Address;
}

/** A static distribution group (reference §4.5). */
export interface DistributionGroup extends RecipientBase {
  readonly kind: "group";
  readonly memberCount: number;
  readonly reportToOriginatorEnabled: boolean;
  readonly reportToManagerEnabled: boolean;
  readonly managedBy: Address | undefined;
  /** What is approved for it needs no approval for moderated groups inside it. */
  readonly bypassNestedModerationEnabled: boolean;
}
