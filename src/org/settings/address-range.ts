import { type IpAddress, ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type { SettingType } from "./setting.ts";
import { Problem, scalarType } from "./setting-types.ts";

/** Addresses from `first` to `last`, both included, as 128-bit numbers (IPv4 mapped into IPv6). */
export interface AddressRange {
  readonly text: string;
  readonly first: bigint;
  readonly last: bigint;
  /** The link that it is about: an interface's name or number (`fe80::1%eth0`; RFC 4007 §11). */
  readonly scope?: string;
}

/** One address, `first-last` or CIDR, of either family (reference §2.3). */
export function addressRange(): SettingType<AddressRange> {
  return scalarType({
    label: "address, first-last or address/length",
    suffix: "",
    parse: (text) =>
      parseAddressRange(text) ??
      new Problem("is not an address range; write 10.0.0.5, 10.0.0.5-10.0.0.9 or 10.0.0.0/8"),
  });
}

const ONE_ADDRESS = /^([\da-f:.]+)(?:%([\w.@-]{1,15}))?$/i;
const CIDR = /^([\da-f:.]+)(?:%([\w.@-]{1,15}))?\/(\d{1,3})(?:%([\w.@-]{1,15}))?$/i;
const SPAN = /^([\da-f:.]+)(?:%([\w.@-]{1,15}))? *- *([\da-f:.]+)(?:%([\w.@-]{1,15}))?$/i;

/** Reads `10.0.0.5`, `10.0.0.5-10.0.0.9` or `10.0.0.0/8`, of either family. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const match = ONE_ADDRESS.exec(text) ?? CIDR.exec(text) ?? SPAN.exec(text);
  const first = parseIpAddress(match?.[1] ?? "");
  if (match === null || first === undefined) return undefined;
  const [, , firstScope, tail, lastScope] = match;
  const scope = firstScope ?? lastScope;
  // Only IPv6 has scopes, and a range lies in one of them.
  if (scope !== undefined && (first.family === 4 || (lastScope ?? scope) !== scope)) {
    return undefined;
  }
  const found = parseBounds(text, first, tail);
  return found && scope !== undefined ? { ...found, scope } : found;
}

function parseBounds(
  text: string,
  first: IpAddress,
  tail: string | undefined,
): AddressRange | undefined {
  if (tail === undefined) {
    const only = ipAddressNumber(first);
    return { text, first: only, last: only };
  }
  return text.includes("/") ? parseCidr(text, first, tail) : parseSpan(text, first, tail);
}

function parseSpan(text: string, from: IpAddress, tail: string): AddressRange | undefined {
  const to = parseIpAddress(tail);
  if (to === undefined || to.family !== from.family) return undefined;
  const [first, last] = [ipAddressNumber(from), ipAddressNumber(to)];
  return first <= last ? { text, first, last } : undefined;
}

/** Bits of the address past the length are ignored, as routers do. */
function parseCidr(text: string, base: IpAddress, tail: string): AddressRange | undefined {
  const bits = base.family === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(tail) || Number(tail) > bits) return undefined;
  const hosts = (1n << BigInt(bits - Number(tail))) - 1n;
  const number = ipAddressNumber(base);
  return { text, first: number & ~hosts, last: number | hosts };
}
