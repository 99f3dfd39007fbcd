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

/** What an object is sorted by, made once: texts folded, dates and spans as numbers. */
export type SortValues = readonly (string | number | undefined)[];

/** What objects are sorted by. */
export function sortValuesOf({ keys }: SortOrder, object: OutputObject): SortValues {
  return keys.map(({ property, propertyKind }) => {
    const value = object[property];
    const isTextual = propertyKind === "text" || propertyKind === "choice";
    if (!isTextual) return toNumber(value, propertyKind);
    return typeof value === "string" ? foldText(value) : undefined;
  });
}

/** Compares two objects by these. What has nothing there comes first, as in PowerShell. */
export function compareValues({
  keys,
}: SortOrder): (left: SortValues, right: SortValues) => number {
  const signs = keys.map(({ direction }) => (direction === "ascending" ? 1 : -1));
  return (left, right) => {
    for (let at = 0; at < signs.length; at += 1) {
      const [before, after] = [left[at], right[at]];
      if (before === after) continue;
      const isBefore = before === undefined || (after !== undefined && before < after);
      return (isBefore ? -1 : 1) * (signs[at] ?? 1);
    }
    return 0;
  };
}

/** Compares two objects for sorting; of each, what it is sorted by is made once. */
export function compareBy(order: SortOrder): (left: OutputObject, right: OutputObject) => number {
  const compare = compareValues(order);
  const made = new WeakMap<OutputObject, SortValues>();
  const valuesOf = (object: OutputObject) => {
    const values = made.get(object) ?? sortValuesOf(order, object);
    made.set(object, values);
    return values;
  };
  return (left, right) => compare(valuesOf(left), valuesOf(right));
}
