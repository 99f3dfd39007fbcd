import type { HeaderEdit } from "../../mail/header-edit.ts";
import { formatField } from "../../mail/header-text.ts";
import { fieldsOf, type HeaderChange, type Sight } from "./message-copy.ts";
import { FAULT } from "./rule-facts.ts";

/** As fields of these names are written that rules add to. */
const SPELLED: Readonly<Record<string, string>> = { subject: "Subject", to: "To", cc: "Cc" };

/**
 * What rules have changed in the header of a copy, as edits. A field that was touched goes whole to
 * the end of the header, each of its values as it is now.
 */
export function headerEdits(sight: Sight): readonly HeaderEdit[] {
  const fields = fieldsOf(sight);
  const touched = new Map<string, string>();
  for (const change of sight.copy.changes) {
    const name = nameOf(change);
    touched.set(name.toLowerCase(), SPELLED[name.toLowerCase()] ?? name);
  }
  return [...touched].flatMap(([name, written]): readonly HeaderEdit[] => {
    const remove = { kind: "remove", name: written } as const;
    // A header beyond all bounds is left as it is but for what needs no look at it.
    if (fields === undefined || fields === FAULT) return [remove];
    const text = fields
      .filter((field) => field.name === name)
      .map(({ raw }) => formatField(written, raw))
      .join("");
    return text === "" ? [remove] : [remove, { kind: "append", text }];
  });
}

function nameOf(change: HeaderChange): string {
  switch (change.kind) {
    case "set":
    case "remove":
      return change.name;
    case "prefixSubject":
      return "subject";
    case "addAddress":
      return change.field;
  }
}
