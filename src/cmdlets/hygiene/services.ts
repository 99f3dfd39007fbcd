import type { IPListProvider } from "../../org/connection-filter-settings.ts";
import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { ListingAnswer } from "../../transport/hygiene/dns-list.ts";
import type { MachineEntry } from "../../transport/hygiene/machine-entries.ts";
import type { KnownSource } from "../../transport/hygiene/reputation-table.ts";

/** What the server knows of sources of mail, and can ask others about them. */
export interface HygieneDesk {
  /** Entries of the IP Block list that sender reputation has made. @throws StoreFailure */
  machineEntries(): Promise<readonly MachineEntry[]>;
  /** Lets a source in again; whether it was blocked. @throws StoreFailure */
  removeMachineEntry(address: string): Promise<boolean>;
  /** What a list in DNS says of an address. Never rejects. */
  askProvider(provider: IPListProvider, address: string): Promise<ListingAnswer>;
  /** What is known of the source of an address; `undefined`: nothing. */
  source(address: string): KnownSource | undefined;
  /** All that something is known of, in no order. */
  sources(): Iterable<KnownSource>;
}

/** What the cmdlets of this room ask the server for. */
export interface HygieneServices {
  readonly organization: OrganizationEditor;
  readonly hygiene: HygieneDesk;
}
