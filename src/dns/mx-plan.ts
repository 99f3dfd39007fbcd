import { interleaveAddresses, shuffle } from "./address-order.ts";
import { parseIpAddress } from "./ip-address.ts";
import type { DnsAnswer, Resolver } from "./resolver.ts";

/** A server to try, with its addresses in the order to try them. */
export interface MxHost {
  /** Name for certificates and logs; the address itself where a literal has no name. */
  readonly name: string;
  /** At least one. */
  readonly addresses: readonly string[];
  readonly preference: number;
  /** DNSSEC vouches for its addresses, aliases on the way included (AD). Absent: it does not. */
  readonly authenticated?: boolean;
  /** Name at the end of its aliases, where it is one. */
  readonly canonicalName?: string;
}

/**
 * Where mail for a domain goes. `status` is an enhanced code (RFC 3463), `text` our words after it:
 * the caller puts the reply code in front (`554`, `451`).
 */
export type MxPlan =
  /** In the order to try them, at least one. */
  | {
      readonly kind: "hosts";
      readonly hosts: readonly MxHost[];
      /** DNSSEC vouches for the list: nobody else has named these hosts. Absent: it does not. */
      readonly authenticated?: boolean;
    }
  /** Never: the domain does not exist, takes no mail, or is ourselves. */
  | { readonly kind: "impossible"; readonly status: string; readonly text: string }
  /** Not known just now. */
  | { readonly kind: "failed"; readonly status: string; readonly text: string };

/** How hosts and addresses are put in order. */
export interface HostOptions {
  /** In [0, 1), for shuffling equals. */
  readonly random: () => number;
  /** Whether this machine has a way out over IPv6: then it goes first, otherwise last. */
  readonly ipv6: boolean;
}

/** What is known about ourselves, to see a domain that leads back here. */
export interface MxOptions extends HostOptions {
  /** Lower case. */
  readonly ownNames: ReadonlySet<string>;
  /** In their usual spelling (RFC 5952); leave out where other servers share our address. */
  readonly ownAddresses?: ReadonlySet<string>;
}

/** Servers of one domain that we look at; the rest are worse and would never get their turn. */
const HOSTS_MAX = 16;
/** Addresses of one server that we look at. */
const ADDRESSES_MAX = 8;

const LOOP = {
  kind: "impossible",
  status: "5.4.6",
  text: "SMTPSEND.DNS.MxLoopback; DNS records for this domain are configured in a loop",
} as const;

const NONEXISTENT = {
  kind: "impossible",
  status: "5.4.4",
  text: "SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
} as const;

const NO_ADDRESS = {
  kind: "impossible",
  status: "5.4.4",
  text: "SMTPSEND.DNS.NonExistentDomain; no server of the domain has an address",
} as const;

/** RFC 7505 §4 */
const NULL_MX = {
  kind: "impossible",
  status: "5.1.10",
  text: "Recipient address has null MX",
} as const;

const BAD_LITERAL = {
  kind: "impossible",
  status: "5.1.2",
  text: "Address literal is not an IPv4 or IPv6 address",
} as const;

/**
 * The servers that take mail for `domain` (RFC 5321 §5.1): its MX hosts by preference, equals
 * shuffled; itself when it has none. Never rejects.
 */
export async function resolveMx(
  domain: string,
  resolver: Resolver,
  options: MxOptions,
): Promise<MxPlan> {
  if (domain.startsWith("[")) return planLiteral(domain, options);
  const answer = await resolver.lookup(domain, "MX");
  switch (answer.kind) {
    case "nxdomain":
      return NONEXISTENT;
    case "failed":
      return dnsFailure(answer.reason);
    case "nodata":
    case "records":
  }
  const exchangers = answer.kind === "records" ? readExchangers(answer) : [];
  if (answer.kind === "records" && exchangers.length === 0) return NULL_MX;
  const hosts = exchangers.length > 0 ? exchangers : [{ name: domain, preference: 0 }];
  return vouch(await planHosts(hosts, resolver, options), answer.authenticated);
}

/**
 * The servers behind a smart host's name: its MX hosts where it has some, else its addresses
 * (reference §3.1). A name that is not there is the administrator's slip or the name server's, so
 * it makes mail wait: a plan for a smart host is never `impossible`.
 */
export async function resolveHost(
  name: string,
  resolver: Resolver,
  options: HostOptions,
): Promise<MxPlan> {
  const literal = parseIpAddress(name) === undefined ? name : `[${name}]`;
  // Loops through a smart host are the administrator's: its port may not be the one we listen on.
  const nobody = { random: options.random, ipv6: options.ipv6, ownNames: new Set<string>() };
  if (literal.startsWith("[")) return soften(planLiteral(literal, nobody));
  const answer = await resolver.lookup(name, "MX");
  if (answer.kind === "failed") return dnsFailure(answer.reason);
  const exchangers = answer.kind === "records" ? readExchangers(answer) : [];
  const candidates = exchangers.length > 0 ? exchangers : [{ name, preference: 0 }];
  return vouch(soften(await planHosts(candidates, resolver, nobody)), answer.authenticated);
}

