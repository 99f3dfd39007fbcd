import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import { namesProperties } from "../cmdlet/filter-type.ts";
import type { OutputProperty, OutputType } from "../cmdlet/output-type.ts";
import type { Parameter } from "../cmdlet/parameter.ts";
import { cmdletName } from "../cmdlet/setting-names.ts";
import type { Setting, SettingForm, SettingType } from "../org/settings/setting.ts";
import { formatSetting } from "../org/settings/setting-format.ts";

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>;

type AnyType = SettingType<unknown, "" | "Ms">;

/** What a value is to a form: one kind of field each. */
type FieldKind =
  | "text"
  | "choice"
  | "boolean"
  | "number"
  | "bytes"
  | "span"
  | "date"
  | "list"
  | "map"
  | "table"
  | "secret";

/**
 * What schemas cannot say of an operation, as extensions: `x-effect`, `x-confirmation`,
 * `x-recorded`, `x-output` (name of the schema of what it puts out), `x-examples`, `x-notes`,
 * `x-file` and `x-input-files` (parameters that clients keep to themselves, and where the bytes
 * are).
 */
export function operationFacts(cmdlet: Cmdlet<never>): Schema {
  const { effect, confirmation, isRecorded, output, examples, notes, file, inputFiles } = cmdlet;
  return {
    "x-summary": cmdlet.summary,
    "x-effect": effect,
    "x-confirmation": confirmation,
    "x-output": output.name,
    ...(isRecorded === true && { "x-recorded": true }),
    ...(examples.length > 0 && { "x-examples": examples }),
    ...(notes !== undefined && { "x-notes": notes }),
    ...(file !== undefined && { "x-file": file }),
    ...(inputFiles !== undefined && { "x-input-files": inputFiles }),
  };
}

/**
 * What a form wants to know of a parameter: those of its type (`typeFacts`), `x-position`,
 * `x-completion` (noun whose Get cmdlet lists its values), `x-excludes`, `x-switch`, `x-roles`,
 * `x-pipeline`, and what holds while nothing is set: `x-default` (as Get shows it) and
 * `x-default-text`.
 */
export function parameterFacts(parameter: Parameter<unknown, "" | "Ms">): Schema {
  const { type, position, completion, excludes, isSwitch, roles, pipeline, unset } = parameter;
  return {
    ...typeFacts(type),
    ...(position !== undefined && { "x-position": position }),
    ...(completion !== undefined && { "x-completion": completion }),
    ...(excludes !== undefined && { "x-excludes": excludes }),
    ...(isSwitch && { "x-switch": true }),
    ...(roles !== undefined && { "x-roles": ["Organization Management", ...roles] }),
    ...(pipeline !== undefined && { "x-pipeline": pipeline }),
    ...(unset !== undefined && type.isSecret !== true && unsetFacts(unset)),
  };
}

/** The same of a setting within a mapping. */
export function settingFacts(setting: Setting<unknown, "" | "Ms">): Schema {
  const { type, presence, defaultText: text, defaultValue } = setting;
  const isSecret = type.isSecret === true;
  const isNothing = isSecret || presence === "required" || text === "" || text === "null";
  if (isNothing) return typeFacts(type);
  const shown = formatSetting(type, defaultValue, cmdletName);
  return { ...typeFacts(type), ...unsetFacts({ shown, text }) };
}

function unsetFacts({ shown, text }: NonNullable<Parameter<unknown>["unset"]>): Schema {
  return { ...(shown !== null && { "x-default": shown }), "x-default-text": text };
}

/**
 * Of a type: `x-kind`, `x-label` (as help has it), `x-range` (`min`, `max`, `unlimited`; spans in
 * milliseconds), `x-choices`, `x-unit`, `x-multiline`, of a list `x-items` (kind of its items),
 * `x-items-max` and `x-list-change` (Add and Remove may be given), `x-properties-of` (a filter or
 * sort order over that output type) and `x-server-path`.
 */
function typeFacts(type: AnyType): Schema {
  const { label, form, takesListChange, isServerPath } = type;
  const kind = fieldKind(type);
  return {
    "x-kind": kind,
    "x-label": label,
    ...(kind === "secret" || form === undefined ? {} : formFacts(form)),
    ...(takesListChange === true && { "x-list-change": true }),
    ...(namesProperties(type) && { "x-properties-of": type.names.name }),
    ...(isServerPath === true && { "x-server-path": true }),
  };
}

function fieldKind({ form, table, listMax, isSecret }: AnyType): FieldKind {
  if (table !== undefined) return listMax === undefined ? "map" : "table";
  return isSecret === true ? "secret" : (form?.kind ?? "text");
}

function formFacts(form: SettingForm): Schema {
  switch (form.kind) {
    case "number":
    case "bytes": {
      const { min, max, isUnlimited: unlimited } = form;
      const unit = form.kind === "bytes" ? { "x-unit": "bytes" } : {};
      return { "x-range": { min, max, unlimited }, ...unit };
    }
    case "span":
      return { "x-range": { min: form.minMs, max: form.maxMs, unlimited: false }, "x-unit": "ms" };
    case "text":
      return form.isMultiline === true ? { "x-multiline": true } : {};
    case "choice":
      return { "x-choices": form.choices };
    case "list":
      return { ...formFacts(form.items), "x-items": form.items.kind, "x-items-max": form.itemsMax };
    default:
      return {};
  }
}

/**
 * Of a property that is put out: `x-kind`, `x-choices`, and `x-hidden-from`, role groups that don't
 * see it.
 */
export function outputPropertyFacts({ kind, choices, hiddenFrom }: OutputProperty): Schema {
  return {
    "x-kind": kind,
    ...(choices !== undefined && { "x-choices": choices }),
    ...(hiddenFrom !== undefined && { "x-hidden-from": hiddenFrom }),
  };
}

/** Of an output type: `x-table`, its columns, and `x-tree` where its objects make one. */
export function outputFacts({ table, tree }: OutputType): Schema {
  return { "x-table": table, ...(tree !== undefined && { "x-tree": tree }) };
}
