import { formatIpAddress, parseIpAddress } from "../../mail/address-literal.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import type { AddressRange } from "../../org/settings/address-range.ts";
import { addressNumber, rangeHolds } from "./address-number.ts";

/** Received fields that are looked at; more than that are a loop. */
const RECEIVED_MAX = 100;

/**
 * Where a message has come to the organization from: the client, or when that is one of our own
 * servers the first address in Received that is none (reference §9.2). `undefined` when the header
 * says of none: then nobody is judged.
 */
export function originAddress(
  remoteAddress: string,
  internalServers: readonly AddressRange[],
  headerBytes: Uint8Array,
): string | undefined {
  if (!isInternal(remoteAddress, internalServers)) return remoteAddress;
  let seen = 0;
  for (const { name, value } of parseHeaderFields(headerBytes)) {
    if (name !== "received") continue;
    seen += 1;
    if (seen > RECEIVED_MAX) return undefined;
    const address = clientInReceived(value);
    // A hop without an address is one that we cannot see through.
    if (address === undefined) return undefined;
    if (!isInternal(address, internalServers)) return address;
  }
  return undefined;
}

/** Whether an address is one of our own servers that pass on strangers' mail. */
export function isInternal(address: string, internalServers: readonly AddressRange[]): boolean {
  if (internalServers.length === 0) return false;
  const number = addressNumber(address);
  return number !== undefined && internalServers.some((range) => rangeHolds(range, number));
}

/** Not what the client has called itself, which some write down in the same place. */
const BRACKETED = String.raw`(?<!helo=)\[(?:IPv6:)?([\da-f.:]{2,45})(?:%[\w.-]{1,15})?\]`;
const BARE = String.raw`\(([\da-f.:]{2,45})(?:%\d{1,10})?\)`;
const IN_COMMENT = new RegExp(`${BRACKETED}|${BARE}`, "gi");
const LITERAL = /^\[(?:IPv6:)?([\da-f.:]{2,45})\]$/i;
const VALUE_MAX = 2000;

/**
 * The client's address in the value of a Received field (RFC 5321 §4.4): the last one behind the
 * name that it has given itself, or that name's own where nothing follows but the name again.
 */
export function clientInReceived(value: string): string | undefined {
  const text = value.slice(0, VALUE_MAX);
  const from = /^from[ \t]+(\S+)/i.exec(text);
  if (from === null) return undefined;
  const rest = text.slice(from[0].length);
  const by = /[ \t]by[ \t]/i.exec(rest);
  const comment = rest.slice(0, by?.index ?? rest.length);
  const [, bracketed, bare] = [...comment.matchAll(IN_COMMENT)].at(-1) ?? [];
  const found = bracketed ?? bare ?? LITERAL.exec(from[1] ?? "")?.[1];
  const parsed = found === undefined ? undefined : parseIpAddress(found);
  return parsed && formatIpAddress(parsed);
}
