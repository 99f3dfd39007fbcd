import type { PageState } from "../../widgets/page-state.ts";

const HOUR_MS = 3_600_000;

/** Spans that end now, by their name in the address. */
const SPANS = {
  hour: { startDate: "-1h", spanMs: HOUR_MS },
  day: { startDate: "-1d", spanMs: 24 * HOUR_MS },
  week: { startDate: "-7d", spanMs: 7 * 24 * HOUR_MS },
  month: { startDate: "-30d", spanMs: 30 * 24 * HOUR_MS },
  year: { startDate: "-365d", spanMs: 365 * 24 * HOUR_MS },
} as const;

/** A choice of the page's time range. */
export type RangeName = keyof typeof SPANS | "own";

/** All of them, in their order. */
export const RANGE_NAMES: readonly RangeName[] = ["hour", "day", "week", "month", "year", "own"];

/** What the page shows. */
export interface Range {
  readonly name: RangeName;
  /** As the cmdlets take it: relative while the range ends now, so that it moves along. */
  readonly parameters: { readonly StartDate: string; readonly EndDate?: string };
  /** Epoch ms, as of `nowMs`. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Reads the range of an address; what it does not say, or says wrongly, is the last day. */
export function readRange(state: PageState, nowMs: number): Range {
  const own = state["range"] === "own" ? readOwn(state) : undefined;
  if (own !== undefined) return own;
  const named = state["range"];
  const name = named !== undefined && isSpan(named) ? named : "day";
  const { startDate, spanMs } = SPANS[name];
  return { name, parameters: { StartDate: startDate }, startMs: nowMs - spanMs, endMs: nowMs };
}

/** What the address says for a chosen range; an own one begins with what was shown before. */
export function rangeState(name: RangeName, shown: Range): PageState {
  if (name !== "own") return { range: name, from: undefined, to: undefined };
  return { range: "own", from: isoMinute(shown.startMs), to: isoMinute(shown.endMs) };
}

/** ISO 8601 in UTC, whole minutes. */
export function isoMinute(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}

/** As `input type=datetime-local` has it: the reader's own time, without a zone. */
export function localMinute(atMs: number): string {
  const zoneMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - zoneMs).toISOString().slice(0, 16);
}

function isSpan(text: string): text is keyof typeof SPANS {
  return Object.hasOwn(SPANS, text);
}

function readOwn({ from, to }: PageState): Range | undefined {
  const [startMs, endMs] = [Date.parse(from ?? ""), Date.parse(to ?? "")];
  // Also when one of them is no date.
  if (!(startMs < endMs)) return undefined;
  const parameters = { StartDate: isoMinute(startMs), EndDate: isoMinute(endMs) };
  return { name: "own", parameters, startMs, endMs };
}
