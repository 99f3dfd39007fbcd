import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type { Endpoint, ReceiveConnector } from "../../org/organization.ts";
import type { AddressRange } from "../../org/settings/address-range.ts";

/** The two ends of a connection; addresses as the system gives them. */
export interface ConnectionEnds {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  /** Interface of link-local addresses, where the addresses do not name it (RFC 4007 §11). */
  readonly scope?: string;
  /** Its number: ranges may name a link by that, as Windows does (`%11`). */
  readonly scopeNumber?: (interfaceName: string) => string | undefined;
}

/** The connector chosen, and why; the reasons are for the administrator who asks. */
export interface ConnectorSelection {
  readonly connector: ReceiveConnector | undefined;
  readonly reasons: readonly string[];
}

/** An address as it is compared. */
interface ScopedAddress {
  readonly number: bigint;
  /** The link that it is valid on (RFC 4007 §11), by name and perhaps by number; none for most. */
  readonly scopes: readonly string[];
}

/** An IPv6 address may come with the zone it is valid in (`fe80::1%eth0`). */
function scopedAddress(
  text: string,
  ends: Pick<ConnectionEnds, "scope" | "scopeNumber"> = {},
): ScopedAddress | undefined {
  const [plain = "", scope = ends.scope] = text.split("%", 2);
  const address = parseIpAddress(plain);
  if (address === undefined) return undefined;
  const index = scope === undefined ? undefined : ends.scopeNumber?.(scope);
  return {
    number: ipAddressNumber(address),
    scopes: [scope, index].filter((one) => one !== undefined),
  };
}

/** IPv4 as IPv6 maps it (RFC 4291 §2.5.5.2): `::ffff:0:0/96`. */
function isMappedIpv4(address: bigint): boolean {
  return address >> 32n === 0xffffn;
}

interface Local extends ScopedAddress {
  readonly port: number;
}

/** Whether something told for `scope` is about an address that names its link, or may be. */
function scopeMatches(scope: string | undefined, { scopes }: ScopedAddress): boolean {
  return scope === undefined || scopes.includes(scope);
}

/** `0.0.0.0` is every IPv4 address, `::` every IPv6 address: listeners keep the families apart. */
function bindingMatches(binding: Endpoint, at: Local): boolean {
  if (binding.port !== at.port) return false;
  if (isWildcard(binding)) return isMappedIpv4(at.number) === (binding.address === "0.0.0.0");
  const address = scopedAddress(binding.address);
  return address?.number === at.number && scopeMatches(address.scopes[0], at);
}

function isWildcard({ address }: Endpoint): boolean {
  return address === "0.0.0.0" || address === "::";
}

function narrowestRange(
  ranges: readonly AddressRange[],
  address: ScopedAddress,
): AddressRange | undefined {
  let narrowest: AddressRange | undefined;
  const ipv4 = isMappedIpv4(address.number);
  for (const range of ranges) {
    if (range.first > address.number || address.number > range.last) continue;
    // As a number an IPv4 address lies in ::/0 too, but that is a range of the other family.
    if (ipv4 && !isMappedIpv4(range.first)) continue;
    if (!scopeMatches(range.scope, address)) continue;
    if (narrowest === undefined || isNarrower(range, narrowest)) narrowest = range;
  }
  return narrowest;
}

/** A range of one link is narrower than the same one of all links. */
function isNarrower(range: AddressRange, than: AddressRange): boolean {
  const [own, other] = [width(range), width(than)];
  if (own !== other) return own < other;
  return range.scope !== undefined && than.scope === undefined;
}

/** Whether one of the ranges holds the address. */
export function holdsAddress(
  ranges: readonly AddressRange[],
  address: string,
  ends: Pick<ConnectionEnds, "scope" | "scopeNumber"> = {},
): boolean {
  // Asked for each connection, of lists that are mostly empty.
  if (ranges.length === 0) return false;
  const parsed = scopedAddress(address, ends);
  return parsed !== undefined && narrowestRange(ranges, parsed) !== undefined;
}

function width(range: AddressRange): bigint {
  return range.last - range.first;
}

/** A connector that would do. */
interface Candidate {
  readonly connector: ReceiveConnector;
  readonly range: AddressRange;
  /** Bound to that very address, not to all. */
  readonly isBoundHere: boolean;
}

function isBetter(candidate: Candidate, than: Candidate | undefined): boolean {
  if (than === undefined || isNarrower(candidate.range, than.range)) return true;
  if (isNarrower(than.range, candidate.range)) return false;
  return candidate.isBoundHere && !than.isBoundHere;
}

/** Ends whose connector is remembered; clients come again, and a proxy's come all alike. */
const SELECTIONS_KNOWN_MAX = 1024;

/**
 * `selectConnector` that remembers what it has said of the same list. Not about links: the number
 * of an interface may change.
 */
