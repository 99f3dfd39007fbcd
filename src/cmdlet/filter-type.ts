import type { Result } from "../base/result.ts";
import type { ConfigValue, Position } from "../org/config-value.ts";
import type { SettingType } from "../org/settings/setting.ts";
import { type Filter, parseFilter } from "./filter.ts";
import type { FilterFault } from "./filter-token.ts";
import type { OutputType } from "./output-type.ts";
import { parseSortOrder, type SortOrder } from "./sort-order.ts";

/** The type of a parameter whose text names properties of an output type. */
export interface PropertyTextType<Value> extends SettingType<Value> {
  /** The type whose properties it names: for completion. */
  readonly names: OutputType;
  /** Values may begin with a dash: the binder must not take them for parameters. */
  readonly beginsWithDash: boolean;
}

/** A filter over objects of that type, for parameters called Filter. */
export function filterType(outputType: OutputType): PropertyTextType<Filter> {
  return {
    label: `filter over ${outputType.name}`,
    suffix: "",
    names: outputType,
    beginsWithDash: false,
    read: (value, report) => readText(value, report, (text) => parseFilter(text, outputType)),
  };
}

/** `+Property,-Property`, for parameters called SortOrder. */
export function sortOrderType(outputType: OutputType): PropertyTextType<SortOrder> {
  return {
    label: `sort order over ${outputType.name}`,
    suffix: "",
    names: outputType,
    beginsWithDash: true,
    read: (value, report) => readText(value, report, (text) => parseSortOrder(text, outputType)),
  };
}

function readText<Value>(
  value: ConfigValue,
  report: (value: ConfigValue, problem: string) => void,
  parse: (text: string) => Result<Value, FilterFault>,
): Value | undefined {
  const text = textOf(value);
  if (text === undefined) return void report(value, "is not a text");
  const parsed = parse(text);
  if (parsed.ok) return parsed.value;
  const { problem, at } = parsed.fault;
  const problemAt: Position = { line: 1, column: at + 1 };
  return void report({ kind: "scalar", text, at: problemAt }, `at character ${at + 1}: ${problem}`);
}

/** PowerShell and JSON may give a sort order as a list. */
function textOf(value: ConfigValue): string | undefined {
  if (value.kind === "scalar") return value.text;
  if (value.kind !== "list") return undefined;
  const texts = value.items.map((item) => (item.kind === "scalar" ? item.text : undefined));
  return texts.includes(undefined) ? undefined : texts.join(",");
}

/** Whether a type's text names properties. */
export function namesProperties(
  type: SettingType<unknown, "" | "Ms">,
): type is PropertyTextType<unknown> {
  return "names" in type && "beginsWithDash" in type;
}
