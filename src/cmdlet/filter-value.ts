import { DAY, HOUR, MINUTE, SECOND } from "../base/units.ts";
import { bytes, parseSpanMs } from "../org/settings/setting-types.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import type { FilterOperand } from "./filter-syntax.ts";
import type { OutputProperty } from "./output-type.ts";

/** A point in time: fixed, or before or after the moment at which the filter is used. */
export type Moment =
  | { readonly kind: "moment"; readonly atMs: number }
  | { readonly kind: "relative"; readonly offsetMs: number };

/** What a property is compared with. Spans are milliseconds, sizes octets. */
export type FilterValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "boolean"; readonly isTrue: boolean }
  | Moment;

/** What is wrong with a value, as the end of a sentence that begins with it. */
export interface ValueProblem {
  readonly kind: "problem";
  readonly problem: string;
}

const TRUE_AND_FALSE: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["$true", true],
  ["false", false],
  ["$false", false],
]);
const BYTES = bytes({ min: 0, max: Number.MAX_SAFE_INTEGER });
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
};

/** Whether it is the word for nothing. */
export function isNullOperand({ text, isQuoted }: FilterOperand): boolean {
  return !isQuoted && text.toLowerCase() === "$null";
}

/** Reads a value for a property of that kind. */
export function readFilterValue(
  text: string,
  property: OutputProperty,
): FilterValue | ValueProblem {
  switch (property.kind) {
    case "text":
    case "list":
    case "object":
      return { kind: "text", text };
    case "choice":
      return readChoice(text, property.choices ?? []);
    case "number":
      return numberValue(readNumber(text) ?? readBytes(text), "a number, as in 10 or -0.5");
    case "bytes":
      return numberValue(readBytes(text), "a size, as in 64KB or 10MB");
    case "span":
      return numberValue(readSpanMs(text), "a span, as in 00:05:00, 1.12:00:00 or 90s");
    case "boolean": {
      const isTrue = TRUE_AND_FALSE.get(text.toLowerCase());
      return isTrue === undefined
        ? problem("is neither $true nor $false")
        : { kind: "boolean", isTrue };
    }
    case "date":
      return parseMoment(text) ?? problem(`is not a date; write ${MOMENT_FORMS}`);
  }
}

function problem(text: string): ValueProblem {
  return { kind: "problem", problem: text };
}

function readChoice(text: string, choices: readonly string[]): FilterValue | ValueProblem {
  const folded = text.toLowerCase();
  if (choices.length === 0 || choices.some((choice) => choice.toLowerCase() === folded)) {
    return { kind: "text", text };
  }
  return problem(`is not one of ${choices.join(", ")}${formatSuggestion(text, choices)}`);
}

function numberValue(number: number | undefined, what: string): FilterValue | ValueProblem {
  return number === undefined ? problem(`is not ${what}`) : { kind: "number", number };
}

function readNumber(text: string): number | undefined {
  return /^[+-]?\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

function readBytes(text: string): number | undefined {
  return BYTES.read({ kind: "scalar", text, at: { line: 0, column: 0 } }, () => undefined);
}

function readSpanMs(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/i.exec(text);
  if (match === null) return parseSpanMs(text);
  return Math.round(Number(match[1]) * (UNIT_MS[(match[2] ?? "").toLowerCase()] ?? Number.NaN));
}

/** How dates may be written, for messages and help. */
export const MOMENT_FORMS =
  "2026-11-21T08:00:00Z, 11/21/2026 8:00 (UTC), now, -2h or (Get-Date).AddHours(-2)";

/**
 * Reads a date: ISO 8601 (UTC unless it has an offset), `11/21/2026 8:00 PM` (month first, as
 * Exchange's, UTC), `now`, `-2h`, `now-7d`, and PowerShell's `(Get-Date).AddHours(-2)`.
 */
export function parseMoment(text: string): Moment | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 100) return undefined;
  return parseRelative(trimmed) ?? parseGetDate(trimmed) ?? parseFixed(trimmed);
}

