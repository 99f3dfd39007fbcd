import type { Invocation } from "../../cmdlet/cmdlet.ts";
import type { Filter } from "../../cmdlet/filter.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { filterType, sortOrderType } from "../../cmdlet/filter-type.ts";
import { type OrderedSearch, putOutResults } from "../../cmdlet/ordered-results.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import { RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { type SortOrder, sortValuesOf } from "../../cmdlet/sort-order.ts";
import type { Address } from "../../mail/address.ts";
import type { RecipientKind } from "../../org/settings/object-kinds.ts";
import { bool, integer, line } from "../../org/settings/setting-types.ts";
import { findRecipient, IDENTITY_MAX, primaryAddressOf, readAddress } from "./find-recipient.ts";
import { createShow } from "./recipient-output.ts";
import type { RecipientBatch, RecipientQuery, RecipientView } from "./recipient-search.ts";
import type { RecipientServices } from "./services.ts";

/** What progress is called that says how many there are. */
const PAGE_INFO = "Page";

/** The parameters of a Get cmdlet over recipients. */
export function searchParameters(output: OutputType) {
  return {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Its name or any of its addresses; * stands for any text, ? for one character.",
      { position: 0, completion: output.name, pipeline: "property" },
    ),
    Filter: optionalParameter(
      filterType(output),
      "Puts out only what it is true for; `postrider help filters` says how it is written.",
    ),
    SortBy: optionalParameter(
      sortOrderType(output),
      "Properties to sort by, as in +Name,-MaxReceiveSize. Without it they come by kind and name.",
      { excludes: ["BookmarkObject"] },
    ),
    BookmarkObject: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Name or address of the recipient after which the results begin: the last one of the page " +
        "before, however many there were.",
      { excludes: ["SortBy"] },
    ),
    BookmarkIndex: optionalParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX }),
      "Where in the results the page begins; the first one is 1. For up to " +
        `${RESULT_SIZE_MAX} recipients; BookmarkObject costs less.`,
      { excludes: ["BookmarkObject"] },
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most recipients to put out, or Unlimited.",
    ),
    ReturnPageInfo: defaultedParameter(
      bool(),
      "false",
      "Says besides how many recipients that is in all.",
    ),
  };
}

/** What was asked for. */
export interface Selection {
  readonly view: RecipientView;
  readonly kinds: readonly RecipientKind[];
  readonly identity: string | undefined;
  readonly filter: Filter | undefined;
  readonly sortBy: SortOrder | undefined;
  readonly bookmarkObject: string | undefined;
  readonly bookmarkIndex: number | undefined;
  readonly resultSize: number;
  readonly returnPageInfo: boolean;
}

type Run = Invocation<RecipientServices>;

/** Puts out recipients as they are found, or sorted. @throws CmdletFault */
export async function* selectRecipients(
  run: Run,
  selection: Selection,
): AsyncGenerator<OutputObject> {
  const { identity, resultSize } = selection;
  if (identity !== undefined && !/[*?]/.test(identity)) {
    yield* findOne(run, selection, identity);
    return;
  }
  const { sortBy: sortOrder, bookmarkIndex, returnPageInfo } = selection;
  const isPaged = bookmarkIndex !== undefined;
  if (returnPageInfo && !isPaged) await tellTotal(run, selection);
  yield* putOutResults(run, recipientResults(run, selection), {
    ...{ sortOrder, resultSize, bookmarkIndex, bookmarkObject: undefined },
    ...{ searchForward: true, includeBookmark: true, returnPageInfo: returnPageInfo && isPaged },
  });
}

async function tellTotal(run: Run, selection: Selection): Promise<void> {
  const { kinds, identity, filter } = selection;
  const { recipients } = run.services;
  const isAll = identity === undefined && filter === undefined;
  const total = isAll ? await recipients.count(kinds) : await countFound(run, selection);
  run.warn(`Recipients in all: ${total}.`);
  run.progress({ activity: PAGE_INFO, done: 0, total, unit: "recipients" });
}

/** None of them is brought here for it. */
async function countFound(run: Run, selection: Selection): Promise<number> {
  let count = 0;
  for await (const batch of batches(run, { ...queryOf(run, selection), isCounted: true })) {
    count += batch.foundCount;
  }
  return count;
}

/** By their addresses, of which no two have one. */
function recipientResults(run: Run, selection: Selection): OrderedSearch<Address, OutputObject> {
  const { kinds, view, identity, filter, sortBy } = selection;
  const { organization: editor, recipients } = run.services;
  const show = createShow(view);
  const query = queryOf(run, selection);
  return {
    desk: recipients,
    // What was found before a change is not shown after it.
    conditions: JSON.stringify([editor.organization.version, kinds, view, identity, filter?.text]),
    unit: "recipients",
    async *stream(signal) {
      const after = await bookmarkOf(run, selection);
      const asked = { ...query, ...(after && { after }) };
      for await (const batch of batches({ ...run, signal }, asked))
        yield* batch.recipients.map(show);
    },
    async *find(signal) {
      const look = createShow(view, sortBy?.properties ?? new Set());
      for await (const batch of batches({ ...run, signal }, query)) {
        yield batch.recipients.map((recipient) => {
          const key = primaryAddressOf(recipient);
          const values = sortBy === undefined ? [] : sortValuesOf(sortBy, look(recipient));
          return { key, identity: key, values };
        });
      }
    },
    async read(page) {
      const found = await editor.findAll(page.map(({ key }) => key));
      return found.flatMap((recipient) => (recipient === undefined ? [] : [show(recipient)]));
    },
  };
}

async function* findOne(
  { services, clock }: Run,
  { kinds, view, filter }: Selection,
  identity: string,
): AsyncGenerator<OutputObject> {
  const { organization: editor } = services;
  const found = await findRecipient(editor, identity, { kinds, parameter: "Identity" });
  const shown = createShow(view)(found);
  const passes = filter === undefined || compileFilter(filter, { nowMs: clock.nowMs() })(shown);
  if (passes) yield shown;
}

function queryOf({ clock }: Run, { kinds, view, identity, filter }: Selection): RecipientQuery {
  return {
    ...{ kinds, view, nowMs: clock.nowMs() },
    ...(identity !== undefined && { pattern: identity }),
    ...(filter && { filter: { root: filter.root, properties: filter.properties } }),
  };
}

async function* batches(
  { services, signal, progress }: Run,
  query: RecipientQuery,
): AsyncGenerator<RecipientBatch> {
  let done = 0;
  for await (const batch of services.recipients.search(query)) {
    signal.throwIfAborted();
    done += batch.examinedCount;
    progress({ activity: "Looking through recipients", done, unit: "recipients" });
    yield batch;
  }
}

/** Behind what the results begin: of one kind by a name, even one that has gone meanwhile. */
async function bookmarkOf(
  { services }: Run,
  { kinds, bookmarkObject }: Selection,
): Promise<RecipientQuery["after"]> {
  if (bookmarkObject === undefined) return undefined;
  const [only, ...others] = kinds;
  const isName = readAddress(bookmarkObject) === undefined;
  if (isName && only !== undefined && others.length === 0) {
    return { kind: only, name: bookmarkObject };
  }
  const where = { kinds, parameter: "BookmarkObject" };
  const { kind, name } = await findRecipient(services.organization, bookmarkObject, where);
  return { kind, name };
}
