import { domainToASCII } from "node:url";
import { normalizeAddressLiteral } from "./address-literal.ts";

declare const domainBrand: unique symbol;
declare const addressBrand: unique symbol;

/**
 * A-label form in lower case without a trailing dot (RFC 5890 §2.3.2.1), or an address literal in
 * brackets (RFC 5321 §4.1.3). Only `parseDomain` makes one.
 */
export type Domain = string & { readonly [domainBrand]: true };

/**
 * `local@domain`; the local part keeps its case, the domain is a `Domain`. Only `parseAddress`
 * makes one.
 */
export type Address = string & { readonly [addressBrand]: true };

/** The part before the last `@`. */
export function localPartOf(address: Address): string {
  return address.slice(0, address.lastIndexOf("@"));
}

/** The part after the last `@`. */
export function domainOf(address: Address): Domain {
  return address.slice(address.lastIndexOf("@") + 1) as Domain;
}

/** The form in which recipients are compared: Exchange compares the whole address without case. */
export function addressKey(address: Address): string {
  return address.toLowerCase();
}

/** RFC 5321 §4.5.3.1.1, octets as written. */
export const LOCAL_PART_OCTETS_MAX = 64;
/** RFC 5321 §4.5.3.1.2, octets of the A-label form. */
export const DOMAIN_OCTETS_MAX = 255;
/** A path is 256 octets with its angle brackets (RFC 5321 §4.5.3.1.3). */
export const ADDRESS_OCTETS_MAX = 254;
/** Of an address under XLONGADDR, and of its local part: X.400 addresses in disguise. */
const LONG_ADDRESS_OCTETS_MAX = 1_860;

// Underscores are not in RFC 5321's Domain, but hosts in companies bear them; their mail is real.
const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const DOMAIN_PATTERN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const DOT_STRING = /^[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*$/;
const DOT_STRING_UTF8 =
  /^[\w!#$%&'*+\-/=?^`{|}~\u00a0-\uffff]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\u00a0-\uffff]+)*$/;
const QUOTED_STRING = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/;
const QUOTED_STRING_UTF8 = /^"(?:[ !#-[\]-~\u00a0-\uffff]|\\[ -~])*"$/;
const NON_ASCII = /[^\0-\x7f]/;
/** What may stand in a domain that `domainToASCII` is to see: to it the rest is parts of a URL. */
const U_LABEL_DOMAIN = /^[\w.\-\u00a0-\uffff]+$/;

/**
 * Reads a host or domain name with A-labels or U-labels, or an address literal in its brackets.
 * One trailing dot (the DNS root) is dropped. RFC 5321 §4.1.2, RFC 5890 §2.3.2.1.
 */
export function parseDomain(text: string): Domain | undefined {
  if (text.startsWith("[")) return normalizeAddressLiteral(text) as Domain | undefined;
  // U-labels are at most as many characters as their A-labels.
  if (text.length > DOMAIN_OCTETS_MAX + 1) return undefined;
  let name = text.endsWith(".") ? text.slice(0, -1) : text;
  // An ASCII name is never shown to domainToASCII, which takes 1.2 for an IPv4 address.
  if (NON_ASCII.test(name)) {
    if (!U_LABEL_DOMAIN.test(name) || !name.isWellFormed()) return undefined;
    name = domainToASCII(name);
  }
  name = name.toLowerCase();
  if (name.length > DOMAIN_OCTETS_MAX || !DOMAIN_PATTERN.test(name)) return undefined;
  // The brand's promise is what this function has just checked.
  return name as Domain;
}

/** What an address may be. */
interface AddressOptions {
  readonly smtpUtf8: boolean;
  /** XLONGADDR is offered. */
  readonly longAddresses?: boolean;
}

/** The local part in its one form: quoted only where it must be (RFC 5321 §4.1.2). */
function parseLocalPart(text: string, options: AddressOptions): string | undefined {
  const octetsMax = options.longAddresses ? LONG_ADDRESS_OCTETS_MAX : LOCAL_PART_OCTETS_MAX;
  if (text.length > octetsMax) return undefined;
  const [dotString, quotedString] = options.smtpUtf8
    ? [DOT_STRING_UTF8, QUOTED_STRING_UTF8]
    : [DOT_STRING, QUOTED_STRING];
  if (options.smtpUtf8) {
    if (!text.isWellFormed() || Buffer.byteLength(text) > octetsMax) return undefined;
  }
  if (dotString.test(text)) return text;
  if (!quotedString.test(text)) return undefined;
  const content = text.slice(1, -1).replace(/\\(.)/g, "$1");
  return dotString.test(content) ? content : `"${content.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Reads a Mailbox of RFC 5321 §4.1.2, with RFC 6531 §3.3 when `smtpUtf8`: no comments, white space,
 * source route, trailing dot or angle brackets. Needless quoting is removed: `"bob"@x` is `bob@x`.
 */
export function parseAddress(text: string, options: AddressOptions): Address | undefined {
  const octetsMax = options.longAddresses ? LONG_ADDRESS_OCTETS_MAX : ADDRESS_OCTETS_MAX;
  if (text.length > octetsMax) return undefined;
  const at = text.lastIndexOf("@");
  if (at < 1 || text.endsWith(".")) return undefined;
  const domainText = text.slice(at + 1);
  if (!options.smtpUtf8 && NON_ASCII.test(domainText)) return undefined;
  const domain = parseDomain(domainText);
  if (domain === undefined) return undefined;
  const local = parseLocalPart(text.slice(0, at), options);
  if (local === undefined || local.length + 1 + domain.length > octetsMax) return undefined;
  // The brand's promise is what this function has just checked.
  return `${local}@${domain}` as Address;
}
