import { integer } from "../org/settings/setting-types.ts";
import type { Filter } from "./filter.ts";
import { compileFilter } from "./filter-match.ts";
import { filterType, sortOrderType } from "./filter-type.ts";
import type { OutputObject, OutputType } from "./output-type.ts";
import { defaultedParameter, optionalParameter } from "./parameter.ts";
import { compareBy, type SortOrder } from "./sort-order.ts";

/** Objects that a Get cmdlet puts out unless it is told otherwise (reference §5.6). */
export const RESULT_SIZE_DEFAULT = 1000;
/** The most that a number may ask for; Unlimited has no such limit. */
export const RESULT_SIZE_MAX = 250_000;

/** `-Filter`, `-SortOrder` and `-ResultSize` (Unlimited is `Infinity`) of a Get cmdlet. */
export function pagingParameters(outputType: OutputType) {
  return {
    Filter: optionalParameter(
      filterType(outputType),
      "Puts out only what it is true for; `postrider help filters` says how it is written.",
    ),
    SortOrder: optionalParameter(
      sortOrderType(outputType),
      "Properties to sort by: + or nothing ascends, - descends, as in +Status,-MessageCount.",
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most objects to put out, or Unlimited.",
    ),
  };
}

/** What the parameters of `pagingParameters` come to in a handler. */
export interface Paging {
  readonly filter: Filter | undefined;
  readonly sortOrder: SortOrder | undefined;
  readonly resultSize: number;
}

/** A page of objects, and whether there would have been more. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

/** Filters, sorts and cuts objects that are in memory. `Infinity` as the size cuts nothing. */
export function selectPage<Item extends OutputObject>(
  items: Iterable<Item>,
  { filter, sortOrder, resultSize }: Paging,
  { nowMs }: { readonly nowMs: number },
): Page<Item> {
  const matches = filter === undefined ? () => true : compileFilter(filter, { nowMs });
  const found: Item[] = [];
  for (const item of items) {
    if (!matches(item)) continue;
    found.push(item);
    // Without an order the rest need not be looked at.
    if (sortOrder === undefined && found.length > resultSize) break;
  }
  const sorted = sortOrder === undefined ? found : found.toSorted(compareBy(sortOrder));
  return { items: sorted.slice(0, resultSize), hasMore: sorted.length > resultSize };
}

/** What to warn of when there is more than was put out. */
export function moreResultsWarning(resultSize: number): string {
  return (
    `There are more than these ${resultSize} results; ` +
    "-ResultSize takes a larger number or Unlimited, and -Filter narrows them down."
  );
}
