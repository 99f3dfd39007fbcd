import { spanTexts as texts } from "./span-texts.ts";

const dateTimes = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** A moment in the reader's form and time zone; what is no moment stays as it is. */
export function formatDateTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : dateTimes.format(at);
}

/** The time of day of a moment, as `formatDateTime`. */
export function formatTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : times.format(at);
}

/** The day of a moment, as `formatDateTime`. */
export function formatDate(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : dates.format(at);
}

/**
 * What a field for a date, or date and time, holds, as ISO 8601 in UTC: a day begins at the
 * reader's midnight. What is neither stays as it is, for the server to refuse.
 */
export function isoOfField(text: string): string {
  const at = new Date(/^\d{4,}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** `5 minutes ago`, `in 2 days`, in the largest unit that fits. */
export function formatAgo(iso: string, nowMs: number): string {
  const seconds = Math.round((new Date(iso).getTime() - nowMs) / 1000);
  if (Number.isNaN(seconds)) return iso;
  const size = Math.abs(seconds);
  if (size < MINUTE_S) return relative.format(seconds, "second");
  if (size < HOUR_S) return relative.format(Math.round(seconds / MINUTE_S), "minute");
  if (size < 2 * DAY_S) return relative.format(Math.round(seconds / HOUR_S), "hour");
  return relative.format(Math.round(seconds / DAY_S), "day");
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Octets in steps of 1,024, in the reader's form: `4.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 1024 && step < UNITS.length - 1) {
    value /= 1024;
    step += 1;
  }
  const unit = UNITS[step] ?? "byte";
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit,
    maximumFractionDigits: digits,
  }).format(value);
}

const SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d\d):(\d\d)(?:\.\d+)?$/;

/** A span of the server (`[d.]hh:mm:ss`) in seconds; `undefined` when it is none. */
export function spanSeconds(span: string): number | undefined {
  const match = SPAN.exec(span);
  if (match === null) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = match;
  return (
    Number(days) * DAY_S + Number(hours) * HOUR_S + Number(minutes) * MINUTE_S + Number(seconds)
  );
}

/** A span of the server as one says it: `2 d 4 h`, `15 min`, `30 s`; at most two units. */
export function formatSpan(span: string): string {
  const total = spanSeconds(span);
  if (total === undefined) return span;
  const parts = [
    [Math.floor(total / DAY_S), texts.days],
    [Math.floor((total % DAY_S) / HOUR_S), texts.hours],
    [Math.floor((total % HOUR_S) / MINUTE_S), texts.minutes],
    [total % MINUTE_S, texts.seconds],
  ] as const;
  const told = parts.filter(([count]) => count > 0).slice(0, 2);
  return told.length === 0 ? texts.seconds(0) : told.map(([count, unit]) => unit(count)).join(" ");
}
