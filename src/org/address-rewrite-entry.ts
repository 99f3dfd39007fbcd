import type { Domain } from "../mail/address.ts";

/** Reference §17.4. */
export interface AddressRewriteEntry {
  readonly name: string;
  /** An address, a domain, or `*.domain`. */
  readonly internalAddress: string;
  /** An address or a domain. */
  readonly externalAddress: string;
  readonly exceptionList: readonly Domain[];
  readonly outboundOnly: boolean;
}
