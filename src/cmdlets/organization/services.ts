import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { RuleHitReport } from "../../transport/rules/rule-hits.ts";

/** What the cmdlets of this room ask the server for. */
export interface OrganizationServices {
  /** The organization in force, and the way to change it. */
  readonly organization: OrganizationEditor;
  /** What mail flow rules have done. */
  readonly rules: { readonly hits: () => Promise<RuleHitReport> };
}
