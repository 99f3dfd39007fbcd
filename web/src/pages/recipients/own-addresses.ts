import { textOf } from "../../base/text-of.ts";

/** What Set cmdlets take to change the addresses of a recipient. */
export type AddressChange = Readonly<Record<string, unknown>>;

/** The addresses of a recipient. */
export interface OwnAddresses {
  readonly primary: string;
  /** The others, in their order. */
  readonly further: readonly string[];
}

/** Reads them from an object of a Get cmdlet. */
export function addressesOf(recipient: Readonly<Record<string, unknown>>): OwnAddresses {
  const { EmailAddresses: further } = recipient;
  return {
    primary: textOf(recipient["PrimarySmtpAddress"] ?? ""),
    further: Array.isArray(further) ? further.map(String) : [],
  };
}

/** One more. */
export function addAddress(address: string): AddressChange {
  return { EmailAddresses: { Add: [address] } };
}

/** One less. */
export function removeAddress(address: string): AddressChange {
  return { EmailAddresses: { Remove: [address] } };
}

/**
 * Another one becomes primary; what was primary stays an address, so that no mail is lost. What
 * others have added or removed meanwhile is left alone.
 */
export function makePrimary(before: string, after: string): AddressChange {
  return { PrimarySmtpAddress: after, EmailAddresses: { Add: [before], Remove: [after] } };
}
