import type { Address } from "../mail/address.ts";

/** What happens to mail in quarantine; spans in ms. */
export interface QuarantinePolicy {
  readonly quarantineRetentionPeriodMs: number;
  readonly esnEnabled: boolean;
  readonly endUserSpamNotificationFrequencyMs: number;
  /** Since midnight, UTC. */
  readonly endUserSpamNotificationTimeMs: number;
  readonly endUserSpamNotificationCustomFromAddress: Address | undefined;
  readonly esnCustomSubject: string;
  readonly endUserSpamNotificationUrl: string | undefined;
}
