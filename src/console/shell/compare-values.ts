import { toNumber } from "../../cmdlet/filter-match.ts";
import { momentMs, readFilterValue } from "../../cmdlet/filter-value.ts";
import type { OutputProperty, OutputValue, PropertyKind } from "../../cmdlet/output-type.ts";
import { compileWildcard, foldText } from "../../cmdlet/wildcard.ts";
import { ShellFault } from "./shell-fault.ts";
import type { Comparison } from "./shell-syntax.ts";
import { isListValue, type ShellValue, valueText } from "./shell-value.ts";

/** Two values, and what it needs to compare them. */
export interface ComparedValues {
  readonly left: ShellValue;
  readonly right: ShellValue;
  /** Relative dates count from it. */
  readonly nowMs: number;
  readonly at: number;
}

const ORDERED_KINDS: readonly PropertyKind[] = ["number", "bytes", "span", "date", "boolean"];

/**
 * Compares as filters do: texts without case, dates, spans and sizes by what they mean. Of a list
 * any item will do. @throws ShellFault when the value does not fit the property
 */
export function compareValues(operator: Comparison, compared: ComparedValues): boolean {
  const { left, right } = compared;
  switch (operator) {
    case "ne":
      return !compareValues("eq", compared);
    case "notlike":
      return !compareValues("like", compared);
    case "contains":
      return compareValues("eq", compared);
    case "notcontains":
      return !compareValues("eq", compared);
    case "in":
      return compareValues("eq", { ...compared, left: right, right: left });
    case "notin":
      return !compareValues("in", compared);
    default:
  }
  if (operator === "eq" && right.value === null) return isAbsent(left.value);
  if (isListValue(left.value)) {
    return left.value.some((value) => compareValues(operator, { ...compared, left: { value } }));
  }
  if (isListValue(right.value)) {
    return right.value.some((value) => compareValues(operator, { ...compared, right: { value } }));
  }
  if (operator === "like") {
    const matches = compileWildcard(valueText(right.value));
    return left.value !== null && matches(valueText(left.value));
  }
  return compareSingle(operator, compared);
}

function isAbsent(value: OutputValue): boolean {
  return value === null || value === "" || (isListValue(value) && value.length === 0);
}

function compareSingle(
  operator: "eq" | "gt" | "ge" | "lt" | "le",
  compared: ComparedValues,
): boolean {
  const { left, right } = compared;
  if (left.value === null || right.value === null)
    return operator === "eq" && left.value === right.value;
  const [before, after] = numbersOf(compared) ?? [
    foldText(valueText(left.value)),
    foldText(valueText(right.value)),
  ];
  switch (operator) {
    case "eq":
      return before === after;
    case "gt":
      return before > after;
    case "ge":
      return before >= after;
    case "lt":
      return before < after;
    case "le":
      return before <= after;
  }
}

/** Both as numbers where they are such things; `undefined`: they are compared as texts. */
function numbersOf(compared: ComparedValues): readonly [number, number] | undefined {
  const { left, right } = compared;
  const property = orderedProperty(left.property) ?? orderedProperty(right.property);
  if (property !== undefined) {
    const before = readOperand(left, property, compared);
    const after = readOperand(right, property, compared);
    return [before, after];
  }
  const before = plainNumber(left.value);
  const after = plainNumber(right.value);
  const isNumeric = typeof left.value !== "string" || typeof right.value !== "string";
  return isNumeric && before !== undefined && after !== undefined ? [before, after] : undefined;
}

function orderedProperty(property: OutputProperty | undefined): OutputProperty | undefined {
  return property !== undefined && ORDERED_KINDS.includes(property.kind) ? property : undefined;
}

function readOperand(
  { value, property: own }: ShellValue,
  property: OutputProperty,
  { nowMs, at }: ComparedValues,
): number {
  const known = toNumber(value, property.kind);
  if (known !== undefined && (typeof value !== "string" || own !== undefined)) return known;
  const read = readFilterValue(valueText(value), property);
  switch (read.kind) {
    case "problem":
      throw new ShellFault(`${JSON.stringify(valueText(value))} ${read.problem}`, { at });
    case "number":
      return read.number;
    case "boolean":
      return read.isTrue ? 1 : 0;
    case "moment":
    case "relative":
      return momentMs(read, nowMs);
    case "text":
      return Number.NaN;
  }
}

/** A number, also as a file has it: `100` of a CSV is more than 20. */
function plainNumber(value: OutputValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return undefined;
  return /^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$/.test(value) ? Number(value) : undefined;
}
