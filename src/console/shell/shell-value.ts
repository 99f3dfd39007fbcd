import { findProperty } from "../../cmdlet/filter.ts";
import type {
  OutputObject,
  OutputProperty,
  OutputType,
  OutputValue,
  PropertyKind,
} from "../../cmdlet/output-type.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { ShellFault } from "./shell-fault.ts";

/** A value in the shell, and what is known of it. */
export interface ShellValue {
  readonly value: OutputValue;
  /** Of the object, or of all objects in a list. */
  readonly type?: OutputType | undefined;
  /** What it was a property of: how it is compared and shown. */
  readonly property?: OutputProperty | undefined;
}

/** Nothing. */
export const NULL_VALUE: ShellValue = { value: null };

/** Objects that a variable, a sort or a group may hold. */
export const HELD_MAX = 100_000;

/** Whether it is a JSON object. */
export function isObjectValue(value: OutputValue | undefined): value is OutputObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is a list. */
export function isListValue(value: OutputValue | undefined): value is readonly OutputValue[] {
  return Array.isArray(value);
}

/** What a value puts into a pipe: a list its items, nothing none. */
export function enumerate(value: ShellValue): readonly ShellValue[] {
  if (value.value === null) return [];
  if (!isListValue(value.value)) return [value];
  const { type } = value;
  return value.value.map((item) => ({ value: item, type: isObjectValue(item) ? type : undefined }));
}

/** One value of what came out of a pipe: nothing, the only one, or a list. */
export function joinValues(values: readonly ShellValue[]): ShellValue {
  const [first, ...others] = values;
  if (first === undefined) return NULL_VALUE;
  if (others.length === 0) return first;
  const isAlike = others.every(({ type }) => type === first.type);
  return {
    value: values.map(({ value }) => value),
    type: isAlike ? first.type : undefined,
  };
}

/** Takes all of a pipe. @throws ShellFault when it is more than may be held */
export async function holdValues(
  values: AsyncIterable<ShellValue>,
  { by, at }: { readonly by: string; readonly at?: number },
): Promise<readonly ShellValue[]> {
  const held: ShellValue[] = [];
  for await (const value of values) {
    if (held.length === HELD_MAX) {
      const most = HELD_MAX.toLocaleString("en-US");
      const cure = "narrow them down with -Filter, Where-Object or Select-Object -First";
      throw new ShellFault(
        `${by} holds at most ${most} objects; ${cure}`,
        at === undefined ? {} : { at },
      );
    }
    held.push(value);
  }
  return held;
}

/** What PowerShell takes for true: not nothing, not "", not 0, not an empty list. */
export function isTrue({ value }: ShellValue): boolean {
  if (isListValue(value))
    return value.length > 1 || (value.length === 1 && isTrue({ value: value[0] ?? null }));
  return value !== null && value !== false && value !== 0 && value !== "";
}

/** As it stands in a text. */
export function valueText(value: OutputValue): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return String(value);
  if (isListValue(value)) return value.map(valueText).join(" ");
  const identity = value["Identity"] ?? value["Name"];
  return typeof identity === "string" ? identity : JSON.stringify(value);
}

/** A member of a value; of a list, but for Count and Length, of each item. @throws ShellFault */
export function memberOf(target: ShellValue, name: string, at: number): ShellValue {
  const { value, type } = target;
  if (isObjectValue(value)) return propertyOf({ value, type }, name, at);
  if (/^(?:count|length)$/i.test(name)) return { value: lengthOf(value, name) };
  if (isListValue(value)) {
    const members = enumerate(target).map((item) => memberOf(item, name, at));
    return { value: members.map((member) => member.value), property: members[0]?.property };
  }
  if (value === null) return NULL_VALUE;
  throw new ShellFault(`${JSON.stringify(valueText(value))} has no property ${name}`, { at });
}

function lengthOf(value: OutputValue, name: string): number {
  if (isListValue(value)) return value.length;
  if (typeof value === "string" && name.toLowerCase() === "length") return value.length;
  return value === null ? 0 : 1;
}

function propertyOf(
  { value, type }: { readonly value: OutputObject; readonly type: OutputType | undefined },
  name: string,
  at: number,
): ShellValue {
  const found = findName(value, name) ?? (type && findProperty(type, name));
  if (found === undefined) {
    if (name.toLowerCase() === "count") return { value: 1 };
    const known = Object.keys(type?.properties ?? value);
    const hint = formatSuggestion(name, known);
    const title = type?.name ?? "the object";
    throw new ShellFault(`${title} has no property ${JSON.stringify(name)}${hint}`, { at });
  }
  return { value: value[found] ?? null, property: type?.properties[found] };
}

/** The name of a property in any case, as the object has it. */
export function findName(value: OutputObject, name: string): string | undefined {
  if (Object.hasOwn(value, name)) return name;
  const folded = name.toLowerCase();
  return Object.keys(value).find((known) => known.toLowerCase() === folded);
}

/** The type of an object that came from nowhere: a file, a hash literal. */
export function typeOf({ value, type }: ShellValue): OutputType {
  if (type !== undefined) return type;
  const entries = isObjectValue(value) ? Object.entries(value) : [];
  const properties = entries.map(([name, one]) => [name, { kind: kindOf(one), doc: "" }] as const);
  return {
    name: "Object",
    properties: Object.fromEntries(properties),
    table: properties.length <= TABLE_COLUMNS_MAX ? properties.map(([name]) => name) : [],
  };
}

/** Objects with more properties are shown as lists. */
const TABLE_COLUMNS_MAX = 8;

function kindOf(value: OutputValue): PropertyKind {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "object" && value !== null ? "object" : "text";
}