function vouch(plan: MxPlan, authenticated: boolean): MxPlan {
  return plan.kind === "hosts" && authenticated ? { ...plan, authenticated } : plan;
}

function soften(plan: MxPlan): MxPlan {
  if (plan.kind !== "impossible") return plan;
  // Exchange's words for a smart host that does not resolve.
  return { kind: "failed", status: "4.4.0", text: `DNS query failed. The error was: ${plan.text}` };
}

function dnsFailure(reason: string): MxPlan {
  return { kind: "failed", status: "4.4.3", text: `DNS query failed. The error was: ${reason}` };
}

interface Exchanger {
  readonly name: string;
  readonly preference: number;
}

/** Empty when the only thing it says is that there is no mail here (RFC 7505 §3). */
function readExchangers(answer: DnsAnswer & { readonly kind: "records" }): readonly Exchanger[] {
  const exchangers: Exchanger[] = [];
  for (const record of answer.records) {
    if (record.type !== "MX" || record.exchange === ".") continue;
    exchangers.push({ name: record.exchange, preference: record.preference });
  }
  return exchangers;
}

function planLiteral(domain: string, options: MxOptions): MxPlan {
  const text = domain.slice(1, -1).replace(/^ipv6:/i, "");
  const address = domain.endsWith("]") ? parseIpAddress(text) : undefined;
  if (address === undefined) return BAD_LITERAL;
  if (options.ownAddresses?.has(address)) return LOOP;
  return { kind: "hosts", hosts: [{ name: address, addresses: [address], preference: 0 }] };
}

async function planHosts(
  exchangers: readonly Exchanger[],
  resolver: Resolver,
  options: MxOptions,
): Promise<MxPlan> {
  // Sorting is stable: what shuffling did to equals stays.
  const ordered = shuffle(exchangers, options.random)
    .sort((left, right) => left.preference - right.preference)
    .slice(0, HOSTS_MAX);
  const found = await Promise.all(ordered.map((host) => findAddresses(host.name, resolver)));
  const hosts: MxHost[] = [];
  const failures: { readonly preference: number; readonly reason: string }[] = [];
  let ownPreference = Number.POSITIVE_INFINITY;
  for (const [index, { name, preference }] of ordered.entries()) {
    const { ipv4 = [], ipv6 = [], reason, origin } = found[index] ?? {};
    if (reason !== undefined) failures.push({ preference, reason });
    if (isOwn(name, [...ipv4, ...ipv6], options)) {
      ownPreference = Math.min(ownPreference, preference);
    }
    const addresses = interleaveAddresses({ ipv4, ipv6 }, options).slice(0, ADDRESSES_MAX);
    if (addresses.length > 0) hosts.push({ name, addresses, preference, ...origin });
  }
  // A host as good as we are, or worse, would only send the mail back to us (RFC 5321 §5.1).
  const better = hosts.filter((host) => host.preference < ownPreference);
  if (better.length > 0) return { kind: "hosts", hosts: better };
  const failure = failures.find(({ preference }) => preference < ownPreference);
  if (failure !== undefined) return dnsFailure(failure.reason);
  if (Number.isFinite(ownPreference)) return LOOP;
  return NO_ADDRESS;
}

function isOwn(name: string, addresses: readonly string[], options: MxOptions): boolean {
  if (options.ownNames.has(name.toLowerCase())) return true;
  return addresses.some((address) => options.ownAddresses?.has(address));
}

interface FoundAddresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** Set when one of the two could not be known just now. */
  readonly reason: string | undefined;
  readonly origin: Pick<MxHost, "authenticated" | "canonicalName">;
}

async function findAddresses(name: string, resolver: Resolver): Promise<FoundAddresses> {
  const [a, aaaa] = await Promise.all([resolver.lookup(name, "A"), resolver.lookup(name, "AAAA")]);
  const reason = a.kind === "failed" ? a.reason : aaaa.kind === "failed" ? aaaa.reason : undefined;
  const answers = [a, aaaa].filter((answer) => answer.kind === "records");
  const alias = answers.find(({ canonicalName }) => canonicalName !== name.toLowerCase());
  const origin = {
    ...(answers.length > 0 && answers.every((one) => one.authenticated) && { authenticated: true }),
    ...(alias !== undefined && { canonicalName: alias.canonicalName }),
  };
  return { ipv4: addressesOf(a), ipv6: addressesOf(aaaa), reason, origin };
}

function addressesOf(answer: DnsAnswer): readonly string[] {
  if (answer.kind !== "records") return [];
  return answer.records.flatMap((record) => ("address" in record ? [record.address] : []));
}
