import type { Address } from "../mail/address.ts";
import type { Endpoint } from "../org/organization.ts";
import type { Origin } from "../store/queue-store.ts";

/** A message that does not exist: what would become of it. */
export interface RouteInquiry {
  readonly sender: Address | "";
  /** At least one. */
  readonly recipients: readonly Address[];
  readonly messageBytes: number;
  readonly clientAddress: string;
  /** Where the client connects to; `undefined`: the most usual of our bindings. */
  readonly local: Endpoint | undefined;
  /** Address of the mailbox whose user has logged on. */
  readonly authenticatedAs: Address | undefined;
  readonly tls: boolean;
  /** Whether next hops and their policies are looked up. */
  readonly resolveDns: boolean;
}

/** A message that is in: what would be decided about it from here on. */
export interface OnwardInquiry {
  readonly sender: Address | "";
  readonly recipients: readonly {
    readonly address: Address;
    /** Its groups and forwardings have been followed already. */
    readonly resolved: boolean;
  }[];
  readonly messageBytes: number;
  readonly origin: Origin;
  readonly tlsNotRequired: boolean;
  readonly resolveDns: boolean;
}
