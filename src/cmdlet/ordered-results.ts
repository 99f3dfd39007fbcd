import { RecentValues } from "../base/recent-values.ts";
import { sortInTurns } from "../base/sort-in-turns.ts";
import { SECOND } from "../base/units.ts";
import type { Invocation } from "./cmdlet.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import { moreResultsWarning } from "./paging.ts";
import { checkSortable, cutPage, type PageOrder, pageInfoText } from "./result-page.ts";
import { compareValues, type SortOrder, type SortValues } from "./sort-order.ts";

/** Results of a page that are read at once. */
const REREAD_RESULTS = 200;
/** Orders that are kept for those who page through them. */
const ORDERS_MAX = 4;
const ORDER_KEPT_MS = 30 * SECOND;

type Run = Pick<Invocation<unknown>, "clock" | "signal" | "warn" | "progress">;

/** A result in its place. */
export interface PlacedResult<Key> {
  /** By what it is read again. */
  readonly key: Key;
  /** What a bookmark calls it. */
  readonly identity: string;
}

/** What is remembered of a result until the order is known: no more than the order needs. */
export interface FoundResult<Key> extends PlacedResult<Key> {
  readonly values: SortValues;
}

/** What is looked for, and how it is put out. */
export interface OrderedSearch<Key, Shown> {
  /** Where it is looked for: what is known of an order is known of that. */
  readonly desk: object;
  /** The same for the same conditions. */
  readonly conditions: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** All that is there, as it is found. */
  readonly stream: (signal: AbortSignal) => AsyncIterable<Shown>;
  /** The same, in the same order, with what it is sorted by. */
  readonly find: (signal: AbortSignal) => AsyncIterable<readonly FoundResult<Key>[]>;
  /** Which of two comes first where the order leaves them equal; absent: the one found first. */
  readonly compare?: (left: PlacedResult<Key>, right: PlacedResult<Key>) => number;
  /** Some results as they are now, in their order; without those that have gone. */
  readonly read: (
    page: readonly PlacedResult<Key>[],
    signal: AbortSignal,
  ) => AsyncIterable<Shown> | Iterable<Shown> | Promise<Iterable<Shown>>;
}

/** Which part of the results is wanted, in which order. */
export interface ResultOrder extends PageOrder {
  readonly sortOrder: SortOrder | undefined;
  readonly bookmarkObject: string | undefined;
}

/** Whoever made an entry knows of which type its key is. */
type Order = readonly PlacedResult<unknown>[];

/** An order that is being made, and for how many. */
interface Making {
  readonly control: AbortController;
  waiting: number;
}

interface DeskOrders {
  readonly known: RecentValues<Order>;
  readonly making: Map<string, Making>;
}

const desks = new WeakMap<object, DeskOrders>();

/** An order that was known is known no longer: somebody has changed what is there. */
export function forgetOrders(desk: object): void {
  desks.get(desk)?.known.forget();
}

/**
 * Puts results out as they are found, or in order. A page out of the middle is cut out of all that
 * is found; where it takes long to find that, pages that are asked for soon after are parts of the
 * same whole.
 */
export async function* putOutResults<Key, Shown>(
  run: Run,
  search: OrderedSearch<Key, Shown>,
  order: ResultOrder,
): AsyncGenerator<Shown> {
  const { bookmarkIndex, bookmarkObject, sortOrder, searchForward, returnPageInfo } = order;
  const isPage =
    (bookmarkIndex ?? bookmarkObject) !== undefined || !searchForward || returnPageInfo;
  if (!isPage && sortOrder === undefined) {
    yield* putOutFirst(run, search.stream(run.signal), order.resultSize);
    return;
  }
  const all = isPage ? await wholeOrder(run, search, order) : await firstOf(run, search, order);
  const page = cutPage(all, order, bookmarkAt(all, bookmarkObject));
  if (returnPageInfo) {
    run.warn(pageInfoText(page));
    const done = page.firstIndex + page.items.length - 1;
    run.progress({ activity: "Page", done, total: page.total, unit: search.unit });
  } else if (!isPage && page.items.length < page.total) {
    run.warn(moreResultsWarning(order.resultSize));
  }
  for (let start = 0; start < page.items.length; start += REREAD_RESULTS) {
    run.signal.throwIfAborted();
    yield* await search.read(page.items.slice(start, start + REREAD_RESULTS), run.signal);
  }
}

