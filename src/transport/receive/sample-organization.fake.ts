import { assert } from "../../base/assert.ts";
import { address } from "../../mail/address.fake.ts";
import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type { Mailbox, Organization, ReceiveConnector } from "../../org/organization.ts";
import {
  sampleMailbox as mailboxOf,
  plainOrganization,
  sampleReceiveConnector,
} from "../../org/sample-objects.fake.ts";
import type { AddressRange } from "../../org/settings/address-range.ts";

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

/** contoso.test (ours), relay.test (internal relay), and one connector. */
export function sampleOrganization(changes: Partial<Organization> = {}): Organization {
  return plainOrganization({ receiveConnectors: [sampleConnector()], ...changes });
}

/** A mailbox without forwarding or quota. */
export function sampleMailbox(...addresses: readonly [string, ...string[]]): Mailbox {
  return mailboxOf(addresses[0], { emailAddresses: addresses.map(address) });
}
