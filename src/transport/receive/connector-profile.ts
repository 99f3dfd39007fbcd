import type { Authenticator, Logon } from "../../authentication/authenticator.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import { formatDate } from "../../mail/date.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization, ReceiveConnector, Right } from "../../org/organization.ts";
import type { PeerCertificateFacts, SessionOptions } from "../../smtp/session-handler.ts";
import type { AuthAs } from "../../store/queue-store.ts";
import {
  admitsUsers,
  type Principal,
  principalOf,
  requestsCertificate,
  rightsOf,
} from "./rights.ts";

/** How a client's identity came to be known; decides X-MS-Exchange-Organization-AuthMechanism. */
export interface Identification {
  readonly logon: Logon | undefined;
  readonly certificate: PeerCertificateFacts | undefined;
}

/** What a client may do, once it is known who it is. */
export interface Standing {
  readonly principal: Principal;
  readonly rights: ReadonlySet<Right>;
  readonly logon: Logon | undefined;
  readonly certificate: PeerCertificateFacts | undefined;
  /** What its mail counts as. */
  readonly authAs: AuthAs;
  /** It has proved who it is, or its network has. */
  readonly isAuthenticated: boolean;
  /**
   * Its mail enters the mail system here, it is no server's: Message-ID and Date are added where
   * they are missing (RFC 6409 §8), which a relay must not do.
   */
  readonly isSubmission: boolean;
  /** All but the banner and what depends on the client's address. */
  readonly options: Omit<SessionOptions, "banner">;
}

/** Everything about a connector that is the same for all its sessions. */
export interface ConnectorProfile {
  readonly connector: ReceiveConnector;
  readonly organization: Organization;
  /** Names that stand for us in a Received field, in lower case. */
  readonly localHosts: readonly string[];
  readonly requestsCertificate: boolean;
  readonly authMechanisms: SessionOptions["authMechanisms"];
  /** Of a client of whom nothing is known: the usual case on port 25. */
  readonly stranger: Standing;
}

const NOBODY: Identification = { logon: undefined, certificate: undefined };
const NO_MECHANISMS: SessionOptions["authMechanisms"] = { clear: [], encrypted: [] };

/** RFC 5321 §4.1.1.3: `Postmaster` without a domain is ours. */
function postmasterAddress(organization: Organization, connector: ReceiveConnector): Address {
  const domain =
    connector.defaultDomain ?? defaultAcceptedDomain(organization)?.domainName ?? connector.fqdn;
  return (
    parseAddress(`postmaster@${domain}`, { smtpUtf8: false }) ??
    // A name that is no domain; recipients in it are refused, as they would be anyway.
    ("postmaster@localhost" as Address)
  );
}

