import { unreachable } from "../base/assert.ts";
import { parseSpanMs } from "../org/settings/setting-types.ts";
import type { Filter, FilterNode } from "./filter.ts";
import type { FilterOperator } from "./filter-syntax.ts";
import { type FilterValue, momentMs } from "./filter-value.ts";
import type { OutputObject, OutputValue, PropertyKind } from "./output-type.ts";
import { compileWildcard, foldText } from "./wildcard.ts";

/** Whether an object passes. Nothing is neither more nor less than anything, nor equal to it. */
export type Match = (value: OutputObject) => boolean;

/** Lists and objects within objects that -like looks into. */
const DEPTH_MAX = 4;

/** Makes a test of a filter; relative dates count from `nowMs`. */
export function compileFilter(
  { root }: Pick<Filter, "root">,
  { nowMs }: { readonly nowMs: number },
): Match {
  return compileNode(root, nowMs);
}

function compileNode(node: FilterNode, nowMs: number): Match {
  switch (node.kind) {
    case "and": {
      const terms = node.terms.map((term) => compileNode(term, nowMs));
      return (value) => terms.every((matches) => matches(value));
    }
    case "or": {
      const terms = node.terms.map((term) => compileNode(term, nowMs));
      return (value) => terms.some((matches) => matches(value));
    }
    case "not": {
      const matches = compileNode(node.term, nowMs);
      return (value) => !matches(value);
    }
    case "present":
      return (value) => !isAbsent(value[node.property]);
    case "absent":
      return (value) => isAbsent(value[node.property]);
    case "compare":
      return compileComparison(node, nowMs);
    default:
      return unreachable(node);
  }
}

function isAbsent(value: OutputValue | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  return Array.isArray(value) && value.length === 0;
}

function compileComparison(
  { property, propertyKind, operator, value }: FilterNode & { kind: "compare" },
  nowMs: number,
): Match {
  // -ne and -notlike are true wherever -eq and -like are not: also where there is nothing.
  if (operator === "ne" || operator === "notlike") {
    const opposite = operator === "ne" ? "eq" : "like";
    const matches = compileComparison(
      { kind: "compare", property, propertyKind, operator: opposite, value },
      nowMs,
    );
    return (object) => !matches(object);
  }
  if (value.kind === "text") {
    const folded = foldText(value.text);
    const matches =
      operator === "like"
        ? compileWildcard(value.text)
        : (text: string) => foldText(text) === folded;
    return (object) => textsOf(object[property], 0).some(matches);
  }
  const wanted = numberOf(value, nowMs);
  return (object) => {
    const found = toNumber(object[property], propertyKind);
    return found !== undefined && isOrdered(found, operator, wanted);
  };
}

function textsOf(value: OutputValue | undefined, depth: number): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "object") {
    if (depth === DEPTH_MAX) return [];
    return Object.values(value).flatMap((inner: OutputValue) => textsOf(inner, depth + 1));
  }
  return [String(value)];
}

/** Dates as epoch milliseconds, spans in milliseconds, true as 1. */
function numberOf(value: Exclude<FilterValue, { kind: "text" }>, nowMs: number): number {
  switch (value.kind) {
    case "number":
      return value.number;
    case "boolean":
      return value.isTrue ? 1 : 0;
    case "moment":
    case "relative":
      return momentMs(value, nowMs);
    default:
      return unreachable(value);
  }
}

/** What is in an object as a number, for comparing and sorting; `undefined` when it is none. */
export function toNumber(value: OutputValue | undefined, kind: PropertyKind): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return undefined;
  if (kind === "span") return parseSpanMs(value);
  const atMs = kind === "date" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function isOrdered(found: number, operator: FilterOperator, wanted: number): boolean {
  switch (operator) {
    case "eq":
      return found === wanted;
    case "gt":
      return found > wanted;
    case "ge":
      return found >= wanted;
    case "lt":
      return found < wanted;
    case "le":
      return found <= wanted;
    default:
      return false;
  }
}
