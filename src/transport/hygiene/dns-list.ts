import type { Resolver } from "../../dns/resolver.ts";
import { parseIpAddress } from "../../mail/address-literal.ts";
import type { IPListProvider } from "../../org/connection-filter-settings.ts";

/** What a provider says of a client. */
export type ListingAnswer =
  | { readonly kind: "listed"; readonly code: string }
  | { readonly kind: "not-listed"; readonly codes: readonly string[] }
  /** DNS said nothing: that never blocks anybody. */
  | { readonly kind: "unknown"; readonly reason: string };

/** A provider that lists the client. */
export interface Listing {
  readonly provider: IPListProvider;
  /** The address that it answered with. */
  readonly code: string;
}

/**
 * The name to ask about: octets reversed, or nibbles, before the list's domain (RFC 5782 §2.1,
 * §2.4); `undefined` when the address is none.
 */
export function listedName(address: string, lookupDomain: string): string | undefined {
  const parsed = parseIpAddress(address.split("%", 1)[0] ?? "");
  if (parsed === undefined) return undefined;
  const { groups } = parsed;
  const isIpv4 = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const parts = isIpv4
    ? groups.slice(6).flatMap((group) => [group >> 8, group & 255].map(String))
    : groups.flatMap((group) => [...group.toString(16).padStart(4, "0")]);
  return `${parts.toReversed().join(".")}.${lookupDomain}`;
}

/**
 * How lists say that they don't answer this server, or that it has asked too often. Only settings
 * that name such an answer take it for a listing: otherwise all the world would be blocked, or
 * welcome.
 */
const NO_ANSWER = /^127\.(?:0\.0\.255|255\.255\.\d+)$/;

/** The first of the answers that the provider's settings take for a listing. */
export function matchCodes(
  provider: Pick<IPListProvider, "anyMatch" | "bitmaskMatch" | "ipAddressesMatch">,
  codes: readonly string[],
): string | undefined {
  const { anyMatch, bitmaskMatch, ipAddressesMatch } = provider;
  const mask = bitmaskMatch === undefined ? 0 : lastOctet(bitmaskMatch);
  const takesAny = anyMatch || (bitmaskMatch === undefined && ipAddressesMatch.length === 0);
  return codes.find((code) => {
    // RFC 5782 §2.1: anything else is a name server that answers what nobody has asked for.
    if (!code.startsWith("127.")) return false;
    if (ipAddressesMatch.includes(code)) return true;
    return !NO_ANSWER.test(code) && (takesAny || (lastOctet(code) & mask) !== 0);
  });
}

function lastOctet(address: string): number {
  return Number(address.slice(address.lastIndexOf(".") + 1));
}

/** Asks one provider about a client. Never rejects. */
export async function askProvider(
  resolver: Resolver,
  provider: IPListProvider,
  address: string,
): Promise<ListingAnswer> {
  const name = listedName(address, provider.lookupDomain);
  if (name === undefined) return { kind: "unknown", reason: `${address} is no IP address` };
  const answer = await resolver.lookup(name, "A");
  if (answer.kind === "failed") return { kind: "unknown", reason: answer.reason };
  if (answer.kind !== "records") return { kind: "not-listed", codes: [] };
  const codes = answer.records.flatMap((record) => (record.type === "A" ? [record.address] : []));
  const code = matchCodes(provider, codes);
  return code === undefined ? { kind: "not-listed", codes } : { kind: "listed", code };
}

/** The first by priority that lists the client; all are asked at once. Never rejects. */
export async function findListing(
  resolver: Resolver,
  providers: readonly IPListProvider[],
  address: string,
): Promise<Listing | undefined> {
  const enabled = providers.filter((provider) => provider.enabled);
  const asked = enabled.map((provider) => askProvider(resolver, provider, address));
  for (const [index, provider] of enabled.entries()) {
    const answer = await asked[index];
    if (answer?.kind === "listed") return { provider, code: answer.code };
  }
  return undefined;
}

/**
 * A refusal's text with its tokens filled in: `%0` the client's address, `%1` the provider's name,
 * `%2` its domain.
 */
export function fillTokens(
  text: string,
  values: {
    readonly address: string;
    readonly provider?: Pick<IPListProvider, "name" | "lookupDomain">;
  },
): string {
  const { address, provider } = values;
  const tokens = [address, provider?.name ?? "", provider?.lookupDomain ?? ""];
  return text.replace(/%([012])/g, (_all, digit: string) => tokens[Number(digit)] ?? "");
}
