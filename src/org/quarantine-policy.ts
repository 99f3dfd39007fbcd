import type { Address } from "../mail/address.ts";
import type { QuarantineType } from "../store/quarantine-mark.ts";

/** What happens to mail in quarantine; spans in ms. */
export interface QuarantinePolicy {
  readonly quarantineRetentionPeriodMs: number;
  readonly esnEnabled: boolean;
  readonly endUserSpamNotificationFrequencyMs: number;
  /** Since midnight, UTC. */
  readonly endUserSpamNotificationTimeMs: number;
  readonly endUserSpamNotificationCustomFromAddress: Address | undefined;
  /** What keeps the mail that users may release themselves. */
  readonly endUserQuarantineTypes: readonly QuarantineType[];
  readonly esnCustomSubject: string;
  readonly endUserSpamNotificationUrl: string | undefined;
}
