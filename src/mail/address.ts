declare const domainBrand: unique symbol;
declare const addressBrand: unique symbol;

/**
 * A-label form in lower case without a trailing dot (RFC 5890 §2.3.2.1), or an address literal in
 * brackets (RFC 5321 §4.1.3). Only `parseDomain` makes one.
 */
export type Domain = string & { readonly [domainBrand]: true };

/** `local@domain`; the local part keeps its case, the domain is a `Domain`. Only `parseAddress` makes one. */
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
