import type { Organization } from "../org/organization.ts";
import type { EditedObject, ObjectEdit, OrganizationEditor } from "../org/organization-editor.ts";
import type { Invocation } from "./cmdlet.ts";
import { objectChange, type ShownEdit, takeEdited, warnAll } from "./object-change.ts";

/** What running edits needs of a run of a cmdlet. */
type EditRun = Pick<
  Invocation<{ readonly organization: OrganizationEditor }>,
  "services" | "warn" | "changed"
>;

/** How edits are run, and how what they did is shown. */
export interface EditManner {
  /** `show`: for -WhatIf. */
  readonly mode: "store" | "show";
  /** -Force */
  readonly isForced: boolean;
  /** The object before and after, with the organization of either moment. */
  readonly show: (
    edited: EditedObject,
    organizations: { readonly before: Organization; readonly after: Organization },
  ) => ShownEdit;
}

/**
 * Makes edits, all or none: what comes besides is told, and what was stored is reported for the
 * audit log. @throws CmdletFault
 */
export async function runEdits(
  { services, warn, changed }: EditRun,
  edits: readonly ObjectEdit[],
  { mode, isForced, show }: EditManner,
): Promise<readonly ShownEdit[]> {
  const { organization: editor } = services;
  const before = editor.organization;
  const override = isForced ? ({ override: "file" } as const) : {};
  const edited = takeEdited(await editor.edit(edits, { mode, ...override }));
  const shown = edited.objects.map((one) => show(one, { before, after: edited.organization }));
  warnAll(edited, warn);
  if (mode === "store") for (const one of shown) changed(objectChange(one));
  return shown;
}
