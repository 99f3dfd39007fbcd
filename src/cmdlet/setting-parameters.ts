import { type ConfigJson, type ConfigValue, toConfigJson } from "../org/config-value.ts";
import type { Report, Setting, SettingTable, SettingType } from "../org/settings/setting.ts";
import { formatSetting } from "../org/settings/setting-format.ts";
import type { CmdletInput } from "./cmdlet.ts";
import { optionalParameter, type ParameterTable, requiredParameter } from "./parameter.ts";
import { cmdletName } from "./setting-names.ts";

/** What was given for a setting, in the form in which it is stored; found to be of its type. */
export type SettingInput =
  | { readonly kind: "value"; readonly json: ConfigJson }
  /** `@{Add='x'; Remove='y'}`, for lists. */
  | {
      readonly kind: "change";
      readonly add: readonly ConfigJson[];
      readonly remove: readonly ConfigJson[];
    };

/** Which settings become parameters. */
export interface SettingParameterOptions {
  /** `new`: what an object must have must be given. `change`: everything may be left out. */
  readonly mode: "new" | "change";
  /** Settings that are given in another way. */
  readonly except?: readonly string[];
  /** Settings that Organization Management alone may give. */
  readonly guarded?: readonly string[];
}

const GUARDIANS = ["Organization Management"] as const;

/**
 * The parameters that set the settings of a table. What a handler finds under their names is for
 * `readSettingInput` only.
 */
export function settingParameters(
  table: SettingTable,
  { mode, except = [], guarded = [] }: SettingParameterOptions,
): ParameterTable {
  const rows = Object.entries(table).flatMap(([property, setting]) => {
    if (except.includes(property)) return [];
    const type = inputType(setting, mode);
    const isRequired = mode === "new" && setting.presence === "required";
    const doc = docOf(setting, mode);
    const parameter = isRequired
      ? requiredParameter(type, doc)
      : optionalParameter(type, doc, unsetOf(setting));
    const roles = guarded.includes(property) ? { roles: GUARDIANS } : {};
    return [[cmdletName(property), { ...parameter, ...roles }] as const];
  });
  return Object.fromEntries(rows);
}

function docOf({ doc, defaultText, presence }: Setting<unknown, "" | "Ms">, mode: string): string {
  if (mode === "change" || presence === "required") return doc;
  return defaultText === "" || defaultText === "null" ? doc : `${doc} Default: ${defaultText}.`;
}

/** Forms show it; nothing fills it in. */
function unsetOf({ type, defaultText, defaultValue, presence }: Setting<unknown, "" | "Ms">) {
  if (presence === "required" || defaultText === "" || defaultText === "null") return {};
  return { unset: { shown: formatSetting(type, defaultValue, cmdletName), text: defaultText } };
}

function inputType(
  { type }: Setting<unknown, "" | "Ms">,
  mode: SettingParameterOptions["mode"],
): SettingType<SettingInput> {
  const isList = type.form?.kind === "list" && type.table === undefined;
  const label = isList && mode === "change" ? `${type.label}, or @{Add=…; Remove=…}` : type.label;
  const { isSecret, isServerPath, form, table, listMax } = type;
  return {
    label,
    suffix: "",
    ...(isList && mode === "change" && { takesListChange: true }),
    ...(type.isList !== undefined && { isList: type.isList }),
    ...(isSecret !== undefined && { isSecret }),
    ...(isServerPath !== undefined && { isServerPath }),
    ...(form !== undefined && { form }),
    ...(table !== undefined && { table }),
    ...(listMax !== undefined && { listMax }),
    read(value, report) {
      if (isList && value.kind === "map") return readListChange(type, value, report);
      // What is in a section is read with the whole object, which names what is wrong there.
      if (table !== undefined) return { kind: "value", json: foldNames(table, value) };
      if (type.read(value, report) === undefined) return undefined;
      return { kind: "value", json: toConfigJson(value) };
    },
  };
}

function readListChange(
  type: SettingType<unknown, "" | "Ms">,
  value: Extract<ConfigValue, { kind: "map" }>,
  report: Report,
): SettingInput | undefined {
  const parts: Record<"add" | "remove", ConfigJson[]> = { add: [], remove: [] };
  for (const { name, value: items } of value.entries) {
    const which = name.toLowerCase();
    if (which !== "add" && which !== "remove") {
      return void report(value, `has ${JSON.stringify(name)}; write @{Add=…; Remove=…}`);
    }
    // What goes need not be right; what comes must be.
    if (which === "add" && type.read(items, report) === undefined) return undefined;
    const json = toConfigJson(items);
    if (Array.isArray(json)) parts[which].push(...(json as readonly ConfigJson[]));
    else parts[which].push(json);
  }
  return { kind: "change", ...parts };
}

/** Cmdlets write `UserName` where the table has `userName`; what it does not have stays. */
function foldNames(table: SettingTable, value: ConfigValue): ConfigJson {
  if (value.kind === "list") return value.items.map((item) => foldNames(table, item));
  if (value.kind !== "map") return toConfigJson(value);
  const names = new Map(Object.keys(table).map((name) => [name.toLowerCase(), name]));
  const folded = value.entries.map(({ name, value: inner }) => {
    const known = names.get(name.toLowerCase()) ?? name;
    const section = Object.hasOwn(table, known) ? table[known]?.type.table : undefined;
    return [
      known,
      section === undefined ? toConfigJson(inner) : foldNames(section, inner),
    ] as const;
  });
  return Object.fromEntries(folded);
}

/** What was given, by the names of the table; `undefined` is `$null`. */
export function readSettingInput(
  table: SettingTable,
  input: CmdletInput,
  given: ReadonlySet<string>,
): ReadonlyMap<string, SettingInput | undefined> {
  const read = Object.keys(table).flatMap((property) => {
    const name = cmdletName(property);
    if (!given.has(name)) return [];
    const value = input[name.charAt(0).toLowerCase() + name.slice(1)];
    // `inputType` has made it.
    return [[property, value as SettingInput | undefined] as const];
  });
  return new Map(read);
}
