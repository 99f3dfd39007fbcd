import { turn } from "../../base/sort-in-turns.ts";
import type { FoundResult, OrderedSearch, PlacedResult } from "../../cmdlet/ordered-results.ts";
import { type SortOrder, sortValuesOf } from "../../cmdlet/sort-order.ts";
import { formatMessageIdentity, type MessageInfo } from "./message-info.ts";
import { type FoundMessage, findMessages, type MessageSearch } from "./message-search.ts";
import type { QueueDesk } from "./services.ts";

/** Places that are looked at before others get their turn. */
const TURN_PLACES = 4_096;

type Search = OrderedSearch<number, MessageInfo>;

/** Messages of one or several searches, each once in each of its queues, by their ids. */
export function messageResults(
  desk: QueueDesk,
  searches: readonly MessageSearch[],
  sortOrder: SortOrder | undefined,
): Search {
  const scopes = searches.map(({ scope, filter }) => [scope.ids, scope.queue?.id, filter?.text]);
  const isPlain = searches.every(({ filter, scope }) => !filter && scope.ids === undefined);
  const isPlaced = isPlain && sortOrder === undefined;
  return {
    desk,
    conditions: JSON.stringify(scopes),
    unit: "messages",
    async *stream(signal) {
      for await (const page of flattened(desk, searches, signal)) {
        for (const { info } of page) yield info;
      }
    },
    find: (signal) => (isPlaced ? findPlaces : findValues)({ desk, searches, sortOrder, signal }),
    // The searches come one after the other; of one alone, the messages are in this order.
    ...((sortOrder !== undefined || searches.length > 1) && { compare: byPlace }),
    read: (page, signal) => readAgain(desk, searches[0], { page, signal }),
  };
}

interface Finding {
  readonly desk: QueueDesk;
  readonly searches: readonly MessageSearch[];
  readonly sortOrder: SortOrder | undefined;
  readonly signal: AbortSignal;
}

async function* findValues({
  desk,
  searches,
  sortOrder,
  signal,
}: Finding): AsyncGenerator<readonly FoundResult<number>[]> {
  const looked = sortOrder?.properties ?? [];
  for await (const page of flattened(desk, searches, signal)) {
    yield page.map((found) => {
      const values = sortOrder === undefined ? [] : sortValuesOf(sortOrder, found.read(looked));
      return { key: found.located.message.id, identity: found.identity, values };
    });
  }
}

/** All that is in some queues: nothing of the messages but where they are has to be read. */
async function* findPlaces({
  desk,
  searches,
  signal,
}: Finding): AsyncGenerator<readonly FoundResult<number>[]> {
  const serverName = desk.serverName();
  for (const { scope } of searches) {
    const places = await desk.places({ ...scope, signal });
    for (let from = 0; from < places.length; from += TURN_PLACES) {
      yield places.slice(from, from + TURN_PLACES).map(({ messageId, queue }) => ({
        key: messageId,
        identity: formatMessageIdentity({ message: { id: messageId }, queue }, serverName),
        values: [],
      }));
      await turn();
    }
  }
}

/** In the queues where they were found, and in no other. */
async function* readAgain(
  desk: QueueDesk,
  like: MessageSearch | undefined,
  {
    page,
    signal,
  }: { readonly page: readonly PlacedResult<number>[]; readonly signal: AbortSignal },
): AsyncGenerator<MessageInfo> {
  if (like === undefined) return;
  const { listing } = like.scope;
  const scope = { ids: [...new Set(page.map(({ key }) => key))], ...(listing && { listing }) };
  const again = { filter: undefined, scope: { ...scope, signal }, showing: like.showing };
  const infos = new Map<string, MessageInfo>();
  for await (const found of flattened(desk, [again], signal)) {
    for (const { identity, info } of found) infos.set(identity, info);
  }
  for (const { identity } of page) {
    const info = infos.get(identity);
    if (info !== undefined) yield info;
  }
}

/** The matches of several searches, one after the other. */
async function* flattened(
  desk: QueueDesk,
  searches: readonly MessageSearch[],
  signal: AbortSignal,
): AsyncGenerator<readonly FoundMessage[]> {
  for (const search of searches) {
    yield* findMessages(desk, { ...search, scope: { ...search.scope, signal } });
  }
}

function byPlace(left: PlacedResult<number>, right: PlacedResult<number>): number {
  return left.key - right.key || (left.identity < right.identity ? -1 : 1);
}