async function* putOutFirst<Shown>(
  { warn }: Run,
  found: AsyncIterable<Shown>,
  resultSize: number,
): AsyncGenerator<Shown> {
  let count = 0;
  for await (const one of found) {
    if (count === resultSize) {
      warn(moreResultsWarning(resultSize));
      return;
    }
    count += 1;
    yield one;
  }
}

/** Goes on as long as anybody waits for it: who leaves takes nothing along from the others. */
async function wholeOrder<Key, Shown>(
  run: Run,
  search: OrderedSearch<Key, Shown>,
  { sortOrder }: ResultOrder,
): Promise<readonly PlacedResult<Key>[]> {
  const { known, making } = ordersOf(search.desk, run);
  const by = sortOrder?.keys.map(({ property, direction }) => [property, direction]);
  const name = JSON.stringify([search.conditions, by]);
  const make = async () => {
    const own: Making = { control: new AbortController(), waiting: 0 };
    making.set(name, own);
    try {
      const { signal } = own.control;
      const found = await collect({ ...run, signal }, search, { sortOrder });
      return found.map(({ key, identity }) => ({ key, identity }));
    } finally {
      if (making.get(name) === own) making.delete(name);
    }
  };
  const isGivenUp = making.get(name)?.control.signal.aborted ?? false;
  const order = isGivenUp ? known.fresh(name, make) : known.recent(name, make);
  const left = leaving(making.get(name), run.signal);
  // The same conditions at the same desk: the keys are of one type.
  return Promise.race([order, left]) as ReturnType<typeof make>;
}

function ordersOf(desk: object, { clock }: Run): DeskOrders {
  const options = { countMax: ORDERS_MAX, keptMsMax: ORDER_KEPT_MS };
  const orders = desks.get(desk) ?? {
    known: new RecentValues<Order>(clock, options),
    making: new Map<string, Making>(),
  };
  desks.set(desk, orders);
  return orders;
}

/** Rejects when one who waits goes away; the last one takes along what he has waited for. */
async function leaving(making: Making | undefined, signal: AbortSignal): Promise<never> {
  if (making !== undefined) making.waiting += 1;
  await new Promise<void>((resolve) => {
    const leave = () => {
      resolve();
      if (making === undefined) return;
      making.waiting -= 1;
      if (making.waiting === 0) making.control.abort(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
  signal.throwIfAborted();
  throw new Error("nobody has left");
}

/** As many as are wanted, and one more; those that come too late in the order are let go of. */
function firstOf<Key, Shown>(
  run: Run,
  search: OrderedSearch<Key, Shown>,
  { sortOrder, resultSize }: ResultOrder,
): Promise<readonly FoundResult<Key>[]> {
  return collect(run, search, { sortOrder, keptMax: resultSize + 1 });
}

async function collect<Key, Shown>(
  { signal, progress }: Run,
  { find, compare, unit }: OrderedSearch<Key, Shown>,
  how: { readonly sortOrder: SortOrder | undefined; readonly keptMax?: number },
): Promise<readonly FoundResult<Key>[]> {
  const { sortOrder, keptMax = Number.POSITIVE_INFINITY } = how;
  const byValues = sortOrder && compareValues(sortOrder);
  const inOrder = (found: readonly FoundResult<Key>[]) =>
    byValues === undefined && compare === undefined
      ? found
      : sortInTurns(
          found,
          (left, right) =>
            (byValues?.(left.values, right.values) ?? 0) || (compare?.(left, right) ?? 0),
        );
  let entries: FoundResult<Key>[] = [];
  let done = 0;
  for await (const found of find(signal)) {
    for (const one of found) entries.push(one);
    done += found.length;
    progress({ activity: `Looking through ${unit}`, done, unit });
    if (entries.length > 2 * keptMax) entries = (await inOrder(entries)).slice(0, keptMax);
    checkSortable(entries.length, unit);
  }
  return (await inOrder(entries)).slice(0, keptMax);
}

function bookmarkAt(
  entries: readonly PlacedResult<unknown>[],
  bookmark: string | undefined,
): number | undefined {
  if (bookmark === undefined) return undefined;
  const folded = bookmark.toLowerCase();
  const at = entries.findIndex(({ identity }) => identity.toLowerCase() === folded);
  if (at !== -1) return at;
  const text = `${JSON.stringify(bookmark)} is not among the results now`;
  throw new CmdletFault("not-found", text, { parameter: "BookmarkObject" });
}
