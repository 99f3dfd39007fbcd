import { assert } from "../../base/assert.ts";
import { type Address, type Domain, parseAddress, parseDomain } from "../../mail/address.ts";
import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type {
  AcceptedDomain,
  AddressRange,
  Mailbox,
  Organization,
  ReceiveConnector,
} from "../../org/organization.ts";
import {
  sampleMailbox as mailboxOf,
  sampleReceiveConnector,
  sampleTransportConfig,
  sampleTransportService,
} from "../../org/sample-objects.fake.ts";

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
  return sampleReceiveConnector(changes);
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
      keytab: "smtp.keytab",
      admin: { listen: undefined },
    },
    acceptedDomains: [
      sampleDomain("contoso.test", { default: true }),
      sampleDomain("relay.test", { domainType: "InternalRelay" }),
    ],
    receiveConnectors: [sampleConnector()],
    sendConnectors: [],
    transportService: sampleTransportService(),
    transportConfig: sampleTransportConfig(),
    tlsPolicies: [],
    oauthIssuers: [],
    throttlingPolicies: [],
    ...changes,
  };
}

/** A mailbox without forwarding or quota. */
export function sampleMailbox(...addresses: readonly [string, ...string[]]): Mailbox {
  return mailboxOf(addresses[0], { emailAddresses: addresses.map(address) });
}