function sessionOptions(
  profile: Omit<ConnectorProfile, "stranger">,
  facts: { readonly principal: Principal; readonly rights: ReadonlySet<Right> },
): Omit<SessionOptions, "banner"> {
  const { connector, organization } = profile;
  const { principal, rights } = facts;
  const unlimited = rights.has("ms-Exch-Bypass-Message-Size-Limit");
  return {
    fqdn: connector.fqdn,
    postmasterAddress: postmasterAddress(organization, connector),
    extensions: {
      size: connector.sizeEnabled,
      pipelining: connector.pipeliningEnabled,
      dsn: connector.deliveryStatusNotificationEnabled,
      enhancedStatusCodes: connector.enhancedStatusCodesEnabled,
      eightBitMime: connector.eightBitMimeEnabled,
      binaryMime: connector.binaryMimeEnabled && connector.chunkingEnabled,
      chunking: connector.chunkingEnabled,
      smtpUtf8: connector.smtpUtf8Enabled,
      limits: connector.limitsExtensionEnabled,
      requireTls: connector.requireTlsExtensionEnabled,
      longAddresses: connector.longAddressesEnabled,
      orar: connector.orarEnabled,
      xclient: false,
    },
    startTls: connector.authMechanism.includes("Tls") && !connector.implicitTlsEnabled,
    requireTls: connector.requireTLS,
    authMechanisms: profile.authMechanisms,
    logonFailuresMax:
      connector.maxLogonFailures === 0 ? Number.POSITIVE_INFINITY : connector.maxLogonFailures,
    authTarpitMs: connector.authTarpitIntervalMs,
    bareLineFeed: connector.bareLinefeedRejectionEnabled ? "reject" : "repair",
    requireEhloDomain: connector.requireEHLODomain,
    messageBytesMax: unlimited ? Number.POSITIVE_INFINITY : connector.maxMessageSize,
    // Between our own servers the limit is not in force (reference §11).
    recipientsMax:
      principal === "ExchangeServers"
        ? Number.POSITIVE_INFINITY
        : connector.maxRecipientsPerMessage,
    protocolErrorsMax: connector.maxProtocolErrors,
    idleTimeoutMs: connector.connectionInactivityTimeoutMs,
    sessionTimeoutMs: connector.connectionTimeoutMs,
    // Strangers wait for their errors; who has proved who he is does not (reference §2.4).
    tarpitMs: principal === "AnonymousUsers" ? connector.tarpitIntervalMs : 0,
  };
}

/** Reference §4.7. Without the flag nobody's word counts, however well he is known. */
function authAsOf(principal: Principal, rights: ReadonlySet<Right>): AuthAs {
  switch (principal) {
    case "AnonymousUsers":
      return "Anonymous";
    case "ExchangeUsers":
      return "Internal";
    case "Partners":
      return "Partner";
    case "ExchangeServers":
    case "ExternallySecuredServers":
      return rights.has("ms-Exch-SMTP-Accept-Authentication-Flag") ? "Internal" : "External";
  }
}

/** What a client with that identity may do on the connector. */
export function standingOf(
  profile: Omit<ConnectorProfile, "stranger">,
  { logon, certificate }: Identification,
): Standing {
  const { connector, organization } = profile;
  const mailbox = logon?.mailbox;
  const identity = { mailbox, certificate };
  const principal = principalOf(connector, identity, organization.transportConfig);
  const rights = rightsOf(connector, principal, mailbox);
  const relays = rights.has("ms-Exch-SMTP-Accept-Any-Recipient");
  const authAs = authAsOf(principal, rights);
  return {
    principal,
    rights,
    logon,
    certificate,
    authAs,
    isAuthenticated: authAs === "Internal",
    isSubmission:
      principal === "ExchangeUsers" ||
      principal === "ExternallySecuredServers" ||
      (principal === "AnonymousUsers" && relays),
    options: sessionOptions(profile, { principal, rights }),
  };
}

/** Works out what all sessions of a connector share. */
export function connectorProfile(
  organization: Organization,
  connector: ReceiveConnector,
  authenticator?: Authenticator,
): ConnectorProfile {
  const authMechanisms =
    authenticator !== undefined && admitsUsers(connector)
      ? {
          clear: authenticator.mechanisms(connector, { encrypted: false }),
          encrypted: authenticator.mechanisms(connector, { encrypted: true }),
        }
      : NO_MECHANISMS;
  const profile = {
    connector,
    organization,
    localHosts: [...new Set([connector.fqdn, organization.server.fqdn])].map((name) =>
      name.toLowerCase(),
    ),
    requestsCertificate: requestsCertificate(connector, organization.transportConfig),
    authMechanisms,
  };
  return { ...profile, stranger: standingOf(profile, NOBODY) };
}

/** Text after `220 `: the connector's own, or the usual one with the time (reference §2.4). */
export function bannerOf(connector: ReceiveConnector, nowMs: number): string {
  const { banner, fqdn } = connector;
  return banner ?? `${fqdn} Postrider ESMTP MAIL Service ready at ${formatDate(nowMs)}`;
}
