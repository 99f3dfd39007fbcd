import { assert } from "../../base/assert.ts";
import { MINUTE, SECOND } from "../../base/units.ts";
import { type Address, type Domain, parseAddress, parseDomain } from "../../mail/address.ts";
import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type {
  AcceptedDomain,
  AddressRange,
  Mailbox,
  Organization,
  ReceiveConnector,
} from "../../org/organization.ts";
import { sampleTransportService } from "../queue/sample-service.fake.ts";

/** An address that a test is sure of. */
export function address(text: string): Address {
  const parsed = parseAddress(text, { smtpUtf8: true });
  assert(parsed !== undefined, text);
  return parsed;
}

/** A domain that a test is sure of. */
export function domain(text: string): Domain {
  const parsed = parseDomain(text);
  assert(parsed !== undefined, text);
  return parsed;
}

/** `first-last`, both IP addresses. */
export function range(text: string): AddressRange {
  const [first = 0n, last = 0n] = text.split("-").map((part) => {
    const parsed = parseIpAddress(part);
    assert(parsed !== undefined, text);
    return ipAddressNumber(parsed);
  });
  return { text, first, last };
}

/** The connector with Exchange's defaults for anonymous clients, all addresses, port 25. */
export function sampleConnector(changes: Partial<ReceiveConnector> = {}): ReceiveConnector {
  return {
    name: "Default Frontend",
    enabled: true,
    bindings: [{ address: "0.0.0.0", port: 25 }],
    remoteIPRanges: [range("0.0.0.0-255.255.255.255")],
    fqdn: "mail.contoso.test",
    banner: undefined,
    comment: "",
    authMechanism: ["Tls"],
    permissionGroups: ["AnonymousUsers"],
    extendedRights: {},
    implicitTlsEnabled: false,
    requireTLS: false,
    maxMessageSize: 37_748_736,
    maxHeaderSize: 262_144,
    maxRecipientsPerMessage: 200,
    maxHopCount: 30,
    maxLocalHopCount: 8,
    maxInboundConnection: 5000,
    maxInboundConnectionPerSource: 20,
    maxInboundConnectionPercentagePerSource: 2,
    connectionTimeoutMs: 10 * MINUTE,
    connectionInactivityTimeoutMs: 5 * MINUTE,
    maxProtocolErrors: 5,
    tarpitIntervalMs: 5 * SECOND,
    sizeEnabled: "Enabled",
    binaryMimeEnabled: true,
    chunkingEnabled: true,
    deliveryStatusNotificationEnabled: true,
    eightBitMimeEnabled: true,
    enhancedStatusCodesEnabled: true,
    pipeliningEnabled: true,
    smtpUtf8Enabled: true,
    requireEHLODomain: false,
    ...changes,
  };
}

/** An authoritative domain without subdomains. */
export function sampleDomain(name: string, changes: Partial<AcceptedDomain> = {}): AcceptedDomain {
  return {
    name,
    domainName: domain(name),
    matchSubDomains: false,
    domainType: "Authoritative",
    default: false,
    lmtpHost: undefined,
    ...changes,
  };
}

/** contoso.test (ours), relay.test (internal relay), and one connector. */
export function sampleOrganization(changes: Partial<Organization> = {}): Organization {
  return {
    version: 1,
    server: {
      fqdn: "mail.contoso.test",
      transportThreads: 1,
      dnsServers: [],
      admin: { listen: undefined },
    },
    acceptedDomains: [
      sampleDomain("contoso.test", { default: true }),
      sampleDomain("relay.test", { domainType: "InternalRelay" }),
    ],
    receiveConnectors: [sampleConnector()],
    sendConnectors: [],
    transportService: sampleTransportService(),
    transportConfig: {
      internalDelayDsnEnabled: true,
      externalDelayDsnEnabled: true,
      internalDsnSendHtml: true,
      externalDsnSendHtml: true,
      internalDsnMaxMessageAttachSize: 10_485_760,
      externalDsnMaxMessageAttachSize: 10_485_760,
      externalPostmasterAddress: undefined,
    },
    ...changes,
  };
}

/** A mailbox without forwarding or quota. */
export function sampleMailbox(...addresses: readonly [string, ...string[]]): Mailbox {
  return {
    kind: "mailbox",
    name: addresses[0],
    primarySmtpAddress: address(addresses[0]),
    emailAddresses: addresses.map(address),
    forwardingAddress: undefined,
    deliverToMailboxAndForward: false,
    prohibitSendReceiveQuota: Number.POSITIVE_INFINITY,
    lmtpHost: undefined,
  };
}
