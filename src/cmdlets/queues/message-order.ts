import { RecentValues } from "../../base/recent-values.ts";
import { sortInTurns } from "../../base/sort-in-turns.ts";
import { SECOND } from "../../base/units.ts";
import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { moreResultsWarning } from "../../cmdlet/paging.ts";
import { checkSortable, cutPage, type PageOrder, pageInfoText } from "../../cmdlet/result-page.ts";
import {
  compareValues,
  type SortOrder,
  type SortValues,
  sortValuesOf,
} from "../../cmdlet/sort-order.ts";
import { formatMessageIdentity, type MessageInfo } from "./message-info.ts";
import { type FoundMessage, findMessages, type MessageSearch } from "./message-search.ts";
import type { QueueDesk, QueueServices } from "./services.ts";

/** Messages of a page that has been put in order and is read again. */
const REREAD_MESSAGES = 200;
/** Orders that are kept for those who page through them, of one server. */
const ORDERS_MAX = 4;
const ORDER_KEPT_MS = 30 * SECOND;

type Run = Pick<Invocation<QueueServices>, "services" | "clock" | "signal" | "warn" | "progress">;

/** A message in its place. */
interface Entry {
  readonly messageId: number;
  readonly identity: string;
}

/** What is remembered of a match until the order is known: no more than the order needs. */
interface SortedEntry extends Entry {
  readonly values: SortValues;
}

/** What is to be put in order, and which part of it is wanted. */
export interface OrderedSearch {
  readonly searches: readonly MessageSearch[];
  readonly input: PageOrder & {
    readonly sortOrder: SortOrder | undefined;
    readonly bookmarkObject: string | undefined;
  };
  /** Places in the whole result are wanted, not only its beginning. */
  readonly keepsAll: boolean;
}

/** The matches of several searches, one after the other. */
export async function* flattened(
  desk: QueueDesk,
  searches: readonly MessageSearch[],
): AsyncGenerator<FoundMessage> {
  for (const search of searches) {
    for await (const page of findMessages(desk, search)) yield* page;
  }
}

const orders = new WeakMap<QueueDesk, RecentValues<readonly Entry[]>>();

/** An order that was known is known no longer: an administrator has changed what is in queues. */
export function forgetOrders(desk: QueueDesk): void {
  orders.get(desk)?.forget();
}

/**
 * Finds all matches first, then reads those of the page again and puts them out in order. Where it
 * takes long to find them, pages that are asked for soon after are parts of the same whole.
 */
export async function* putOutInOrder(
  run: Run,
  ordered: OrderedSearch,
): AsyncGenerator<MessageInfo> {
  const { services, warn, progress } = run;
  const desk = services.queues;
  const { searches, input } = ordered;
  const entries = ordered.keepsAll ? await wholeOrder(run, ordered) : await collect(run, ordered);
  const page = cutPage(entries, input, bookmarkAt(entries, input.bookmarkObject));
  if (input.returnPageInfo) {
    warn(pageInfoText(page));
    const done = page.firstIndex + page.items.length - 1;
    progress({ activity: "Page", done, total: page.total, unit: "messages" });
  } else if (page.items.length < entries.length && !ordered.keepsAll) {
    warn(moreResultsWarning(input.resultSize));
  }
  const [first] = searches;
  if (first === undefined) return;
  for (let start = 0; start < page.items.length; start += REREAD_MESSAGES) {
    const part = page.items.slice(start, start + REREAD_MESSAGES);
    const ids = [...new Set(part.map(({ messageId }) => messageId))];
    const { signal, listing } = first.scope;
    const scope = { ids, signal, ...(listing && { listing }) };
    const again = { filter: undefined, scope, showing: first.showing };
    const infos = new Map<string, MessageInfo>();
    for await (const { info } of flattened(desk, [again])) infos.set(String(info.Identity), info);
    for (const { identity } of part) {
      const info = infos.get(identity);
      if (info !== undefined) yield info;
    }
  }
}

function bookmarkAt(entries: readonly Entry[], bookmark: string | undefined): number | undefined {
  if (bookmark === undefined) return undefined;
  const folded = bookmark.toLowerCase();
  const at = entries.findIndex(({ identity }) => identity.toLowerCase() === folded);
  if (at !== -1) return at;
  const text = `${JSON.stringify(bookmark)} is not among the results now`;
  throw new CmdletFault("not-found", text, { parameter: "BookmarkObject" });
}

function wholeOrder(run: Run, ordered: OrderedSearch): Promise<readonly Entry[]> {
  const desk = run.services.queues;
  const options = { countMax: ORDERS_MAX, keptMsMax: ORDER_KEPT_MS };
  const known = orders.get(desk) ?? new RecentValues<readonly Entry[]>(run.clock, options);
  orders.set(desk, known);
  // Who goes away must not take along what others wait for: each has a search of his own.
  const key = orderKey(ordered);
  return known.recent(key, () => collectAll(run, ordered));
}

function orderKey({ searches, input }: OrderedSearch): string {
  const scopes = searches.map(({ scope, filter }) => [scope.ids, scope.queue?.id, filter?.text]);
  const keys = input.sortOrder?.keys.map(({ property, direction }) => [property, direction]);
  return JSON.stringify([scopes, keys]);
}

async function collectAll(run: Run, ordered: OrderedSearch): Promise<readonly Entry[]> {
  const { searches, input } = ordered;
  const isPlain = searches.every(({ filter, scope }) => !filter && scope.ids === undefined);
  if (isPlain && input.sortOrder === undefined) return collectPlaces(run, searches);
  const entries = await collect(run, ordered);
  return entries.map(({ messageId, identity }) => ({ messageId, identity }));
}

/** All that is in some queues: nothing of the messages but where they are has to be read. */
async function collectPlaces(
  { services }: Run,
  searches: readonly MessageSearch[],
): Promise<readonly Entry[]> {
  const desk = services.queues;
  const serverName = desk.serverName();
  const entries: Entry[] = [];
  for (const { scope } of searches) {
    for (const { messageId, queue } of await desk.places(scope)) {
      const identity = formatMessageIdentity({ message: { id: messageId }, queue }, serverName);
      entries.push({ messageId, identity });
    }
    checkSortable(entries.length);
  }
  return searches.length === 1 ? entries : entries.sort(byPlace);
}

async function collect(
  { services, progress }: Run,
  { searches, input, keepsAll }: OrderedSearch,
): Promise<readonly SortedEntry[]> {
  const order = input.sortOrder;
  const compare = order && compareValues(order);
  const byOrder = (left: SortedEntry, right: SortedEntry) =>
    (compare?.(left.values, right.values) ?? 0) || byPlace(left, right);
  const keptMax = keepsAll ? Number.POSITIVE_INFINITY : input.resultSize + 1;
  let entries: SortedEntry[] = [];
  for await (const found of flattened(services.queues, searches)) {
    const values = order === undefined ? [] : sortValuesOf(order, found.read(order.properties));
    entries.push({ messageId: found.located.message.id, identity: found.identity, values });
    progress({ activity: "Looking through messages", done: entries.length, unit: "messages" });
    if (entries.length > 2 * keptMax) {
      entries = (await sortInTurns(entries, byOrder)).slice(0, keptMax);
    }
    checkSortable(entries.length);
  }
  return (await sortInTurns(entries, byOrder)).slice(0, keptMax);
}

function byPlace(left: Entry, right: Entry): number {
  return left.messageId - right.messageId || (left.identity < right.identity ? -1 : 1);
}
