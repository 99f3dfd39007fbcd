import type { EventSource } from "../tracking/event.ts";

/** The other end of an attempt, as the notice and the tracking log name it. */
export interface Hop {
  /** Host name, or "" when only an address is known. */
  readonly name: string;
  /** IP address or socket path. */
  readonly address: string;
  /** Our own address towards it. */
  readonly localAddress: string;
  /** The session of the attempt, as all logs name it; absent: there was none. */
  readonly sessionId?: string;
  /** How the connection is secured; absent: in clear. */
  readonly tls?: {
    readonly version: string;
    readonly cipher: string;
    /** What it has come to, in the words of `tlsPolicies`. */
    readonly mode: string;
  };
}

/** Why something did not work. */
export interface Fault {
  /** Enhanced status code `4.4.1` or `5.1.1` (RFC 3463). */
  readonly status: string;
  /** Verbatim reply with its code, `550 5.1.1 No such user`, or our own words in that form. */
  readonly diagnostic: string;
  /** Set when `diagnostic` is what that host said, unset when the words are ours. */
  readonly hop: Hop | undefined;
  readonly source: EventSource;
  /** The final dot was sent and no answer came: the hop may have the message all the same. */
  readonly attemptUnknown?: boolean;
}

/** How one attempt ended for one recipient. */
export type Outcome =
  /** In the mailbox. */
  | { readonly kind: "delivered"; readonly hop: Hop | undefined; readonly reply: string }
  /**
   * Taken over by the next hop. `dsn` tells whether it also took over the DSN request (RFC 3461
   * §5.2).
   */
  | {
      readonly kind: "relayed";
      readonly hop: Hop;
      readonly reply: string;
      readonly dsn: "passed" | "ours";
    }
  /** Not now, for this recipient only (message-level 4xx). */
  | { readonly kind: "deferred"; readonly fault: Fault }
  /** Never. */
  | { readonly kind: "failed"; readonly fault: Fault };
