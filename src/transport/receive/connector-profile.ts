import { type Address, parseAddress } from "../../mail/address.ts";
import { formatDate } from "../../mail/date.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization, ReceiveConnector, Right } from "../../org/organization.ts";
import type { SessionOptions } from "../../smtp/session-handler.ts";
import { type Principal, principalOf, rightsOf } from "./rights.ts";

/** Everything about a connector that is the same for all its sessions before authentication. */
export interface ConnectorProfile {
  readonly connector: ReceiveConnector;
  readonly principal: Principal;
  readonly rights: ReadonlySet<Right>;
  /**
   * Its clients are our own applications, whose mail enters the mail system here: Message-ID and
   * Date are added where they are missing (RFC 6409 §8), which a relay must not do.
   */
  readonly isSubmission: boolean;
  /** Names that stand for us in a Received field, in lower case. */
  readonly localHosts: readonly string[];
  readonly options: Omit<SessionOptions, "banner">;
}

/** RFC 5321 §4.1.1.3: `Postmaster` without a domain is ours. */
function postmasterAddress(organization: Organization, connector: ReceiveConnector): Address {
  const domain = defaultAcceptedDomain(organization)?.domainName ?? connector.fqdn;
  return (
    parseAddress(`postmaster@${domain}`, { smtpUtf8: false }) ??
    // A name that is no domain; recipients in it are refused, as they would be anyway.
    ("postmaster@localhost" as Address)
  );
}

function sessionOptions(
  organization: Organization,
  connector: ReceiveConnector,
  facts: { readonly principal: Principal; readonly rights: ReadonlySet<Right> },
): Omit<SessionOptions, "banner"> {
  const secured = facts.principal === "ExternallySecuredServers";
  const unlimited = facts.rights.has("ms-Exch-Bypass-Message-Size-Limit");
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
      limits: true,
      requireTls: connector.requireTlsExtensionEnabled,
      longAddresses: connector.longAddressesEnabled,
      orar: connector.orarEnabled,
      xclient: false,
    },
    startTls: connector.authMechanism.includes("Tls") && !connector.implicitTlsEnabled,
    requireTls: connector.requireTLS,
    authMechanisms: { clear: [], encrypted: [] },
    logonFailuresMax:
      connector.maxLogonFailures === 0 ? Number.POSITIVE_INFINITY : connector.maxLogonFailures,
    authTarpitMs: connector.authTarpitIntervalMs,
    bareLineFeed: connector.bareLinefeedRejectionEnabled ? "reject" : "repair",
    requireEhloDomain: connector.requireEHLODomain,
    messageBytesMax: unlimited ? Number.POSITIVE_INFINITY : connector.maxMessageSize,
    recipientsMax: connector.maxRecipientsPerMessage,
    protocolErrorsMax: connector.maxProtocolErrors,
    idleTimeoutMs: connector.connectionInactivityTimeoutMs,
    sessionTimeoutMs: connector.connectionTimeoutMs,
    // Strangers wait for their errors; a secured network does not (reference §2.4).
    tarpitMs: secured ? 0 : connector.tarpitIntervalMs,
  };
}

/** Works out what all sessions of a connector share. */
export function connectorProfile(
  organization: Organization,
  connector: ReceiveConnector,
): ConnectorProfile {
  const principal = principalOf(connector);
  const rights = rightsOf(connector, principal);
  return {
    connector,
    principal,
    rights,
    isSubmission:
      principal === "ExternallySecuredServers" || rights.has("ms-Exch-SMTP-Accept-Any-Recipient"),
    localHosts: [...new Set([connector.fqdn, organization.server.fqdn])].map((name) =>
      name.toLowerCase(),
    ),
    options: sessionOptions(organization, connector, { principal, rights }),
  };
}

/** Text after `220 `: the connector's own, or the usual one with the time (reference §2.4). */
export function bannerOf(connector: ReceiveConnector, nowMs: number): string {
  const { banner, fqdn } = connector;
  return banner ?? `${fqdn} Postrider ESMTP MAIL Service ready at ${formatDate(nowMs)}`;
}
