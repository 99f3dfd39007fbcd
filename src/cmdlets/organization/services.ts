import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { RuleHitReport } from "../../transport/rules/rule-hits.ts";

/** An organization as it is stored, to read. */
export type StoredReader = Pick<OrganizationEditor, "list" | "listRecipients" | "readMembers">;

/** What the cmdlets of this room ask the server for. */
export interface OrganizationServices {
  /** Where callers over the network may name backups; whole path. */
  readonly backupFolder: string;
  /** The organization of a backup, to read; closed by whoever has opened it. @throws CmdletFault */
  readonly openBackup: (path: string) => Promise<StoredReader & { readonly close: () => void }>;
  /** The organization in force, and the way to change it. */
  readonly organization: OrganizationEditor;
  /** What mail flow rules have done. */
  readonly rules: { readonly hits: () => Promise<RuleHitReport> };
}
