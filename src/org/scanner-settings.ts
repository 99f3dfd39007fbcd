import type { Address } from "../mail/address.ts";
import type { FilterScope } from "./connection-filter-settings.ts";

/** Reference §9.10; scanners as they are written. */
export interface MalwareFilterConfig {
  readonly enabled: boolean;
  readonly scanners: readonly string[];
  readonly action: "DeleteMessage" | "Reject" | "Quarantine";
  readonly rejectionResponse: string;
  readonly bypassInboundMessages: boolean;
  readonly bypassOutboundMessages: boolean;
  readonly scanTimeoutMs: number;
  readonly scanErrorAction: "Block" | "Allow";
}

/** Reference §9.6 */
export interface ContentFilterConfig extends FilterScope {
  readonly source: "BuiltIn" | "Rspamd" | "SpamAssassin";
  /** As it is written; `undefined`: the usual one. */
  readonly endpoint: string | undefined;
  readonly scanTimeoutMs: number;
  /** Hundredths, nine of them or none. */
  readonly sclScores: readonly number[];
  readonly headersEnabled: boolean;
  readonly sclDeleteEnabled: boolean;
  readonly sclDeleteThreshold: number;
  readonly sclRejectEnabled: boolean;
  readonly sclRejectThreshold: number;
  readonly sclQuarantineEnabled: boolean;
  readonly sclQuarantineThreshold: number;
  readonly rejectionResponse: string;
  readonly bypassedRecipients: readonly Address[];
  readonly bypassedSenders: readonly Address[];
  /** `example.com`, or `*.example.com` for it and all below it. */
  readonly bypassedSenderDomains: readonly string[];
  readonly urlBlockLists: readonly string[];
}

/** Words that decide by themselves. */
export interface ContentFilterPhrase {
  /** The words. */
  readonly name: string;
  readonly influence: "GoodWord" | "BadWord";
}

/** One milter; macros as they are written. */
export interface MilterSettings {
  readonly name: string;
  readonly enabled: boolean;
  readonly endpoint: string;
  readonly priority: number;
  /** Names of receive connectors; none: all of them. */
  readonly connectors: readonly string[];
  readonly failMode: "Defer" | "Accept" | "Reject" | "Quarantine";
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly contentTimeoutMs: number;
  /** `connect:{if_name}` */
  readonly macros: readonly string[];
  /** `{if_name}=eth0` */
  readonly macroDefaults: readonly string[];
}

/** Which scanners are asked about mail. */
export interface ScannerSettings {
  readonly contentFilterConfig: ContentFilterConfig;
  readonly contentFilterPhrases: readonly ContentFilterPhrase[];
  readonly malwareFilterConfig: MalwareFilterConfig;
  /** In the order in which they are asked. */
  readonly milters: readonly MilterSettings[];
}
