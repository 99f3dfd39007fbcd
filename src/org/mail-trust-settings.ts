import type { Address } from "../mail/address.ts";

/** What the organization does for the trust in its mail, of Set-TransportConfig. */
export interface MailTrustSettings {
  /** The sender of strangers' mail that goes on to other domains becomes one of ours (SRS). */
  readonly senderRewritingEnabled: boolean;
  /** Senders of ours whose mail to other domains names the recipient in its sender (VERP). */
  readonly variableEnvelopeSenders: readonly Address[];
  readonly dmarcReporting: DmarcReporting;
}

/** Reports to others about mail in their name (RFC 9990, RFC 9991). */
export interface DmarcReporting {
  /** Aggregate reports. */
  readonly enabled: boolean;
  readonly failureReportsEnabled: boolean;
  readonly organizationName: string | undefined;
  readonly contact: Address | undefined;
}
