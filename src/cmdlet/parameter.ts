import { assert } from "../base/assert.ts";
import { type ConfigJson, fromConfigJson } from "../org/config-value.ts";
import { describeValue } from "../org/configuration-fault.ts";
import type { SettingType } from "../org/settings/setting.ts";
import type { ShownValue } from "../org/settings/setting-format.ts";
import { bool } from "../org/settings/setting-types.ts";
import type { RoleGroup } from "./role-group.ts";

/** What may be said of any parameter besides its type. */
interface ParameterTraits {
  /** Place among the values given without a name, from 0. */
  readonly position?: number;
  /**
   * How it is filled from the pipe: from the property of that name (or `Identity`) of each object,
   * or from the object as a whole.
   */
  readonly pipeline?: "property" | "value";
  /** Only callers of these groups may give it; absent: whoever may run the cmdlet. */
  readonly roles?: readonly RoleGroup[];
  /** Noun whose Get cmdlet lists its values, for completion: `Queue`, `ReceiveConnector`. */
  readonly completion?: string;
  /** Parameters that may not be given together with it. */
  readonly excludes?: readonly string[];
  /** What holds while nothing is set, for forms: as Get shows it, null where no value says it. */
  readonly unset?: { readonly shown: ShownValue; readonly text: string };
}

/** One parameter: all that binder, help, completion, schema, page and form know of it. */
export interface Parameter<Value, Suffix extends "" | "Ms" = ""> extends ParameterTraits {
  readonly type: SettingType<unknown, Suffix>;
  readonly presence: "required" | "defaulted" | "optional";
  /** In force when it is not given; `undefined` when it is required or nothing. */
  readonly defaultValue: Value | undefined;
  /** As the page shows it, or "" */
  readonly defaultText: string;
  /** A sentence or two. */
  readonly doc: string;
  /** Given without a value it is true: `-WithNDR`, `-WithNDR:$false`. */
  readonly isSwitch: boolean;
}

/** The parameters of a cmdlet by Exchange's name, in the order of the page. */
export interface ParameterTable {
  readonly [name: string]: Parameter<unknown, "" | "Ms">;
}

/** The name of a parameter in a handler. */
type InputName<Name extends string, Suffix extends string> = Uncapitalize<`${Name}${Suffix}`>;

/** What a handler gets: `ResultSize` is `resultSize`; spans are milliseconds under `…Ms`. */
export type InputOf<Table extends ParameterTable> = {
  readonly [Name in keyof Table & string as InputName<
    Name,
    Table[Name]["type"]["suffix"]
  >]: Table[Name] extends Parameter<infer Value, "" | "Ms"> ? Value : never;
};

/** A parameter that must be given. */
export function requiredParameter<Value, Suffix extends "" | "Ms">(
  type: SettingType<Value, Suffix>,
  doc: string,
  traits: ParameterTraits = {},
): Parameter<Value, Suffix> {
  const none = { defaultValue: undefined, defaultText: "" };
  return { type, presence: "required", ...none, doc, isSwitch: false, ...traits };
}

/** A parameter that may be left out; then its value is `undefined`. */
export function optionalParameter<Value, Suffix extends "" | "Ms">(
  type: SettingType<Value, Suffix>,
  doc: string,
  traits: ParameterTraits = {},
): Parameter<Value | undefined, Suffix> {
  const none = { defaultValue: undefined, defaultText: "" };
  return { type, presence: "optional", ...none, doc, isSwitch: false, ...traits };
}

/** A parameter with a default, written as a caller would write it. */
export function defaultedParameter<Value, Suffix extends "" | "Ms">(
  type: SettingType<Value, Suffix>,
  initial: ConfigJson,
  doc: string,
  traits: ParameterTraits = {},
): Parameter<Value, Suffix> {
  const problems: string[] = [];
  const defaultValue = type.read(fromConfigJson(initial), (what, problem) => {
    problems.push(`${describeValue(what)} ${problem}`);
  });
  assert(defaultValue !== undefined, `default of a parameter: ${problems.join(", ")}`);
  const defaultText = typeof initial === "string" ? initial : JSON.stringify(initial);
  return {
    type,
    presence: "defaulted",
    defaultValue,
    defaultText,
    doc,
    isSwitch: false,
    ...traits,
  };
}

/** A switch: absent it is false, given without a value true. */
export function switchParameter(doc: string, traits: ParameterTraits = {}): Parameter<boolean> {
  return { ...defaultedParameter(bool(), "false", doc, traits), isSwitch: true };
}
