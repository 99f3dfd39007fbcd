import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { RecipientSearch } from "./recipient-search.ts";

/** What the cmdlets of this room ask the server for. */
export interface RecipientServices {
  /** The organization in force, and the way to change it and its recipients. */
  readonly organization: OrganizationEditor;
  /** Looks through all recipients, without keeping anybody else waiting. */
  readonly recipients: RecipientSearch;
}
