import { parseIpAddress } from "../mail/address-literal.ts";

const MAPPED_PREFIX = "::ffff:";

/** The address as it is shown: IPv4 without its IPv6 mapping (RFC 4291 §2.5.5.2), no zone. */
export function shownAddress(address: string): string {
  const mapped = address.startsWith(MAPPED_PREFIX) && address.includes(".");
  const plain = mapped ? address.slice(MAPPED_PREFIX.length) : address;
  const zone = plain.indexOf("%");
  return zone < 0 ? plain : plain.slice(0, zone);
}

/** What counts as one source: an IPv4 address, or the /64 that one IPv6 site has to itself. */
export function sourceOf(address: string): string {
  const shown = shownAddress(address);
  if (!shown.includes(":")) return shown;
  const parsed = parseIpAddress(shown);
  if (parsed === undefined) return shown;
  const prefix = parsed.groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}

/** `192.0.2.1:25`, `[2001:db8::1]:25`; the path alone of a socket that has no address. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
