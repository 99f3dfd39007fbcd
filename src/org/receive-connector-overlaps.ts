import type { Endpoint } from "./organization.ts";
import type { ReadConnector, UsageProperties } from "./receive-connector-usage.ts";
import type { AddressRange } from "./settings/address-range.ts";
import { formatEndpoint } from "./settings/network-types.ts";

/** A connector, and what it listens on and serves. */
export interface PlacedConnector {
  readonly object: ReadConnector;
  readonly usage: UsageProperties;
}

/** Reports what keeps connectors from standing side by side (reference §2.3, §2.4). */
export function checkNeighbours(connectors: readonly PlacedConnector[]): void {
  checkRanges(connectors);
  checkSharedBindings(connectors);
}

/** Whether a connection could come in by both: the same, or one is every address. */
function bindingsMeet(one: Endpoint, other: Endpoint): boolean {
  if (one.port !== other.port) return false;
  if (one.address === other.address) return true;
  const isIpv6 = one.address.includes(":");
  if (isIpv6 !== other.address.includes(":")) return false;
  const all = isIpv6 ? "::" : "0.0.0.0";
  return one.address === all || other.address === all;
}

/**
 * The connector is chosen by the client's address, after the listener has taken the connection:
 * whether TLS comes first must be known by then, and is the same for all connectors there.
 */
function checkSharedBindings(connectors: readonly PlacedConnector[]): void {
  const byPort = new Map<number, { readonly owner: PlacedConnector; readonly at: Endpoint }[]>();
  for (const owner of connectors) {
    const reported = new Set<string>();
    for (const at of owner.usage.bindings) {
      const others = byPort.get(at.port) ?? [];
      byPort.set(at.port, others);
      for (const other of others) {
        if (other.owner === owner || !bindingsMeet(other.at, at)) continue;
        for (const [property, message] of listDisagreements(other.owner, owner, at)) {
          if (!reported.has(property)) owner.object.report(property, message);
          reported.add(property);
        }
      }
      others.push({ owner, at });
    }
  }
}

function* listDisagreements(
  first: PlacedConnector,
  second: PlacedConnector,
  at: Endpoint,
): Iterable<readonly [property: string, message: string]> {
  const { label } = first.object.declared;
  const binding = formatEndpoint(at);
  for (const property of ["implicitTlsEnabled", "transportRole"] as const) {
    const [wanted, found] = [first.object.values[property], second.object.values[property]];
    if (wanted === found) continue;
    const why = `${label} on ${binding} has ${wanted}; use the same or another binding`;
    yield [property, `${property}: ${found}, but ${why}`];
  }
}

interface OwnedRange {
  readonly owner: PlacedConnector;
  readonly range: AddressRange;
}

/**
 * On one binding a range belongs to one connector, and ranges of two connectors are apart or one
 * inside the other: else no rule could say which connector serves an address in both.
 */
function checkRanges(connectors: readonly PlacedConnector[]): void {
  const byBinding = new Map<string, OwnedRange[]>();
  for (const owner of connectors) {
    const bindings = new Set(owner.usage.bindings.map(formatEndpoint));
    for (const binding of bindings) {
      const owned = byBinding.get(binding) ?? [];
      byBinding.set(binding, owned);
      for (const range of owner.usage.remoteIPRanges) owned.push({ owner, range });
    }
  }
  const reported = new Set<string>();
  for (const [binding, owned] of byBinding) {
    for (const [one, other] of findOverlaps(owned)) {
      // Reported at the later connector: the earlier one was right before it came.
      const isInOrder = connectors.indexOf(one.owner) < connectors.indexOf(other.owner);
      const [first, second] = isInOrder ? [one, other] : [other, one];
      const pair = `${labelOf(first)} ${labelOf(second)}`;
      if (reported.has(pair)) continue;
      reported.add(pair);
      second.owner.object.report("remoteIPRanges", describeOverlap(binding, first, second));
    }
  }
}

function labelOf({ owner }: OwnedRange): string {
  return owner.object.declared.label;
}

function describeOverlap(binding: string, first: OwnedRange, second: OwnedRange): string {
  const label = labelOf(first);
  return isSame(first.range, second.range)
    ? `remoteIPRanges: ${second.range.text} on ${binding} already belongs to ${label}`
    : `remoteIPRanges: ${second.range.text} overlaps ${first.range.text} of ${label} ` +
        `on ${binding}; make them apart or one inside the other`;
}

function isSame(one: AddressRange, other: AddressRange): boolean {
  return one.first === other.first && one.last === other.last;
}

/** Walks the ranges by their first address; `open` are those that have not ended yet. */
function* findOverlaps(owned: readonly OwnedRange[]): Iterable<readonly [OwnedRange, OwnedRange]> {
  const sorted = owned.toSorted(({ range: left }, { range: right }) => {
    if (left.first !== right.first) return left.first < right.first ? -1 : 1;
    if (left.last !== right.last) return left.last > right.last ? -1 : 1;
    return 0;
  });
  let open: OwnedRange[] = [];
  for (const next of sorted) {
    open = open.filter(({ range }) => range.last >= next.range.first);
    for (const one of open) {
      if (one.owner !== next.owner && isAmbiguous(one.range, next.range)) yield [one, next];
    }
    open.push(next);
  }
}

/** `inner` does not begin before `outer`, and they meet. */
function isAmbiguous(outer: AddressRange, inner: AddressRange): boolean {
  if (outer.scope === inner.scope) return isSame(outer, inner) || inner.last > outer.last;
  // Two links are apart; a range of one link is narrower than the same of all of them.
  if (outer.scope !== undefined && inner.scope !== undefined) return false;
  if (outer.scope === undefined) return inner.last > outer.last;
  return !isSame(outer, inner);
}
