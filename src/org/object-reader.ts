import type { ConfigEntry, ConfigMap, ConfigValue, Position } from "./config-value.ts";
import { describeValue, type FaultList, quote } from "./configuration-fault.ts";
import type { Report, Setting, SettingTable, SettingType, ValuesOf } from "./settings/setting.ts";
import { formatSuggestion } from "./suggestion.ts";

/** Where the faults of one object go. */
export interface ObjectContext {
  /** `receive connector "Default Frontend"` */
  readonly object: string;
  readonly faults: FaultList;
  /** `admin.` inside that section. */
  readonly section?: string;
}

/** An object that was read, and where its properties stand. */
export interface ReadProperties<Table extends SettingTable> {
  readonly values: ValuesOf<Table>;
  /** The properties that the file gives, as against those left to their defaults. */
  readonly given: ReadonlyMap<string, Position>;
}

/**
 * Reads an object against its table: unknown and repeated properties, bad and missing values are
 * faults, all of them reported. `undefined` when there was one.
 */
export function readProperties<Table extends SettingTable>(
  table: Table,
  map: ConfigMap,
  context: ObjectContext,
): ReadProperties<Table> | undefined {
  const given = new Map<string, Position>();
  const values: Record<string, unknown> = {};
  let isGood = true;
  for (const entry of map.entries) {
    const problem = entryProblem(table, entry, { given, section: context.section ?? "" });
    given.set(entry.name, entry.at);
    const setting = Object.hasOwn(table, entry.name) ? table[entry.name] : undefined;
    if (problem !== undefined || setting === undefined) {
      const fault = { property: pathOf(entry.name, context), message: problem ?? "" };
      context.faults.add(entry.at, { object: context.object, ...fault });
      isGood = false;
    } else {
      isGood = readEntry(setting, entry, { ...context, values }) && isGood;
    }
  }
  for (const [name, setting] of Object.entries(table)) {
    if (given.has(name)) continue;
    values[name + setting.type.suffix] = setting.defaultValue;
    if (setting.presence !== "required") continue;
    const property = pathOf(name, context);
    const message = `${property} is missing; it must be given (${setting.type.label})`;
    context.faults.add(map.at, { object: context.object, property, message });
    isGood = false;
  }
  // Each value came from the row of its name: what ValuesOf says, but no type can follow the loop.
  return isGood ? { values: values as ValuesOf<Table>, given } : undefined;
}

function pathOf(name: string, context: ObjectContext): string {
  return `${context.section ?? ""}${name}`;
}

function entryProblem(
  table: SettingTable,
  entry: ConfigEntry,
  context: { readonly given: ReadonlyMap<string, Position>; readonly section: string },
): string | undefined {
  const path = context.section + entry.name;
  if (!Object.hasOwn(table, entry.name)) {
    const suggestion = formatSuggestion(entry.name, Object.keys(table));
    return `unknown property ${quote(path)}${suggestion}`;
  }
  const before = context.given.get(entry.name);
  return before === undefined ? undefined : `${path} is given twice${placeOf(before)}`;
}

function placeOf(at: Position): string {
  return at.line === 0 ? "" : `, first in line ${at.line}`;
}

function readEntry(
  setting: Setting<unknown, "" | "Ms">,
  entry: ConfigEntry,
  context: ObjectContext & { readonly values: Record<string, unknown> },
): boolean {
  const field = entry.name + setting.type.suffix;
  let isGood = true;
  const report = (value: ConfigValue, problem: string): void => {
    isGood = false;
    addValueFault(setting.type, { name: entry.name, value, problem }, context);
  };
  if (entry.value.kind === "null") {
    context.values[field] = undefined;
    if (setting.presence !== "nullable") {
      report(entry.value, `is not allowed; give a value (${setting.type.label}) or leave it out`);
    }
    return isGood;
  }
  const { table, listMax } = setting.type;
  if (table !== undefined && listMax !== undefined) {
    context.values[field] = readSectionList(table, { entry, listMax, report }, context);
    return isGood && context.values[field] !== undefined;
  }
  if (table !== undefined && entry.value.kind === "map") {
    const inner = { ...context, section: `${pathOf(entry.name, context)}.` };
    context.values[field] = readProperties(table, entry.value, inner)?.values;
    return context.values[field] !== undefined;
  }
  const value = setting.type.read(entry.value, report);
  context.values[field] = value;
  // A type that reports nothing and reads nothing would pass an undefined for a value.
  return isGood && value !== undefined;
}

/** As for other lists, a single mapping stands for a list of one. */
function readSectionList(
  table: SettingTable,
  list: { readonly entry: ConfigEntry; readonly listMax: number; readonly report: Report },
  context: ObjectContext,
): readonly unknown[] | undefined {
  const { entry, listMax, report } = list;
  const { value } = entry;
  const items = value.kind === "map" ? [value] : value.kind === "list" ? value.items : undefined;
  if (items === undefined) return void report(value, "is not a list of mappings");
  if (items.length > listMax) return void report(value, `has more than ${listMax} entries`);
  const read = items.map((item, index) => {
    if (item.kind !== "map") return void report(item, "is not a mapping of properties");
    const section = `${pathOf(entry.name, context)}[${index + 1}].`;
    return readProperties(table, item, { ...context, section })?.values;
  });
  return read.includes(undefined) ? undefined : read;
}

function addValueFault(
  type: SettingType<unknown, "" | "Ms">,
  what: { readonly name: string; readonly value: ConfigValue; readonly problem: string },
  context: ObjectContext,
): void {
  const { name, value, problem } = what;
  const shown = type.isSecret === true ? "the value" : describeValue(value);
  const text = value.kind === "scalar" && type.isSecret !== true ? { value: value.text } : {};
  const property = pathOf(name, context);
  const message = `${property}: ${shown} ${problem}`;
  context.faults.add(value.at, { object: context.object, property, ...text, message });
}
