import { assert } from "../../base/assert.ts";
import { type ConfigJson, type ConfigValue, fromConfigJson } from "../config-value.ts";
import { describeValue } from "../configuration-fault.ts";

/** Says what is wrong with a value: `is not a size; write …`. May be called several times. */
export type Report = (value: ConfigValue, problem: string) => void;

/** What values of a type look like in JSON, for schemas, forms and completion. */
export type SettingForm =
  | { readonly kind: "text"; readonly charactersMax?: number; readonly isMultiline?: true }
  | { readonly kind: "boolean" }
  | {
      readonly kind: "number";
      readonly min: number;
      readonly max: number;
      readonly isWhole: boolean;
      readonly isUnlimited: boolean;
    }
  /** Bytes, or a text with a unit. */
  | {
      readonly kind: "bytes";
      readonly min: number;
      readonly max: number;
      readonly isUnlimited: boolean;
    }
  /** A moment, ISO 8601 in UTC. */
  | { readonly kind: "date" }
  /** `[d.]hh:mm:ss[.fff]` */
  | { readonly kind: "span"; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "list"; readonly items: SettingForm; readonly itemsMax: number }
  /** With settings of its own, which `table` has. */
  | { readonly kind: "map" };

/** How values of one type are written. `Suffix` is what the internal name adds to the property. */
export interface SettingType<Value, Suffix extends "" | "Ms" = ""> {
  /** For the reference page: `integer 1–500`. */
  readonly label: string;
  readonly suffix: Suffix;
  /** `undefined` when a fault was reported. Never gets a null. */
  readonly read: (value: ConfigValue, report: Report) => Value | undefined;
  /** Set on lists of single values: on a command line, commas separate them. */
  readonly isList?: boolean;
  /** Set where `{ Add: […], Remove: […] }` may be given in place of the list. */
  readonly takesListChange?: true;
  /** Set on the types whose values no fault and no page may show. */
  readonly isSecret?: boolean;
  /**
   * Set on paths on the server's disk. By cmdlets only Organization Management may name one that
   * leads out of the data directory.
   */
  readonly isServerPath?: boolean;
  /** Absent: a text. */
  readonly form?: SettingForm;
  /** The settings inside, when the value is a mapping with its own table. */
  readonly table?: SettingTable;
  /** With `table`: how many such mappings the value is a list of; absent: it is a single one. */
  readonly listMax?: number;
}

/** One row of a settings table: all that parser, reference page and forms know of a property. */
export interface Setting<Value, Suffix extends "" | "Ms" = ""> {
  readonly type: SettingType<unknown, Suffix>;
  readonly presence: "required" | "defaulted" | "nullable";
  /** In force when the property is absent; `undefined` when it is required or nothing. */
  readonly defaultValue: Value | undefined;
  /** As the page shows it, or "" */
  readonly defaultText: string;
  /** A sentence or two for the administrator. */
  readonly doc: string;
}

/** The properties of one kind of object, in the order of the page. */
export interface SettingTable {
  readonly [property: string]: Setting<unknown, "" | "Ms">;
}

/** The values that a table yields; spans are milliseconds under `…Ms`. */
export type ValuesOf<Table extends SettingTable> = {
  readonly [Name in keyof Table &
    string as `${Name}${Table[Name]["type"]["suffix"]}`]: Table[Name] extends Setting<
    infer Value,
    "" | "Ms"
  >
    ? Value
    : never;
};

/** A property with a default, written as the file would have it. */
export function setting<Value, Suffix extends "" | "Ms">(
  type: SettingType<Value, Suffix>,
  initial: ConfigJson,
  doc: string,
): Setting<Value, Suffix> {
  return {
    type,
    presence: "defaulted",
    defaultValue: readDefault(type, initial),
    defaultText: formatDefault(initial),
    doc,
  };
}

/** A property that every object of the kind must have. */
export function required<Value>(type: SettingType<Value>, doc: string): Setting<Value> {
  return { type, presence: "required", defaultValue: undefined, defaultText: "", doc };
}

/** A property that may be nothing: `null` switches off what it names. */
export function nullable<Value, Suffix extends "" | "Ms">(
  type: SettingType<Value, Suffix>,
  initial: { readonly value?: ConfigJson; readonly text?: string },
  doc: string,
): Setting<Value | undefined, Suffix> {
  const { value, text } = initial;
  return {
    type,
    presence: "nullable",
    defaultValue: value === undefined ? undefined : readDefault(type, value),
    defaultText: text ?? (value === undefined ? "null" : formatDefault(value)),
    doc,
  };
}

function readDefault<Value>(type: SettingType<Value, "" | "Ms">, initial: ConfigJson): Value {
  const problems: string[] = [];
  const value = type.read(fromConfigJson(initial), (what, problem) => {
    problems.push(`${describeValue(what)} ${problem}`);
  });
  // The table itself would be wrong: nobody could start a server with it.
  assert(value !== undefined, `default of a setting: ${problems.join(", ")}`);
  return value;
}

function formatDefault(initial: ConfigJson): string {
  return typeof initial === "string" ? initial : JSON.stringify(initial).replaceAll(",", ", ");
}
