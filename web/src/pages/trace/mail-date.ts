const DAY = String.raw`(?:[a-z]{2,9}\s*,\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s-]+(\d{2,4})`;
const TIME = String.raw`(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?`;
const ZONE = String.raw`([+-]\d{4}|[a-z]{1,5})?`;
const DATE = new RegExp(String.raw`^${DAY}\s+${TIME}\s*${ZONE}`, "i");
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MINUTE_MS = 60_000;

/** Hours behind UTC of the zones that have names (RFC 5322 §4.3); others are UTC. */
const ZONES: Readonly<Record<string, number>> = {
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

/** A date of a header in epoch milliseconds (RFC 5322 §3.3, §4.3); `undefined` when it is none. */
export function parseMailDate(text: string): number | undefined {
  const trimmed = text.trim().slice(0, 200);
  const match = DATE.exec(trimmed);
  if (match === null) return parseIsoDate(trimmed);
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", zone = ""] =
    match;
  const monthAt = MONTHS.indexOf(month.toLowerCase());
  const parts = { day: Number(day), hour: Number(hour), minute: Number(minute) };
  if (monthAt < 0 || parts.day < 1 || parts.day > 31) return undefined;
  if (parts.hour > 23 || parts.minute > 59) return undefined;
  const atMs = Date.UTC(
    fullYear(year),
    monthAt,
    parts.day,
    parts.hour,
    parts.minute,
    // A leap second is the next minute's first.
    Math.min(Number(second), 60),
  );
  return atMs - offsetMinutes(zone) * MINUTE_MS;
}

/** Some programs write dates of programs. */
function parseIsoDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** Years of two and three digits are of programs that are as old (RFC 5322 §4.3). */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

function offsetMinutes(zone: string): number {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(zone);
  if (match === null) return (ZONES[zone.toLowerCase()] ?? 0) * 60;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}
