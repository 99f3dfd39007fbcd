import type { Organization } from "../org/organization.ts";
import type {
  EditedObject,
  ObjectEdit,
  OrganizationEditor,
  StoredObject,
} from "../org/organization-editor.ts";
import { OBJECT_KINDS } from "../org/settings/object-kinds.ts";
import type { Invocation } from "./cmdlet.ts";
import { changedMeanwhile, entityTag, matchesTag } from "./entity-tag.ts";
import { objectChange, type ShownEdit, takeEdited, warnAll } from "./object-change.ts";
import { RecentEdits } from "./recent-edits.ts";

/** What running edits needs of a run of a cmdlet. */
type EditRun = Pick<
  Invocation<{ readonly organization: OrganizationEditor }>,
  "services" | "warn" | "changed" | "caller"
>;

/** How edits are run, and how what they did is shown. */
export interface EditManner {
  /** `show`: for -WhatIf. */
  readonly mode: "store" | "show";
  /** -Force */
  readonly isForced: boolean;
  /** -IfMatch, of the first object: it must be one of these still. */
  readonly ifMatch?: readonly string[] | undefined;
  /** The object before and after, with the organization of either moment. */
  readonly show: (
    edited: EditedObject,
    organizations: { readonly before: Organization; readonly after: Organization },
  ) => ShownEdit;
}

const recentEdits = new RecentEdits();

/**
 * Makes edits, all or none: what comes besides is told, and what was stored is reported for the
 * audit log. @throws CmdletFault
 */
export async function runEdits(
  { services, warn, changed, caller }: EditRun,
  given: readonly ObjectEdit[],
  { mode, isForced, ifMatch, show }: EditManner,
): Promise<readonly ShownEdit[]> {
  const edits = given.map((edit, index) => (index === 0 ? checkedFirst(edit, ifMatch) : edit));
  const { organization: editor } = services;
  const before = editor.organization;
  const override = isForced ? ({ override: "file" } as const) : {};
  const edited = takeEdited(await editor.edit(edits, { mode, ...override }));
  const shown = edited.objects.map((one) => show(one, { before, after: edited.organization }));
  warnAll(edited, warn);
  if (mode === "show") return shown;
  for (const [index, one] of shown.entries()) {
    const change = objectChange(one);
    changed(change);
    const object = edited.objects[index];
    if (object?.before === undefined || object.after === undefined) continue;
    recentEdits.add(labelOf(object.before), {
      who: caller.name,
      names: Object.keys(change.after ?? {}),
      before: entityTag(object.before.properties),
      after: entityTag(object.after.properties),
    });
  }
  return shown;
}

/** Between this check and the write nobody else can change anything: `change` promises that. */
function checkedFirst(edit: ObjectEdit, ifMatch: readonly string[] | undefined): ObjectEdit {
  if (ifMatch === undefined) return edit;
  return {
    ...edit,
    change(stored) {
      // Where there is no such object, that is the fault (RFC 9110 §13.2.1).
      const after = edit.change(stored);
      const tag = entityTag(stored?.properties ?? {});
      if (matchesTag(ifMatch, tag)) return after;
      const label = labelOf(stored ?? edit);
      const seen = ifMatch.map((one) => one.replace(/^"(.*)"$/, "$1"));
      const told = seen.flatMap(
        (before) => recentEdits.between(label, { before, after: tag }) ?? [],
      );
      throw changedMeanwhile(label, told[0]);
    },
  };
}

function labelOf({ kind, name }: Pick<StoredObject, "kind" | "name">): string {
  const { title, isSingle } = OBJECT_KINDS[kind];
  return isSingle ? `the ${title}` : `${title} "${name}"`;
}
