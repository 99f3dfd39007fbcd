import type { Domain } from "../mail/address.ts";
import type { AddressRange, ReceiveConnector } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";
import { formatEndpoint } from "./settings/network-types.ts";

type ReadConnector = ReadObject<"receiveConnector">;

/** Receive connectors that fit together and whose properties do (reference §2.3–§2.5). */
export function buildReceiveConnectors(
  objects: readonly ReadConnector[],
  serverFqdn: Domain,
): readonly ReceiveConnector[] {
  for (const object of objects) {
    checkAuthMechanism(object);
    checkTimes(object);
    checkExtensions(object);
  }
  reportOverlaps(objects);
  return objects.map(({ values }) => ({
    ...values,
    fqdn: values.fqdn ?? serverFqdn,
    // BINARYMIME can be sent by BDAT only (RFC 3030 §3).
    binaryMimeEnabled: values.binaryMimeEnabled && values.chunkingEnabled,
  }));
}

function checkAuthMechanism({ values, report }: ReadConnector): void {
  const mechanisms = new Set(values.authMechanism);
  const complain = (message: string): void => report("authMechanism", `authMechanism: ${message}`);
  if (mechanisms.has("None") && mechanisms.size > 1) complain("None must stand alone");
  if (mechanisms.has("BasicAuthRequireTLS")) {
    if (!mechanisms.has("BasicAuth")) complain("BasicAuthRequireTLS needs BasicAuth beside it");
    if (!mechanisms.has("Tls")) complain("BasicAuthRequireTLS needs Tls beside it");
  }
  if (mechanisms.has("ExternalAuthoritative")) {
    const others = values.authMechanism.filter(
      (mechanism) => mechanism !== "ExternalAuthoritative" && mechanism !== "Tls",
    );
    if (others.length > 0) {
      complain(`only Tls may stand beside ExternalAuthoritative, not ${others.join(", ")}`);
    }
    if (!values.permissionGroups.includes("ExchangeServers")) {
      report(
        "permissionGroups",
        "permissionGroups: ExternalAuthoritative in authMechanism needs ExchangeServers here",
      );
    }
  }
  if (values.requireTLS && !mechanisms.has("Tls") && !values.implicitTlsEnabled) {
    report("requireTLS", "requireTLS: true needs Tls in authMechanism");
  }
  if (values.permissionGroups.includes("None") && new Set(values.permissionGroups).size > 1) {
    report("permissionGroups", "permissionGroups: None must stand alone");
  }
}

function checkTimes({ values, given, report }: ReadConnector): void {
  if (values.connectionTimeoutMs > values.connectionInactivityTimeoutMs) return;
  const isInactivity = !given.has("connectionTimeout");
  const property = isInactivity ? "connectionInactivityTimeout" : "connectionTimeout";
  report(
    property,
    `${property}: connectionTimeout must be longer than connectionInactivityTimeout`,
  );
}

function checkExtensions({ values, given, report }: ReadConnector): void {
  if (values.chunkingEnabled || !values.binaryMimeEnabled) return;
  if (!given.has("binaryMimeEnabled")) return;
  report("binaryMimeEnabled", "binaryMimeEnabled: true needs chunkingEnabled: true");
}

interface OwnedRange {
  readonly owner: ReadConnector;
  readonly range: AddressRange;
}

/**
 * On one binding a range belongs to one connector, and ranges of two connectors are apart or one
 * inside the other: else no rule could say which connector serves an address in both.
 */
function reportOverlaps(objects: readonly ReadConnector[]): void {
  const byBinding = new Map<string, OwnedRange[]>();
  for (const owner of objects) {
    const bindings = new Set(owner.values.bindings.map(formatEndpoint));
    for (const binding of bindings) {
      const owned = byBinding.get(binding) ?? [];
      byBinding.set(binding, owned);
      for (const range of owner.values.remoteIPRanges) owned.push({ owner, range });
    }
  }
  const reported = new Set<string>();
  for (const [binding, owned] of byBinding) {
    for (const [one, other] of findOverlaps(owned)) {
      // Reported at the later connector: the earlier one was right before it came.
      const [first, second] =
        objects.indexOf(one.owner) < objects.indexOf(other.owner) ? [one, other] : [other, one];
      const pair = `${first.owner.declared.label} ${second.owner.declared.label}`;
      if (reported.has(pair)) continue;
      reported.add(pair);
      second.owner.report("remoteIPRanges", describeOverlap(binding, first, second));
    }
  }
}

function describeOverlap(binding: string, first: OwnedRange, second: OwnedRange): string {
  const label = first.owner.declared.label;
  const isSame = first.range.first === second.range.first && first.range.last === second.range.last;
  return isSame
    ? `remoteIPRanges: ${second.range.text} on ${binding} already belongs to ${label}`
    : `remoteIPRanges: ${second.range.text} overlaps ${first.range.text} of ${label} ` +
        `on ${binding}; make them apart or one inside the other`;
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
      if (one.owner === next.owner) continue;
      const isSame = one.range.first === next.range.first && one.range.last === next.range.last;
      if (isSame || next.range.last > one.range.last) yield [one, next];
    }
    open.push(next);
  }
}
