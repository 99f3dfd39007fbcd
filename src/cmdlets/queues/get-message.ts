import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { moreResultsWarning } from "../../cmdlet/paging.ts";
import { optionalParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { compareBy, type SortOrder } from "../../cmdlet/sort-order.ts";
import { line } from "../../org/settings/setting-types.ts";
import { checkServer, findQueues, parseMessageIdentity } from "./identity.ts";
import { MESSAGE_INFO, type MessageInfo } from "./message-info.ts";
import { type FoundMessage, findMessages, type MessageSearch } from "./message-search.ts";
import {
  checkSortable,
  cutPage,
  IDENTITY_MAX,
  type PageOrder,
  pageInfoText,
  pageParameters,
} from "./page-parameters.ts";
import type { MessageScope, QueueDesk, QueueServices } from "./services.ts";

/** Messages of a page that has been put in order and is read again. */
const REREAD_MESSAGES = 200;

/** Get-Message. */
export const getMessage = defineCmdlet({
  name: "Get-Message",
  summary: "Shows the messages that wait, and why.",
  notes: [
    "A message with recipients in several queues is shown once for each; its number is the same.",
    "Without -SortOrder the oldest come first, and results come as they are found.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-Message -Queue fabrikam.test", doc: "What waits for one domain." },
    {
      command: `Get-Message -Filter "FromAddress -like '*@contoso.test' -and RetryCount -gt 3"`,
      doc: "What has been tried again and again.",
    },
    {
      command: "Get-Message 42 -IncludeRecipientInfo | Format-List",
      doc: "All about one message.",
    },
  ],
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Server\\Queue\\Message; the number alone is the message in all of its queues.",
      { position: 0, excludes: ["Filter", "Queue", "Server"] },
    ),
    Queue: optionalParameter(line({ max: IDENTITY_MAX }), "Only messages in these queues.", {
      completion: "Queue",
      pipeline: "property",
      excludes: ["Server"],
    }),
    Server: optionalParameter(line({ max: IDENTITY_MAX }), "This server's name."),
    ...pageParameters(MESSAGE_INFO),
    IncludeRecipientInfo: switchParameter("Fills Recipients."),
    IncludeComponentLatencyInfo: switchParameter("Fills ComponentLatency."),
  },
  output: MESSAGE_INFO,
  async *run({ services, clock, signal, warn }: Invocation<QueueServices>, input) {
    const desk = services.queues;
    checkServer(input.server, desk.serverName(), "Server");
    const showing = {
      nowMs: clock.nowMs(),
      ...(input.includeRecipientInfo && { recipients: "shown" as const }),
      ...(input.includeComponentLatencyInfo && { latency: "shown" as const }),
    };
    const scopes = await scopesOf(desk, { ...input, signal });
    const searches = scopes.map((scope) => ({ filter: input.filter, scope, showing }));
    const { bookmarkIndex, bookmarkObject, searchForward, returnPageInfo, sortOrder } = input;
    const isPaged = bookmarkIndex ?? bookmarkObject ?? (!searchForward || returnPageInfo);
    let count = 0;
    if (isPaged === false && sortOrder === undefined) {
      for await (const { info } of flattened(desk, searches)) {
        if (count === input.resultSize) {
          warn(moreResultsWarning(input.resultSize));
          break;
        }
        count += 1;
        yield info;
      }
    } else {
      yield* inOrder({ desk, searches, warn, input, keepsAll: isPaged !== false });
      return;
    }
    if (count === 0 && input.identity !== undefined && scopes.length > 0) {
      // Gone, or never here; the tracking log knows.
      const text = `there is no message ${input.identity} in a queue now; it may be done`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
  },
});

