import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type { AddressRange } from "../../org/settings/address-range.ts";

/** IPv4 as IPv6 maps it (RFC 4291 §2.5.5.2): `::ffff:0:0/96`. */
export function isMappedIpv4(address: bigint): boolean {
  return address >> 32n === 0xffffn;
}

/**
 * An address as a number, IPv4 mapped into IPv6, without the zone that it is valid in;
 * `undefined` when it is none.
 */
export function addressNumber(text: string): bigint | undefined {
  const parsed = parseIpAddress(text.split("%", 1)[0] ?? "");
  return parsed && ipAddressNumber(parsed);
}

/** `::/0` holds no IPv4 address, though as a number it would. */
export function rangeHolds({ first, last }: AddressRange, address: bigint): boolean {
  if (first > address || address > last) return false;
  return !isMappedIpv4(address) || isMappedIpv4(first);
}

/** Whether the address is one of this machine itself. */
export function isLoopback(address: bigint): boolean {
  return address === 1n || (isMappedIpv4(address) && ((address >> 24n) & 0xffn) === 127n);
}
