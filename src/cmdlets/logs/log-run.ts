import type { Invocation } from "../../cmdlet/cmdlet.ts";
import type { Moment } from "../../cmdlet/filter-value.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import { RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import type { FieldCondition, LogRow } from "../../logs/log-search.ts";
import { addressPattern, partPattern, wildcardPattern } from "../../logs/text-pattern.ts";
import { integer, line } from "../../org/settings/setting-types.ts";
import type { LogSearchServices, SearchedLog } from "./log-services.ts";
import { checkTimes, SEARCH_CHARACTERS_MAX, tellProgress } from "./tracking-run.ts";

/** Who may read transport logs (reference §15.5). */
export const LOG_READERS: readonly RoleGroup[] = [
  "Server Management",
  "View-Only Organization Management",
];

/** A text to search for. */
export const searchText = () => line({ max: SEARCH_CHARACTERS_MAX });

/** A part of the whole line, and how much to show. */
export const PATTERN_PARAMETERS = {
  Pattern: optionalParameter(
    searchText(),
    "A part of the line, whatever the field; with * a pattern of the whole line.",
  ),
  ResultSize: defaultedParameter(
    integer({ min: 1, max: RESULT_SIZE_MAX }),
    String(RESULT_SIZE_DEFAULT),
    "The most lines to show; the newest ones that fit.",
  ),
};

/** A span of time, as most logs have it. */
export const TIME_PARAMETERS = {
  Start: optionalParameter(momentType(), "Lines from this time on: a date, or as in -2h."),
  End: optionalParameter(momentType(), "Lines before this time."),
};

/** The notes that all these cmdlets have. */
export const LOG_NOTES: readonly string[] = [
  "Every condition that is given must hold; case never matters; * stands for any text. Lines are " +
    "shown in the order of time. When there are more than -ResultSize, they are the newest ones.",
];

/** A field that must be like a text, whole or with `*`; none when there is no text. */
export function fieldIs(field: number, text: string | undefined): readonly FieldCondition[] {
  return text === undefined ? [] : [{ field, pattern: wildcardPattern(text) }];
}

/** A field that has a text in it. */
export function fieldHas(field: number, text: string | undefined): readonly FieldCondition[] {
  return text === undefined ? [] : [{ field, pattern: partPattern(text) }];
}

/** An address, `@domain`, a part of one, or a pattern. */
export function addressIs(field: number, text: string | undefined): readonly FieldCondition[] {
  return text === undefined ? [] : [{ field, pattern: addressPattern(text) }];
}

/**
 * An endpoint, `address:port`: an address alone stands for any of its ports, in brackets or not.
 */
export function endpointIs(field: number, text: string | undefined): readonly FieldCondition[] {
  if (text === undefined) return [];
  const isWhole = text.includes("*") || /^(?:\[.*\]|[^:]*):\d+$/.test(text);
  const address = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text;
  return [{ field, pattern: wildcardPattern(isWhole ? text : `${address}:*`) }];
}

/** The lines of a log that are asked for, in the order of time. */
export async function findRows(
  invocation: Invocation<LogSearchServices>,
  search: {
    readonly logs: readonly SearchedLog[];
    readonly conditions: readonly FieldCondition[];
    readonly start: Moment | undefined;
    readonly end: Moment | undefined;
    /** The parameter's name, for the fault. */
    readonly endName?: string;
    readonly pattern: string | undefined;
    readonly resultSize: number;
  },
): Promise<readonly LogRow[]> {
  const { services, clock, signal, warn } = invocation;
  const nowMs = clock.nowMs();
  const startMs = search.start && momentMs(search.start, nowMs);
  const endMs = search.end && momentMs(search.end, nowMs);
  checkTimes(startMs, endMs, search.endName ?? "End");
  const query = {
    conditions: search.conditions,
    ...(startMs !== undefined && { startMs }),
    ...(endMs !== undefined && { endMs }),
    ...(search.pattern !== undefined && { pattern: partPattern(search.pattern) }),
  };
  const gathered: LogRow[] = [];
  let isMore = false;
  for (const log of search.logs) {
    let count = 0;
    for await (const batch of services.logs.search(log, query, signal)) {
      tellProgress(invocation, batch);
      const room = search.resultSize - count;
      gathered.push(...batch.rows.slice(0, Math.max(0, room)));
      count += batch.rows.length;
      if (count > search.resultSize) {
        isMore = true;
        break;
      }
    }
  }
  // Lines of several threads come in batches: what is newest in the file need not be newest.
  const inTime = gathered.reverse().sort((left, right) => left.atMs - right.atMs);
  if (isMore || inTime.length > search.resultSize) {
    warn(
      `There are more lines than these ${search.resultSize}, the newest ones; -Start and -End ` +
        "narrow them down, -ResultSize takes a larger number.",
    );
  }
  return inTime.slice(-search.resultSize);
}

/** Empty fields are nothing. */
export function textOf(row: LogRow, field: number): string | null {
  const value = row.values[field];
  return value === undefined || value === "" ? null : value;
}

/** A number, or nothing. */
export function numberOf(row: LogRow, field: number): number | null {
  const value = Number(row.values[field] || Number.NaN);
  return Number.isNaN(value) ? null : value;
}