async function scopesOf(
  desk: QueueDesk,
  input: {
    readonly identity: string | undefined;
    readonly queue: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<readonly MessageScope[]> {
  const { identity, queue, signal } = input;
  if (identity === undefined && queue === undefined) return [{ signal }];
  const { queues } = await desk.list();
  const known = { serverName: desk.serverName(), queues };
  if (identity !== undefined) {
    const named = parseMessageIdentity(identity, known);
    const ids = [named.messageId];
    if (named.queues === undefined) return [{ ids, signal }];
    return named.queues.map((one) => ({ ids, queue: one, signal }));
  }
  return findQueues(queue ?? "*", known).map((one) => ({ queue: one, signal }));
}

async function* flattened(
  desk: QueueDesk,
  searches: readonly MessageSearch[],
): AsyncGenerator<FoundMessage> {
  for (const search of searches) {
    for await (const page of findMessages(desk, search)) yield* page;
  }
}

/** What is remembered of a match until the order is known: no more than the order needs. */
interface Entry {
  readonly messageId: number;
  readonly identity: string;
  readonly sorted: OutputObject;
}

interface OrderedSearch {
  readonly desk: QueueDesk;
  readonly searches: readonly MessageSearch[];
  readonly warn: (text: string) => void;
  readonly input: PageOrder & {
    readonly sortOrder: SortOrder | undefined;
    readonly bookmarkObject: string | undefined;
  };
  /** Places in the whole result are wanted, not only its beginning. */
  readonly keepsAll: boolean;
}

/** Finds all matches first, then reads those of the page again and puts them out in order. */
async function* inOrder(ordered: OrderedSearch): AsyncGenerator<MessageInfo> {
  const { desk, searches, warn, input } = ordered;
  const entries = await collect(ordered);
  const bookmark = input.bookmarkObject?.toLowerCase();
  const at =
    bookmark === undefined
      ? undefined
      : entries.findIndex(({ identity }) => identity.toLowerCase() === bookmark);
  if (at === -1) {
    const text = `${JSON.stringify(input.bookmarkObject)} is not among the results now`;
    throw new CmdletFault("not-found", text, { parameter: "BookmarkObject" });
  }
  const page = cutPage(entries, input, at);
  if (input.returnPageInfo) warn(pageInfoText(page));
  else if (page.items.length < entries.length && !ordered.keepsAll) {
    warn(moreResultsWarning(input.resultSize));
  }
  const [first] = searches;
  if (first === undefined) return;
  for (let start = 0; start < page.items.length; start += REREAD_MESSAGES) {
    const part = page.items.slice(start, start + REREAD_MESSAGES);
    const ids = [...new Set(part.map(({ messageId }) => messageId))];
    const { signal } = first.scope;
    const again = { filter: undefined, scope: { ids, signal }, showing: first.showing };
    const infos = new Map<string, MessageInfo>();
    for await (const { info } of flattened(desk, [again])) infos.set(String(info.Identity), info);
    for (const { identity } of part) {
      const info = infos.get(identity);
      if (info !== undefined) yield info;
    }
  }
}

async function collect({
  desk,
  searches,
  input,
  keepsAll,
}: OrderedSearch): Promise<readonly Entry[]> {
  const order = input.sortOrder;
  const compare = order && compareBy(order);
  const byOrder = (left: Entry, right: Entry) =>
    (compare?.(left.sorted, right.sorted) ?? 0) ||
    left.messageId - right.messageId ||
    (left.identity < right.identity ? -1 : 1);
  const names = [...(order?.properties ?? [])];
  const keptMax = keepsAll ? Number.POSITIVE_INFINITY : input.resultSize + 1;
  let entries: Entry[] = [];
  for await (const { info, located } of flattened(desk, searches)) {
    const sorted = Object.fromEntries(
      names.map((name) => [name, (info as OutputObject)[name] ?? null]),
    );
    entries.push({ messageId: located.message.id, identity: String(info.Identity), sorted });
    if (entries.length > 2 * keptMax) entries = entries.sort(byOrder).slice(0, keptMax);
    checkSortable(entries.length);
  }
  return entries.sort(byOrder).slice(0, keptMax);
}
