import { fromConfigJson } from "../org/config-value.ts";
import type { ObjectProperties } from "../org/organization-editor.ts";
import type { Setting, SettingForm, SettingTable } from "../org/settings/setting.ts";
import { formatSetting, MASK } from "../org/settings/setting-format.ts";
import type { OutputObject, OutputProperty, OutputValue } from "./output-type.ts";
import { cmdletName } from "./setting-names.ts";

type AnySetting = Setting<unknown, "" | "Ms">;

/** The output properties that show the settings of a table. */
export function settingProperties(table: SettingTable): Readonly<Record<string, OutputProperty>> {
  const rows = Object.entries(table).map(
    ([property, setting]) => [cmdletName(property), outputProperty(setting)] as const,
  );
  return Object.fromEntries(rows);
}

function outputProperty({ type, doc }: AnySetting): OutputProperty {
  if (type.table !== undefined) return { kind: "object", doc };
  if (type.isSecret === true) return { kind: "text", doc: `${doc} Shown as ${MASK}.` };
  return { ...kindOf(type.form), doc };
}

/** Sizes are shown as one writes them, as the word "unlimited" is one of them. */
function kindOf(form: SettingForm | undefined): Pick<OutputProperty, "kind" | "choices"> {
  switch (form?.kind) {
    case "boolean":
      return { kind: "boolean" };
    case "number":
      return { kind: form.isUnlimited ? "text" : "number" };
    case "date":
      return { kind: "date" };
    case "span":
      return { kind: "span" };
    case "choice":
      return { kind: "choice", choices: form.choices };
    case "list":
      return { kind: "list" };
    case "map":
      return { kind: "object" };
    default:
      return { kind: "text" };
  }
}

/**
 * The settings of an object with their effective values. `effective` is the object as the
 * organization in force has it; where it says nothing, what is stored counts, else the default.
 */
export function settingValues(
  table: SettingTable,
  stored: ObjectProperties,
  effective: object,
): OutputObject {
  const known = new Map<string, unknown>(Object.entries(effective));
  const rows = Object.entries(table).map(([property, { type, defaultValue }]) => {
    const field = property + type.suffix;
    let value = known.get(field);
    if (!known.has(field)) {
      const given = Object.hasOwn(stored, property) ? fromConfigJson(stored[property]) : undefined;
      const isNothing = given === undefined || given.kind === "null";
      value = isNothing ? defaultValue : type.read(given, () => undefined);
    }
    // A section's own reader gives its defaults only.
    if (!known.has(field) && type.table !== undefined && Object.hasOwn(stored, property)) {
      value = stored[property];
    }
    const shown: OutputValue = formatSetting(type, value, cmdletName);
    return [cmdletName(property), shown] as const;
  });
  return Object.fromEntries(rows);
}

/** The properties in which two objects differ, `***` among them when a secret has changed. */
export function differingProperties(
  table: SettingTable,
  before: { readonly shown: OutputObject; readonly stored: ObjectProperties },
  after: { readonly shown: OutputObject; readonly stored: ObjectProperties },
): readonly string[] {
  const secrets = new Map(
    Object.entries(table).flatMap(([property, { type }]) =>
      type.isSecret === true ? [[cmdletName(property), property] as const] : [],
    ),
  );
  return Object.keys(after.shown).filter((name) => {
    // It stands for all others.
    if (name === "ETag") return false;
    if (JSON.stringify(before.shown[name]) !== JSON.stringify(after.shown[name])) return true;
    const property = secrets.get(name);
    if (property === undefined) return false;
    return JSON.stringify(before.stored[property]) !== JSON.stringify(after.stored[property]);
  });
}
