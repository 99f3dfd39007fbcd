import { ipAddressNumber, parseIpAddress } from "../mail/address-literal.ts";
import type { AuthMechanism, Endpoint, PermissionGroup, ReceiveConnector } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";
import type { AddressRange } from "./settings/address-range.ts";
import { formatEndpoint } from "./settings/network-types.ts";
import type { USAGES } from "./settings/receive-connector.ts";

/** A receive connector as read, and what its usage and role put in place of what is not given. */
export type ReadConnector = ReadObject<"receiveConnector">;

/** The properties that a usage or a role may set. */
export type UsageProperties = Pick<
  ReceiveConnector,
  | "bindings"
  | "remoteIPRanges"
  | "authMechanism"
  | "permissionGroups"
  | "domainSecureEnabled"
  | "maxRecipientsPerMessage"
  | "maxInboundConnectionPerSource"
  | "maxInboundConnectionPercentagePerSource"
  | "messageRateLimit"
  | "messageRateSource"
>;

type Usage = (typeof USAGES)[number];

interface UsageRow {
  readonly permissionGroups: readonly PermissionGroup[];
  readonly authMechanism: readonly AuthMechanism[];
  /** Fixed; `undefined`: must be given. */
  readonly bindings: readonly Endpoint[] | undefined;
  /** As `bindings`. */
  readonly remoteIPRanges: readonly AddressRange[] | undefined;
}

/** Addresses from `first` to `last`. */
function rangeOf(first: string, last: string): AddressRange {
  const [from, to] = [parseIpAddress(first), parseIpAddress(last)];
  const number = (address: typeof from) => (address === undefined ? 0n : ipAddressNumber(address));
  return { text: `${first}-${last}`, first: number(from), last: number(to) };
}

const ALL_IPV4 = rangeOf("0.0.0.0", "255.255.255.255");
const ALL_IPV6 = rangeOf("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");

/** Reference §2.2. */
const USAGE_TABLE: Readonly<Record<Usage, UsageRow>> = {
  Client: {
    permissionGroups: ["ExchangeUsers"],
    authMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS", "Integrated"],
    bindings: [{ address: "0.0.0.0", port: 587 }],
    remoteIPRanges: undefined,
  },
  Custom: {
    permissionGroups: ["None"],
    authMechanism: ["Tls"],
    bindings: undefined,
    remoteIPRanges: undefined,
  },
  Internal: {
    permissionGroups: ["ExchangeLegacyServers", "ExchangeServers"],
    authMechanism: ["Tls", "ExchangeServer"],
    bindings: [{ address: "0.0.0.0", port: 25 }],
    remoteIPRanges: undefined,
  },
  Internet: {
    permissionGroups: ["AnonymousUsers"],
    authMechanism: ["Tls"],
    bindings: undefined,
    remoteIPRanges: [ALL_IPV4],
  },
  Partner: {
    permissionGroups: ["Partners"],
    authMechanism: ["Tls"],
    bindings: undefined,
    remoteIPRanges: undefined,
  },
};

/** What a connector of the Transport service has where nothing is given (reference §2.1). */
const HUB_LIMITS = {
  maxRecipientsPerMessage: 5000,
  maxInboundConnectionPerSource: Number.POSITIVE_INFINITY,
  maxInboundConnectionPercentagePerSource: 100,
} as const;
/** Users' programs send a message now and then (reference §2.1). */
const CLIENT_LIMITS = { messageRateLimit: 5, messageRateSource: "User" } as const;

/**
 * The properties that usage and role decide about, faults reported: what the usage fixes must not
 * be given otherwise, what it leaves open must be given.
 */
export function readUsage(object: ReadConnector): UsageProperties {
  const { values, given } = object;
  const row = values.usage === undefined ? undefined : USAGE_TABLE[values.usage];
  const isPartner = values.usage === "Partner" && values.partnerCertificateNames.length === 0;
  const preset: Partial<UsageProperties> = {
    ...(values.usage !== "Client" && values.transportRole === "HubTransport" ? HUB_LIMITS : {}),
    ...(values.usage === "Client" ? CLIENT_LIMITS : {}),
    ...(row && { permissionGroups: row.permissionGroups, authMechanism: row.authMechanism }),
    // The usage is for mutual TLS: without names of certificates it can only be by domain.
    ...(isPartner ? { domainSecureEnabled: true } : {}),
  };
  const chosen = Object.fromEntries(Object.entries(preset).filter(([name]) => !given.has(name)));
  const properties = { ...values, ...chosen };
  return {
    bindings: readBindings(object, row),
    remoteIPRanges: readRanges(object, row),
    authMechanism: properties.authMechanism,
    permissionGroups: properties.permissionGroups,
    domainSecureEnabled: properties.domainSecureEnabled,
    maxRecipientsPerMessage: properties.maxRecipientsPerMessage,
    maxInboundConnectionPerSource: properties.maxInboundConnectionPerSource,
    maxInboundConnectionPercentagePerSource: properties.maxInboundConnectionPercentagePerSource,
    messageRateLimit: properties.messageRateLimit,
    messageRateSource: properties.messageRateSource,
  };
}

function readBindings({ values, report }: ReadConnector, row: UsageRow | undefined) {
  const { bindings, usage } = values;
  const fixed = row?.bindings;
  if (fixed !== undefined) {
    const wanted = fixed.map(formatEndpoint).join(", ");
    if (bindings !== undefined && bindings.map(formatEndpoint).join(", ") !== wanted) {
      report("bindings", `bindings: usage ${usage} has ${wanted}; leave it out or use Custom`);
    }
    return fixed;
  }
  if (bindings === undefined) {
    const why = usage === undefined ? "" : ` with usage ${usage}`;
    report("bindings", `bindings is missing; it must be given${why} (list of address:port)`);
  }
  return bindings ?? [];
}

function readRanges({ values, report }: ReadConnector, row: UsageRow | undefined) {
  const { remoteIPRanges: ranges, usage } = values;
  if (row === undefined) return ranges ?? [ALL_IPV4, ALL_IPV6];
  const fixed = row.remoteIPRanges;
  if (fixed !== undefined) {
    const key = (range: AddressRange) => `${range.first}-${range.last}`;
    if (ranges !== undefined && ranges.map(key).join() !== fixed.map(key).join()) {
      const wanted = fixed.map(({ text }) => text).join(", ");
      const cure = "leave it out or use Custom";
      report("remoteIPRanges", `remoteIPRanges: usage ${usage} has ${wanted}; ${cure}`);
    }
    return fixed;
  }
  if (ranges === undefined) {
    const what = "(list of address, first-last or address/length)";
    const message = `remoteIPRanges is missing; it must be given with usage ${usage} ${what}`;
    report("remoteIPRanges", message);
  }
  return ranges ?? [];
}
