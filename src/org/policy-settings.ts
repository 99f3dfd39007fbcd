import type { AddressRewriteEntry } from "./address-rewrite-entry.ts";
import type { DkimSigningConfig } from "./dkim-keys.ts";
import type { HygieneSettings } from "./hygiene-settings.ts";
import type { JournalRule } from "./journal-rule.ts";
import type { MessageClassification } from "./message-classification.ts";
import type { QuarantinePolicy } from "./quarantine-policy.ts";
import type { ScannerSettings } from "./scanner-settings.ts";
import type { SenderIdConfig } from "./sender-id-config.ts";
import type { TransportAgentSettings } from "./transport-agent-settings.ts";
import type { TransportRule } from "./transport-rule.ts";

/** What the organization says of the trust in mail and of its rules: part of the snapshot. */
export interface PolicySettings {
  readonly dkimSigningConfigs: readonly DkimSigningConfig[];
  readonly senderIdConfig: SenderIdConfig;
  readonly transportAgents: readonly TransportAgentSettings[];
  /** In the order in which they are asked; those that are switched off among them. */
  readonly transportRules: readonly TransportRule[];
  readonly hygiene: HygieneSettings;
  readonly scanning: ScannerSettings;
  readonly quarantinePolicy: QuarantinePolicy;
  readonly addressRewriteEntries: readonly AddressRewriteEntry[];
  readonly journalRules: readonly JournalRule[];
  readonly messageClassifications: readonly MessageClassification[];
}
