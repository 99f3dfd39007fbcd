import { fault, ok, type Result } from "../base/result.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { findProperty } from "./filter.ts";
import { toNumber } from "./filter-match.ts";
import type { FilterFault } from "./filter-token.ts";
import type { OutputObject, OutputType, PropertyKind } from "./output-type.ts";
import { foldText } from "./wildcard.ts";

/** One property to sort by. */
export interface SortKey {
  readonly property: string;
  readonly propertyKind: PropertyKind;
  readonly direction: "ascending" | "descending";
}

/** Properties to sort by, the first one first; only `parseSortOrder` makes one. */
export class SortOrder {
  readonly keys: readonly SortKey[];
  readonly outputType: OutputType;

  constructor(keys: readonly SortKey[], outputType: OutputType) {
    this.keys = keys;
    this.outputType = outputType;
  }

  /** The properties that it looks at. */
  get properties(): ReadonlySet<string> {
    return new Set(this.keys.map(({ property }) => property));
  }
}

const KEYS_MAX = 10;
const UNSORTABLE: readonly PropertyKind[] = ["list", "object"];

/** Reads `+Status,-MessageCount` (reference §5.6); a name without a sign ascends. */
export function parseSortOrder(
  text: string,
  outputType: OutputType,
): Result<SortOrder, FilterFault> {
  const words = text.split(",");
  if (words.length > KEYS_MAX) {
    return fault({ problem: `at most ${KEYS_MAX} properties`, at: 0 });
  }
  const keys: SortKey[] = [];
  let at = 0;
  for (const word of words) {
    const name = word.trim().replace(/^[+-]/, "");
    const property = findProperty(outputType, name);
    const propertyKind = outputType.properties[property ?? ""]?.kind;
    if (property === undefined || propertyKind === undefined) {
      const hint = formatSuggestion(name, Object.keys(outputType.properties));
      const problem = `${outputType.name} has no property ${JSON.stringify(name)}${hint}`;
      return fault({ problem, at });
    }
    if (UNSORTABLE.includes(propertyKind)) {
      return fault({ problem: `${property} is a ${propertyKind} and has no order`, at });
    }
    const direction = word.trim().startsWith("-") ? "descending" : "ascending";
    keys.push({ property, propertyKind, direction });
    at += word.length + 1;
  }
  return ok(new SortOrder(keys, outputType));
}

/** Compares two objects for sorting. What has nothing there comes first, as in PowerShell. */
export function compareBy({
  keys,
}: SortOrder): (left: OutputObject, right: OutputObject) => number {
  return (left, right) => {
    for (const { property, propertyKind, direction } of keys) {
      const order = compareKey(left[property], right[property], propertyKind);
      if (order !== 0) return direction === "ascending" ? order : -order;
    }
    return 0;
  };
}

type Value = OutputObject[string] | undefined;

function compareKey(left: Value, right: Value, kind: PropertyKind): number {
  const isTextual = kind === "text" || kind === "choice";
  const [before, after] = isTextual
    ? [textOf(left), textOf(right)]
    : [toNumber(left, kind), toNumber(right, kind)];
  if (before === after) return 0;
  if (before === undefined) return -1;
  if (after === undefined) return 1;
  return before < after ? -1 : 1;
}

function textOf(value: Value): string | undefined {
  return typeof value === "string" ? foldText(value) : undefined;
}
