import {
  type Address,
  addressKey,
  domainOf,
  localPartOf,
  parseAddress,
} from "../../mail/address.ts";
import type { RewriteAddress } from "../../mail/rewritten-field.ts";
import type { AddressRewriteEntry } from "../../org/address-rewrite-entry.ts";

/** What entries come to, both ways. */
export interface AddressRewriter {
  /** From what an address is in here to what it is outside. */
  readonly outbound: RewriteAddress;
  /** Back again. */
  readonly inbound: RewriteAddress;
  /** False: nothing that comes in is rewritten. */
  readonly isInbound: boolean;
}

/** What addresses, domains and domains with their subdomains become. */
interface Table {
  readonly addresses: Map<string, Address>;
  readonly domains: Map<string, string>;
}

const TREE = "*.";

/**
 * Reference §17.4: an entry for the address counts before one for its domain, that before one for
 * a domain that it lies in, of which the longest counts. One rewriting each: the result is final.
 */
export function createAddressRewriter(entries: readonly AddressRewriteEntry[]): AddressRewriter {
  const out: Table = { addresses: new Map(), domains: new Map() };
  const back: Table = { addresses: new Map(), domains: new Map() };
  const trees = new Map<string, AddressRewriteEntry>();
  for (const entry of entries) {
    const { internalAddress, externalAddress, outboundOnly } = entry;
    if (internalAddress.startsWith(TREE)) trees.set(internalAddress.slice(TREE.length), entry);
    else put(out, internalAddress, externalAddress);
    if (!outboundOnly) put(back, externalAddress, internalAddress);
  }
  return {
    outbound: (address) => find(out, address) ?? findTree(trees, address),
    inbound: (address) => find(back, address),
    isInbound: back.addresses.size + back.domains.size > 0,
  };
}

function put({ addresses, domains }: Table, from: string, to: string): void {
  // The settings have read what has an at sign as an address.
  if (from.includes("@")) addresses.set(addressKey(from as Address), to as Address);
  else domains.set(from, to);
}

function find({ addresses, domains }: Table, address: Address): Address | undefined {
  const own = addresses.get(addressKey(address));
  if (own !== undefined) return own;
  const domain = domains.get(domainOf(address));
  return domain === undefined ? undefined : inDomain(address, domain);
}

function findTree(
  trees: ReadonlyMap<string, AddressRewriteEntry>,
  address: Address,
): Address | undefined {
  if (trees.size === 0) return undefined;
  const domain = domainOf(address);
  for (let parent: string = domain; parent !== ""; parent = parent.replace(/^[^.]*\.?/, "")) {
    const entry = trees.get(parent);
    if (entry === undefined) continue;
    if (entry.exceptionList.includes(domain)) return undefined;
    return inDomain(address, entry.externalAddress);
  }
  return undefined;
}

/** `undefined`: it would be too long there. */
function inDomain(address: Address, domain: string): Address | undefined {
  return parseAddress(`${localPartOf(address)}@${domain}`, { smtpUtf8: true });
}
