import type { Address, Domain } from "../mail/address.ts";
import type { ConnectionFilterSettings, FilterScope } from "./connection-filter-settings.ts";

/** Reference §9.3. */
export interface SenderFilterConfig extends FilterScope {
  readonly action: "Reject" | "StampStatus";
  readonly blockedSenders: readonly Address[];
  readonly blockedDomains: readonly Domain[];
  readonly blockedDomainsAndSubdomains: readonly Domain[];
  readonly blankSenderBlockingEnabled: boolean;
  readonly recipientBlockedSenderAction: "Reject" | "Delete";
}

/** Reference §9.4. */
export interface RecipientFilterConfig extends FilterScope {
  readonly recipientValidationEnabled: boolean;
  readonly blockListEnabled: boolean;
  readonly blockedRecipients: readonly Address[];
}

/** Reference §9.7. */
export interface SenderReputationConfig extends FilterScope {
  readonly srlBlockThreshold: number;
  readonly senderBlockingEnabled: boolean;
  /** Hours. */
  readonly senderBlockingPeriod: number;
}

/** Ours; RFC 6647. */
export interface GreylistingConfig extends FilterScope {
  readonly retryIntervalMs: number;
  readonly retryWindowMs: number;
  readonly passedLifetimeMs: number;
  readonly bypassedRecipients: readonly Address[];
}

/** Ours: bounce address tag validation. */
export interface BackscatterProtectionConfig {
  readonly signingEnabled: boolean;
  readonly rejectionEnabled: boolean;
  readonly tagLifetimeMs: number;
  /** 0 to 9. */
  readonly keyNumber: number;
  readonly bypassedRecipients: readonly Address[];
}

/** Reference §9.9. */
export interface AttachmentFilterListConfig extends FilterScope {
  readonly action: "Reject" | "Strip" | "SilentDelete";
  readonly rejectResponse: string;
  readonly adminMessage: string;
  readonly encryptedArchivesEnabled: boolean;
  /** Names of receive connectors. */
  readonly exceptionConnectors: readonly string[];
}

/** What holds for all mailboxes. */
export interface OrganizationConfig {
  readonly sclJunkThreshold: number;
}

/** What mail is not wanted (reference §9). */
export interface HygieneSettings extends ConnectionFilterSettings {
  readonly senderFilterConfig: SenderFilterConfig;
  readonly recipientFilterConfig: RecipientFilterConfig;
  readonly senderReputationConfig: SenderReputationConfig;
  readonly greylistingConfig: GreylistingConfig;
  readonly backscatterProtectionConfig: BackscatterProtectionConfig;
  readonly attachmentFilterListConfig: AttachmentFilterListConfig;
  /** `FileName:*.exe`, `ContentType:application/hta`; patterns in small letters. */
  readonly attachmentFilterEntries: readonly { readonly name: string }[];
  readonly organizationConfig: OrganizationConfig;
}

/** What the user of a mailbox says of senders (reference §9.6); entries in small letters. */
export interface SafeLists {
  /** Addresses and domains. */
  readonly safeSenders: readonly string[];
  /** As `safeSenders`. */
  readonly safeRecipients: readonly string[];
  /** As `safeSenders`. */
  readonly blockedSenders: readonly string[];
  readonly antispamBypassEnabled: boolean;
  readonly sclJunkEnabled: boolean | undefined;
  readonly sclJunkThreshold: number | undefined;
}
