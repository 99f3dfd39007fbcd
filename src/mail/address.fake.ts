import { assert } from "../base/assert.ts";
import { type Address, type Domain, parseAddress, parseDomain } from "./address.ts";

/** An address that a test is sure of. */
export function address(text: string): Address {
  const parsed = parseAddress(text, { smtpUtf8: true });
  assert(parsed !== undefined, `not an address: ${text}`);
  return parsed;
}

/** A domain that a test is sure of. */
export function domain(text: string): Domain {
  const parsed = parseDomain(text);
  assert(parsed !== undefined, `not a domain: ${text}`);
  return parsed;
}
