import { spanTexts as texts } from "../../base/span-texts.ts";

const UNITS = [
  [texts.days, 86_400_000],
  [texts.hours, 3_600_000],
  [texts.minutes, 60_000],
  [texts.seconds, 1000],
] as const;

/** A span as one says it: `450 ms`, `3.2 s`, `4 min 5 s`, `2 d 3 h`; at most two units. */
export function formatMilliseconds(spanMs: number): string {
  const total = Math.abs(Math.round(spanMs));
  if (total < 1000) return texts.milliseconds(total);
  if (total < 10_000) return texts.seconds(Math.round(total / 100) / 10);
  let rest = Math.round(total / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(unit(count));
    // Nobody counts the seconds of a day.
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(" ");
}

/** `2026-03-01T10:00` of a field for date and time, in the reader's zone, as ISO 8601 in UTC. */
export function isoOfLocal(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** The reverse of `isoOfLocal`, to the minute; "" when it is no date. */
export function localOfIso(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