/** The moment in epoch milliseconds, on a clock that shows `nowMs`. */
export function momentMs(moment: Moment, nowMs: number): number {
  return moment.kind === "moment" ? moment.atMs : nowMs + moment.offsetMs;
}

function parseRelative(text: string): Moment | undefined {
  const match = /^(now)?(?:\s*([+-])\s*(\d{1,6}(?:\.\d{1,3})?)\s*([smhdw]))?$/i.exec(text);
  if (match === null || text === "") return undefined;
  const [, , sign, count = "0", unit = "s"] = match;
  const spanMs = Math.round(Number(count) * (UNIT_MS[unit.toLowerCase()] ?? Number.NaN));
  return { kind: "relative", offsetMs: sign === "-" ? 0 - spanMs : spanMs };
}

const ADDED_MS: Readonly<Record<string, number>> = {
  milliseconds: 1,
  seconds: SECOND,
  minutes: MINUTE,
  hours: HOUR,
  days: DAY,
};

function parseGetDate(text: string): Moment | undefined {
  const start = /^(?:\(\s*Get-Date\s*\)|Get-Date(?![\w-]))/i.exec(text);
  if (start === null) return undefined;
  let offsetMs = 0;
  let rest = text.slice(start[0].length).trim();
  while (rest !== "") {
    const match = /^\.\s*Add([A-Za-z]+)\(\s*(-?\d{1,9}(?:\.\d{1,3})?)\s*\)\s*/.exec(rest);
    const unitMs = ADDED_MS[(match?.[1] ?? "").toLowerCase()];
    if (match === null || unitMs === undefined) return undefined;
    offsetMs += Math.round(Number(match[2]) * unitMs);
    rest = rest.slice(match[0].length);
  }
  return { kind: "relative", offsetMs };
}

const CLOCK = "(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?";
const ISO = new RegExp(
  `^(\\d{4})-(\\d{1,2})-(\\d{1,2})(?:[T ]${CLOCK}\\s*(Z|[+-]\\d{2}:?\\d{2})?)?$`,
  "i",
);
const MONTH_FIRST = new RegExp(`^(\\d{1,2})/(\\d{1,2})/(\\d{4})(?: ${CLOCK}\\s*([AP]M)?)?$`, "i");

function parseFixed(text: string): Moment | undefined {
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso;
    return fixedMoment({ year, month, day, hour, minute, second, fraction }, offsetMsOf(zone));
  }
  const match = MONTH_FIRST.exec(text);
  if (match === null) return undefined;
  const [, month, day, year, hour, minute, second, fraction, half] = match;
  const hour24 = half === undefined ? hour : hourOf(Number(hour), half);
  return fixedMoment({ year, month, day, hour: hour24, minute, second, fraction }, 0);
}

function hourOf(hour: number, half: string): string {
  if (hour < 1 || hour > 12) return "99";
  return String((hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0));
}

function offsetMsOf(zone = "Z"): number {
  if (zone.toUpperCase() === "Z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const spanMs = Number(digits.slice(0, 2)) * HOUR + Number(digits.slice(2)) * MINUTE;
  return zone.startsWith("-") ? -spanMs : spanMs;
}

type DateField = "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction";

function fixedMoment(
  fields: Readonly<Record<DateField, string | undefined>>,
  offsetMs: number,
): Moment | undefined {
  const number = (field: DateField): number => Number(fields[field] ?? 0);
  const milliseconds = Number((fields.fraction ?? "").padEnd(3, "0").slice(0, 3));
  const dayMs = Date.UTC(number("year"), number("month") - 1, number("day"));
  const date = new Date(dayMs);
  // Date.UTC reads February 30 as March 2, and the year 26 as 1926.
  const isReal =
    date.getUTCFullYear() === number("year") &&
    date.getUTCMonth() === number("month") - 1 &&
    date.getUTCDate() === number("day");
  const [hour, minute, second] = [number("hour"), number("minute"), number("second")];
  if (!isReal || hour > 23 || minute > 59 || second > 59) return undefined;
  const atMs = dayMs + hour * HOUR + minute * MINUTE + second * SECOND + milliseconds;
  return { kind: "moment", atMs: atMs - offsetMs };
}
