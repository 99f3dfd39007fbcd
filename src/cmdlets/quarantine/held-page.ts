import { RecentValues } from "../../base/recent-values.ts";
import { sortInTurns } from "../../base/sort-in-turns.ts";
import { SECOND } from "../../base/units.ts";
import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { moreResultsWarning } from "../../cmdlet/paging.ts";
import { checkSortable, cutPage, type PageOrder, pageInfoText } from "../../cmdlet/result-page.ts";
import {
  compareValues,
  type SortOrder,
  type SortValues,
  sortValuesOf,
} from "../../cmdlet/sort-order.ts";
import type { HeldMessages, KeptMessage } from "./services.ts";

/** Messages of a page that are read at once. */
const REREAD_MESSAGES = 200;
/** Orders that are kept for those who page through them. */
const ORDERS_MAX = 4;
const ORDER_KEPT_MS = 30 * SECOND;

type Run = Pick<Invocation<unknown>, "clock" | "signal" | "warn" | "progress">;

/** A message as it is put out. */
type HeldObject = OutputObject & { readonly Identity: string | number | null };

/** Which messages are wanted, and as what they are put out. */
export interface HeldSearch<Shown extends HeldObject> {
  readonly desk: HeldMessages;
  /** The same for the same conditions. */
  readonly key: string;
  readonly matches: (kept: KeptMessage) => boolean;
  readonly show: (kept: KeptMessage) => Shown;
}

/** Which part of what is found is wanted. */
export interface HeldOrder extends PageOrder {
  readonly sortOrder: SortOrder | undefined;
  readonly bookmarkObject: string | undefined;
}

/** A message in its place, with what the order needs of it. */
interface Entry {
  readonly id: number;
  readonly identity: string;
  readonly sorted: SortValues;
}

const orders = new WeakMap<HeldMessages, RecentValues<readonly Entry[]>>();

/** An order that was known is known no longer: somebody has changed what is there. */
export function forgetPages(desk: HeldMessages): void {
  orders.get(desk)?.forget();
}

/**
 * Puts out what is found, the newest first, as it is found. A page out of the middle, or in another
 * order, is cut out of all that is found; where it takes long to find that, pages that are asked
 * for soon after are parts of the same whole.
 */
export async function* putOutHeld<Shown extends HeldObject>(
  run: Run,
  search: HeldSearch<Shown>,
  order: HeldOrder,
): AsyncGenerator<Shown> {
  const { desk, show } = search;
  const { bookmarkIndex, bookmarkObject, sortOrder, searchForward, returnPageInfo } = order;
  const isPaged = bookmarkIndex ?? bookmarkObject ?? (!searchForward || returnPageInfo);
  if (isPaged === false && sortOrder === undefined) {
    yield* putOutFirst(run, search, order.resultSize);
    return;
  }
  const all = await entriesOf(run, search, sortOrder);
  const page = cutPage(all, order, bookmarkAt(all, bookmarkObject));
  if (returnPageInfo) {
    run.warn(pageInfoText(page));
    const done = page.firstIndex + page.items.length - 1;
    run.progress({ activity: "Page", done, total: page.total, unit: "messages" });
  } else if (isPaged === false && page.items.length < page.total) {
    run.warn(moreResultsWarning(order.resultSize));
  }
  for (let start = 0; start < page.items.length; start += REREAD_MESSAGES) {
    run.signal.throwIfAborted();
    const part = page.items.slice(start, start + REREAD_MESSAGES);
    for (const kept of await desk.find(part.map(({ id }) => id))) yield show(kept);
  }
}

async function* putOutFirst<Shown extends HeldObject>(
  { signal, warn }: Run,
  { desk, matches, show }: HeldSearch<Shown>,
  resultSize: number,
): AsyncGenerator<Shown> {
  let count = 0;
  for await (const page of desk.messages(signal)) {
    for (const kept of page) {
      if (!matches(kept)) continue;
      if (count === resultSize) {
        warn(moreResultsWarning(resultSize));
        return;
      }
      count += 1;
      yield show(kept);
    }
  }
}

function entriesOf<Shown extends HeldObject>(
  run: Run,
  search: HeldSearch<Shown>,
  sortOrder: SortOrder | undefined,
): Promise<readonly Entry[]> {
  const { desk, key } = search;
  const options = { countMax: ORDERS_MAX, keptMsMax: ORDER_KEPT_MS };
  const known = orders.get(desk) ?? new RecentValues<readonly Entry[]>(run.clock, options);
  orders.set(desk, known);
  const by = sortOrder?.keys.map(({ property, direction }) => [property, direction]);
  return known.recent(JSON.stringify([key, by]), () => collect(search, sortOrder));
}

async function collect<Shown extends HeldObject>(
  { desk, matches, show }: HeldSearch<Shown>,
  sortOrder: SortOrder | undefined,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  // Who goes away must not take along what others wait for.
  for await (const page of desk.messages(new AbortController().signal)) {
    for (const kept of page) {
      if (!matches(kept)) continue;
      const shown = show(kept);
      const sorted = sortOrder === undefined ? [] : sortValuesOf(sortOrder, shown);
      entries.push({ id: kept.message.id, identity: String(shown.Identity), sorted });
    }
    checkSortable(entries.length);
  }
  if (sortOrder === undefined) return entries;
  const compare = compareValues(sortOrder);
  return sortInTurns(
    entries,
    (left, right) => compare(left.sorted, right.sorted) || right.id - left.id,
  );
}

function bookmarkAt(entries: readonly Entry[], bookmark: string | undefined): number | undefined {
  if (bookmark === undefined) return undefined;
  const folded = bookmark.toLowerCase();
  const at = entries.findIndex(({ identity }) => identity.toLowerCase() === folded);
  if (at !== -1) return at;
  const text = `${JSON.stringify(bookmark)} is not among the results now`;
  throw new CmdletFault("not-found", text, { parameter: "BookmarkObject" });
}
