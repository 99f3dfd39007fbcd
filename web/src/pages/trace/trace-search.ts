import type { CmdletCall } from "../../api/run-cmdlet.ts";
import type { PageState } from "../../widgets/page-state.ts";
import {
  parseSearch,
  SEARCH_KINDS,
  type Search,
  type SearchKind,
  severalOf,
} from "./search-text.ts";

/** Spans of time to look at; `custom` has a begin and an end of its own. */
export const RANGES = ["1h", "4h", "24h", "48h", "7d", "30d", "all", "custom"] as const;
/** One of RANGES. */
export type Range = (typeof RANGES)[number];

/** What became of messages, as one asks for it. */
export const STATUS_FILTERS = [
  "NotDelivered",
  "Failed",
  "Pending",
  "Quarantined",
  "FilteredAsSpam",
  "Delivered",
  "Expanded",
] as const;
/** One of STATUS_FILTERS. */
export type StatusFilter = (typeof STATUS_FILTERS)[number];

/** What is searched for, as the address of the page says it. */
export interface TraceSearch {
  /** As it was typed. */
  readonly text: string;
  /** What it is taken for; `undefined`: all mail. */
  readonly search: Search | undefined;
  /** Chosen by the administrator in place of what was recognised. */
  readonly chosenKind: SearchKind | undefined;
  readonly range: Range;
  /** ISO 8601, with the range `custom`. */
  readonly from: string;
  readonly to: string;
  readonly status: StatusFilter | undefined;
}

/** The most rows that one search reads; the table holds no more. */
export const ROWS_MAX = 250_000;

/** Ids name a message whenever it came. */
const NAMED: ReadonlySet<SearchKind> = new Set(["messageId", "traceId", "number"]);

/** What an address of the page asks for; `undefined` when nothing has been searched yet. */
export function readTraceSearch(state: PageState): TraceSearch | undefined {
  const { search: text, as, range, from = "", to = "", status } = state;
  if (text === undefined) return undefined;
  const parsed = parseSearch(text);
  const chosenKind = SEARCH_KINDS.find((kind) => kind === as);
  // What only marks another kind belongs to the text, once somebody says what that is.
  const search =
    parsed === undefined || chosenKind === undefined || chosenKind === parsed.kind
      ? parsed
      : { kind: chosenKind, text: NAMED.has(parsed.kind) ? text.trim() : parsed.text };
  return {
    text,
    search,
    chosenKind,
    range: RANGES.find((one) => one === range) ?? rangeOf(search?.kind),
    from,
    to,
    status: STATUS_FILTERS.find((one) => one === status),
  };
}

/** The span that is looked at when nobody says. */
export function rangeOf(kind: SearchKind | undefined): Range {
  return kind !== undefined && NAMED.has(kind) ? "all" : "48h";
}

/** The cmdlet that does the search. */
export function traceCall(search: TraceSearch): CmdletCall<"Get-MessageTrace"> {
  const parameters = {
    ...conditionOf(search.search),
    ...timesOf(search),
    ...(search.status === undefined ? {} : { Status: statusesOf(search.status) }),
    ResultSize: ROWS_MAX,
  };
  return { cmdlet: "Get-MessageTrace", parameters };
}

function conditionOf(search: Search | undefined): CmdletCall<"Get-MessageTrace">["parameters"] {
  if (search === undefined) return {};
  const { kind, text } = search;
  switch (kind) {
    case "address":
      return { Address: [text] };
    case "sender":
      return { SenderAddress: text };
    case "recipient":
      return { RecipientAddress: [text] };
    case "domain":
      return { Address: [domainPattern(text)] };
    case "messageId":
      return { MessageId: text };
    case "traceId":
      return { MessageTraceId: text };
    case "number":
      return { InternalMessageId: text };
    case "ip":
      return { IPAddress: text };
    case "subject":
      return { Subject: text };
    case "several":
      return severalCondition(text);
  }
}

function severalCondition(text: string): CmdletCall<"Get-MessageTrace">["parameters"] {
  const several = severalOf(text);
  if (several === undefined) return { Subject: text };
  const { participants, words } = several;
  const Address = participants.map((one) => (one.includes("@") ? one : domainPattern(one)));
  return { Address, ...(words !== "" && { Subject: words }) };
}

/** What the page of session recordings is asked for, to find a message that was refused. */
export function recordingFilter(search: Search | undefined): Readonly<Record<string, string>> {
  if (search?.kind === "ip") return { RemoteAddress: search.text };
  if (search?.kind === "sender" || search?.kind === "recipient") return { Address: search.text };
  const { Address: [address] = [] } = conditionOf(search);
  return address === undefined ? {} : { Address: address };
}

/** Patterns are what they are. */
function domainPattern(text: string): string {
  return /^[@*]/.test(text) ? text : `@${text}`;
}

function timesOf({ range, from, to, search }: TraceSearch): {
  readonly StartDate?: string;
  readonly EndDate?: string;
} {
  if (range === "custom") {
    return { ...(from === "" ? {} : { StartDate: from }), ...(to === "" ? {} : { EndDate: to }) };
  }
  // That is what the cmdlet does by itself: the command line stays short.
  if (range === rangeOf(search?.kind)) return {};
  return { StartDate: range === "all" ? "1970-01-01T00:00:00Z" : `-${range}` };
}

function statusesOf(
  filter: StatusFilter,
): NonNullable<CmdletCall<"Get-MessageTrace">["parameters"]["Status"]> {
  if (filter !== "NotDelivered") return [filter];
  return ["Failed", "Pending", "Quarantined", "FilteredAsSpam", "GettingStatus"];
}
