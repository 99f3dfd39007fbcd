import type { OrganizationEditor } from "../../org/organization-editor.ts";

/** What the cmdlets of this room ask the server for. */
export interface OrganizationServices {
  /** The organization in force, and the way to change it. */
  readonly organization: OrganizationEditor;
}
