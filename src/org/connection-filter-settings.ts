import type { Address, Domain } from "../mail/address.ts";
import type { AddressRange } from "./settings/address-range.ts";

/** What every anti-spam agent has (reference §9.1). */
export interface FilterScope {
  readonly enabled: boolean;
  readonly externalMailEnabled: boolean;
  readonly internalMailEnabled: boolean;
}

/** An entry of the IP Allow or IP Block list. */
export interface IPListEntry {
  readonly name: AddressRange;
  /** As `2026-12-31T08:00:00Z`; `undefined`: never. */
  readonly expirationTime: string | undefined;
  readonly comment: string;
}

/** A list in DNS (RFC 5782). */
export interface IPListProvider {
  readonly name: string;
  readonly lookupDomain: Domain;
  readonly enabled: boolean;
  /** The lower is asked first. */
  readonly priority: number;
  readonly anyMatch: boolean;
  readonly bitmaskMatch: string | undefined;
  readonly ipAddressesMatch: readonly string[];
  /** Of block lists: what a listed client is told. */
  readonly rejectionResponse?: string | undefined;
}

/** Connection filtering (reference §9.2). */
export interface ConnectionFilterSettings {
  readonly ipAllowListEntries: readonly IPListEntry[];
  readonly ipBlockListEntries: readonly IPListEntry[];
  /** In the order in which they are asked. */
  readonly ipAllowListProviders: readonly IPListProvider[];
  /** As `ipAllowListProviders`. */
  readonly ipBlockListProviders: readonly IPListProvider[];
  readonly ipAllowListConfig: FilterScope;
  readonly ipBlockListConfig: FilterScope & {
    readonly machineEntryRejectionResponse: string;
    readonly staticEntryRejectionResponse: string;
  };
  readonly ipAllowListProvidersConfig: FilterScope;
  readonly ipBlockListProvidersConfig: FilterScope & {
    readonly bypassedRecipients: readonly Address[];
  };
}
