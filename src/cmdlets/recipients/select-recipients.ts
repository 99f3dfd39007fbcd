import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { Filter } from "../../cmdlet/filter.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { filterType, sortOrderType } from "../../cmdlet/filter-type.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { compareBy, type SortOrder } from "../../cmdlet/sort-order.ts";
import type { RecipientKind } from "../../org/settings/object-kinds.ts";
import { bool, integer, line } from "../../org/settings/setting-types.ts";
import { findRecipient, IDENTITY_MAX, readAddress } from "./find-recipient.ts";
import { createShow } from "./recipient-output.ts";
import type { RecipientQuery, RecipientView } from "./recipient-search.ts";
import type { RecipientServices } from "./services.ts";

/** Recipients that can be sorted: they have to be in memory for it, all at once. */
const SORTED_MAX = 50_000;

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
      `Properties to sort by, as in +Name,-MaxReceiveSize; for up to ${SORTED_MAX} recipients. ` +
        "Without it they come by kind and name, whatever their number.",
      { excludes: ["BookmarkObject"] },
    ),
    BookmarkObject: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Name or address of the recipient after which the results begin: the last one of the page " +
        "before, however many there were.",
      { excludes: ["SortBy"] },
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most recipients to put out, or Unlimited.",
    ),
    ReturnPageInfo: defaultedParameter(
      bool(),
      "false",
      "Says besides how many recipients of these kinds there are in all.",
      { excludes: ["Identity", "Filter"] },
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
  if (selection.returnPageInfo) await tellTotal(run, selection);
  const found = search(run, selection);
  let count = 0;
  for await (const one of selection.sortBy === undefined ? found : sort(found, selection)) {
    count += 1;
    if (count > resultSize) {
      run.warn(moreResultsWarning(resultSize));
      return;
    }
    yield one;
  }
}

async function tellTotal({ services, warn, progress }: Run, { kinds }: Selection): Promise<void> {
  const total = await services.recipients.count(kinds);
  warn(`Recipients in all: ${total}.`);
  progress({ activity: PAGE_INFO, done: 0, total, unit: "recipients" });
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

async function* search(run: Run, selection: Selection): AsyncGenerator<OutputObject> {
  const { services, clock, signal, progress } = run;
  const { kinds, view, identity, filter } = selection;
  const after = await bookmarkOf(run, selection);
  const query: RecipientQuery = {
    kinds,
    view,
    nowMs: clock.nowMs(),
    ...(after && { after }),
    ...(identity !== undefined && { pattern: identity }),
    ...(filter && { filter: { root: filter.root, properties: filter.properties } }),
  };
  const show = createShow(view);
  let done = 0;
  for await (const batch of services.recipients.search(query)) {
    signal.throwIfAborted();
    done += batch.examinedCount;
    if (!selection.returnPageInfo) {
      progress({ activity: "Looking through recipients", done, unit: "recipients" });
    }
    for (const recipient of batch.recipients) yield show(recipient);
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

/** As many as are wanted, and one more; those that come too late in the order are let go of. */
async function* sort(
  found: AsyncIterable<OutputObject>,
  { sortBy, resultSize }: Selection,
): AsyncGenerator<OutputObject> {
  const compare = sortBy === undefined ? () => 0 : compareBy(sortBy);
  const wanted = Math.min(resultSize, SORTED_MAX) + 1;
  let kept: OutputObject[] = [];
  for await (const one of found) {
    kept.push(one);
    if (kept.length < wanted * 2) continue;
    kept = kept.sort(compare).slice(0, wanted);
  }
  kept = kept.sort(compare).slice(0, wanted);
  if (kept.length > SORTED_MAX && resultSize > SORTED_MAX) {
    const text =
      `-SortBy sorts at most ${SORTED_MAX} recipients, and there are more: narrow them down ` +
      `with -Filter, or take the first ones with -ResultSize ${SORTED_MAX}`;
    throw new CmdletFault("bad-parameter", text, { parameter: "SortBy" });
  }
  yield* kept;
}
