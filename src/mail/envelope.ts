import type { Address } from "./address.ts";

/** Body types of RFC 6152 and RFC 3030. */
export type BodyType = "7BIT" | "8BITMIME" | "BINARYMIME";

/** Conditions of NOTIFY (RFC 3461 §4.1). An empty list is NEVER; absent is the server's default. */
export type NotifyCondition = "SUCCESS" | "FAILURE" | "DELAY";

/** `addr-type;address`, xtext or utf-8-addr-xtext already decoded (RFC 3461 §4.2, RFC 6533 §3). */
export interface OriginalRecipient {
  readonly type: string;
  readonly address: string;
}

/** What MAIL said. */
export interface Envelope {
  /** `""` is the null reverse-path. */
  readonly sender: Address | "";
  readonly body: BodyType;
  readonly smtpUtf8: boolean;
  /** RFC 3461 §4.3 */
  readonly ret: "FULL" | "HDRS" | undefined;
  /** Decoded from xtext (RFC 3461 §4.4). */
  readonly envid: string | undefined;
  /** REQUIRETLS: every hop must use verified TLS, or the message comes back (RFC 8689). */
  readonly requireTls?: boolean;
  /** AUTH=: who submitted it, as a trusted client says; decoded, "" is `<>` (RFC 4954 §5). */
  readonly submitter?: string;
}

/** What one RCPT said. */
export interface EnvelopeRecipient {
  readonly address: Address;
  readonly originalRecipient: OriginalRecipient | undefined;
  readonly notify: readonly NotifyCondition[] | undefined;
  /** ORAR=: where to send it when this recipient cannot have it (XORAR). */
  readonly alternateRecipient?: Address;
}
