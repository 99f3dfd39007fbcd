import { bool, integer, line } from "../org/settings/setting-types.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import type { OutputType } from "./output-type.ts";
import { pagingParameters, RESULT_SIZE_MAX } from "./paging.ts";
import { defaultedParameter, optionalParameter } from "./parameter.ts";

/** Characters of a bookmark. */
const BOOKMARK_MAX = 320;

/** The parameters with which Exchange pages through what is long (reference §5.6). */
export function pageParameters(outputType: OutputType) {
  return {
    ...pagingParameters(outputType),
    SearchForward: defaultedParameter(
      bool(),
      "true",
      "False: the page ends at the bookmark, or at the end of all results.",
    ),
    BookmarkIndex: optionalParameter(
      integer({ min: 1, max: 2_147_483_647 }),
      "Where in the results the page begins; the first one is 1.",
      { excludes: ["BookmarkObject"] },
    ),
    BookmarkObject: optionalParameter(
      line({ max: BOOKMARK_MAX }),
      "The identity of the object where the page begins.",
      { excludes: ["BookmarkIndex"] },
    ),
    IncludeBookmark: defaultedParameter(bool(), "true", "Whether the bookmark itself is put out."),
    ReturnPageInfo: defaultedParameter(
      bool(),
      "false",
      "Says besides how many results there are in all, and which of them these are.",
    ),
  };
}

/** What these parameters come to. */
export interface PageOrder {
  readonly resultSize: number;
  readonly searchForward: boolean;
  readonly bookmarkIndex: number | undefined;
  readonly includeBookmark: boolean;
  readonly returnPageInfo: boolean;
}

/** Results in a page, sorted, with the place of the first of them, from 1. */
export interface ResultPage<Item> {
  readonly items: readonly Item[];
  readonly firstIndex: number;
  readonly total: number;
}

/**
 * Cuts a page out of all results.
 * @param bookmarkAt the bookmark's place among them from 0; before the first and past the last may
 *   be named too
 */
export function cutPage<Item>(
  sorted: readonly Item[],
  order: PageOrder,
  bookmarkAt: number | undefined,
): ResultPage<Item> {
  const { resultSize, searchForward, includeBookmark } = order;
  const at = order.bookmarkIndex === undefined ? bookmarkAt : order.bookmarkIndex - 1;
  let from = 0;
  let to = sorted.length;
  if (at !== undefined && searchForward) from = includeBookmark ? at : at + 1;
  if (at !== undefined && !searchForward) to = Math.min(to, includeBookmark ? at + 1 : at);
  if (searchForward) to = Math.min(to, from + resultSize);
  else from = Math.max(0, to - resultSize);
  return { items: sorted.slice(from, to), firstIndex: from + 1, total: sorted.length };
}

/** What -ReturnPageInfo says. */
export function pageInfoText({ items, firstIndex, total }: ResultPage<unknown>): string {
  if (items.length === 0) return `None of the ${total} results.`;
  return `Results ${firstIndex} to ${firstIndex + items.length - 1} of ${total}.`;
}

/** Refuses what would have to be held in memory as a whole. @throws CmdletFault */
export function checkSortable(count: number, unit: string): void {
  if (count <= RESULT_SIZE_MAX) return;
  const text =
    `more than ${RESULT_SIZE_MAX} ${unit} match: too many to be sorted or paged through; ` +
    "narrow them down, or leave the order and the bookmark out";
  throw new CmdletFault("not-allowed-now", text, { parameter: "SortOrder" });
}