export function rememberSelections(): typeof selectConnector {
  const selections = new WeakMap<readonly ReceiveConnector[], Map<string, ConnectorSelection>>();
  return (connectors, ends) => {
    const { localAddress, localPort, remoteAddress, scope } = ends;
    const key = `${remoteAddress} ${localAddress} ${localPort}`;
    if (scope !== undefined || key.includes("%")) return selectConnector(connectors, ends);
    let known = selections.get(connectors);
    if (known === undefined) {
      known = new Map();
      selections.set(connectors, known);
    }
    let selection = known.get(key);
    if (selection === undefined) {
      if (known.size >= SELECTIONS_KNOWN_MAX) known.clear();
      selection = selectConnector(connectors, ends);
      known.set(key, selection);
    }
    return selection;
  };
}

/** A connector as the choice saw it, for the administrator who asks. */
export interface ConsideredConnector {
  readonly connector: ReceiveConnector;
  readonly isChosen: boolean;
  /** `bound to 0.0.0.0:25 only`, `10.0.0.0/8 holds 10.1.2.3, but 10.1.2.0/24 is narrower` */
  readonly why: string;
}

/** Every connector with why it is the one, or is not: what `selectConnector` decides, told. */
export function explainSelection(
  connectors: readonly ReceiveConnector[],
  ends: ConnectionEnds,
): readonly ConsideredConnector[] {
  const chosen = selectConnector(connectors, ends).connector;
  const local = scopedAddress(ends.localAddress, ends);
  const remote = scopedAddress(ends.remoteAddress, ends);
  if (local === undefined || remote === undefined) return [];
  const at = { ...local, port: ends.localPort };
  const best = chosen && narrowestRange(chosen.remoteIPRanges, remote);
  return connectors.map((connector) => {
    const bindings = connector.bindings.filter((binding) => bindingMatches(binding, at));
    const range = narrowestRange(connector.remoteIPRanges, remote);
    const isChosen = connector === chosen;
    return { connector, isChosen, why: whySelected({ connector, bindings, range, best }, ends) };
  });
}

function whySelected(
  seen: {
    readonly connector: ReceiveConnector;
    readonly bindings: readonly Endpoint[];
    readonly range: AddressRange | undefined;
    readonly best: AddressRange | undefined;
  },
  { localAddress, localPort, remoteAddress }: ConnectionEnds,
): string {
  const { connector, bindings, range, best } = seen;
  if (bindings.length === 0) {
    const own = connector.bindings.map(({ address, port }) => `${address}:${port}`).join(", ");
    return `bound to ${own}, not to ${localAddress}:${localPort}`;
  }
  if (!connector.enabled) return "disabled";
  if (range === undefined) return `no remote range holds ${remoteAddress}`;
  const holds = `remote range ${range.text} holds ${remoteAddress}`;
  if (best === undefined) return holds;
  if (range === best) return `${holds} and is the narrowest that does`;
  if (isNarrower(best, range)) return `${holds}, but ${best.text} is narrower`;
  return `${holds}, as does that of the chosen one, which is bound more closely or comes first`;
}

/**
 * The enabled connector bound to the local end whose remote range is the narrowest one that holds
 * the client (reference §2.3). Of two with the same range the one bound to that very address is
 * taken, then the first in the list.
 */
export function selectConnector(
  connectors: readonly ReceiveConnector[],
  ends: ConnectionEnds,
): ConnectorSelection {
  const { localAddress, localPort, remoteAddress } = ends;
  const local = scopedAddress(localAddress, ends);
  const remote = scopedAddress(remoteAddress, ends);
  if (local === undefined || remote === undefined) {
    return {
      connector: undefined,
      reasons: [`${localAddress} or ${remoteAddress} is no IP address`],
    };
  }
  const at = { ...local, port: localPort };
  let best: Candidate | undefined;
  const reasons: string[] = [];
  for (const connector of connectors) {
    const bindings = connector.bindings.filter((binding) => bindingMatches(binding, at));
    if (bindings.length === 0) continue;
    const range = narrowestRange(connector.remoteIPRanges, remote);
    if (!connector.enabled) {
      reasons.push(`${connector.name}: disabled`);
    } else if (range === undefined) {
      reasons.push(`${connector.name}: no remote range holds ${remoteAddress}`);
    } else {
      reasons.push(`${connector.name}: remote range ${range.text} holds ${remoteAddress}`);
      const isBoundHere = bindings.some((binding) => !isWildcard(binding));
      const candidate = { connector, range, isBoundHere };
      if (isBetter(candidate, best)) best = candidate;
    }
  }
  if (reasons.length === 0) reasons.push(`no connector is bound to ${localAddress}:${localPort}`);
  if (best === undefined) return { connector: undefined, reasons };
  reasons.push(`${best.connector.name}: chosen, ${best.range.text} is the narrowest range`);
  return { connector: best.connector, reasons };
}
