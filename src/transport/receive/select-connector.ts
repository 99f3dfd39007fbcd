import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type { AddressRange, Endpoint, ReceiveConnector } from "../../org/organization.ts";

/** The two ends of a connection; addresses as the system gives them. */
export interface ConnectionEnds {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
}

/** The connector chosen, and why; the reasons are for the administrator who asks. */
export interface ConnectorSelection {
  readonly connector: ReceiveConnector | undefined;
  readonly reasons: readonly string[];
}

/** An IPv6 address may come with the zone it is valid in (`fe80::1%eth0`). */
function addressNumber(text: string): bigint | undefined {
  const zone = text.indexOf("%");
  const address = parseIpAddress(zone < 0 ? text : text.slice(0, zone));
  return address === undefined ? undefined : ipAddressNumber(address);
}

/** IPv4 as IPv6 maps it (RFC 4291 §2.5.5.2): `::ffff:0:0/96`. */
function isMappedIpv4(address: bigint): boolean {
  return address >> 32n === 0xffffn;
}

/** `0.0.0.0` is every IPv4 address, `::` every IPv6 address: listeners keep the families apart. */
function bindingMatches(binding: Endpoint, at: { address: bigint; port: number }): boolean {
  if (binding.port !== at.port) return false;
  if (binding.address === "::") return !isMappedIpv4(at.address);
  if (binding.address === "0.0.0.0") return isMappedIpv4(at.address);
  return addressNumber(binding.address) === at.address;
}

function narrowestRange(
  ranges: readonly AddressRange[],
  address: bigint,
): AddressRange | undefined {
  let narrowest: AddressRange | undefined;
  const ipv4 = isMappedIpv4(address);
  for (const range of ranges) {
    if (range.first > address || address > range.last) continue;
    // As a number an IPv4 address lies in ::/0 too, but that is a range of the other family.
    if (ipv4 && !isMappedIpv4(range.first)) continue;
    if (narrowest === undefined || width(range) < width(narrowest)) narrowest = range;
  }
  return narrowest;
}

function width(range: AddressRange): bigint {
  return range.last - range.first;
}

/**
 * The enabled connector bound to the local end whose remote range is the narrowest one that holds
 * the client (reference §2.3). Of two with the same range the first in the list is taken.
 */
export function selectConnector(
  connectors: readonly ReceiveConnector[],
  ends: ConnectionEnds,
): ConnectorSelection {
  const { localAddress, localPort, remoteAddress } = ends;
  const local = addressNumber(localAddress);
  const remote = addressNumber(remoteAddress);
  if (local === undefined || remote === undefined) {
    return {
      connector: undefined,
      reasons: [`${localAddress} or ${remoteAddress} is no IP address`],
    };
  }
  let best: { readonly connector: ReceiveConnector; readonly range: AddressRange } | undefined;
  const reasons: string[] = [];
  for (const connector of connectors) {
    if (
      !connector.bindings.some((one) => bindingMatches(one, { address: local, port: localPort }))
    ) {
      continue;
    }
    const range = narrowestRange(connector.remoteIPRanges, remote);
    if (!connector.enabled) {
      reasons.push(`${connector.name}: disabled`);
    } else if (range === undefined) {
      reasons.push(`${connector.name}: no remote range holds ${remoteAddress}`);
    } else {
      reasons.push(`${connector.name}: remote range ${range.text} holds ${remoteAddress}`);
      if (best === undefined || width(range) < width(best.range)) best = { connector, range };
    }
  }
  if (reasons.length === 0) reasons.push(`no connector is bound to ${localAddress}:${localPort}`);
  if (best === undefined) return { connector: undefined, reasons };
  reasons.push(`${best.connector.name}: chosen, ${best.range.text} is the narrowest range`);
  return { connector: best.connector, reasons };
}
