/** Zone in which a date is written: the machine's, or `+0000`. */
export type DateZone = "local" | "utc";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;

/** The last second written, per zone: mail comes many messages a second. */
const cache: Record<DateZone, { second: number; text: string }> = {
  local: { second: Number.NaN, text: "" },
  utc: { second: Number.NaN, text: "" },
};

function pad(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** Minutes east of Greenwich as RFC 5322's zone: `+0530`. */
function formatOffset(minutesEast: number): string {
  const minutes = Math.abs(minutesEast);
  return `${minutesEast < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${pad(minutes % 60)}`;
}

/** Writes the date-time of RFC 5322 §3.3, `Fri, 5 Aug 2016 16:24:41 -0700`. */
export function formatDate(epochMs: number, zone: DateZone = "local"): string {
  const second = Math.floor(epochMs / 1000);
  const cached = cache[zone];
  if (cached.second === second) return cached.text;
  const minutesEast = zone === "utc" ? 0 : -new Date(second * 1000).getTimezoneOffset();
  // Shifted by its offset, the date's UTC fields are those of the zone.
  const date = new Date(second * 1000 + minutesEast * 60_000);
  cached.second = second;
  cached.text =
    `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ` +
    `${date.getUTCFullYear()} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:` +
    `${pad(date.getUTCSeconds())} ${formatOffset(minutesEast)}`;
  return cached.text;
}

const DATE_PATTERN = new RegExp(
  [
    /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s*,)?\s*/,
    /(\d{1,2})\s+([a-z]{3})\s+(\d{2,4})\s+/,
    /(\d{2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?\s+/,
    /([+-]\d{4}|[a-z]{1,5})(?:\s*\([^()]*\))?$/,
  ]
    .map(({ source }) => source)
    .join(""),
  "i",
);

/** Obsolete zones with a meaning; all others are `-0000` (RFC 5322 §4.3). */
const ZONE_HOURS: Readonly<Record<string, number>> = {
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
};

function offsetMinutes(zone: string): number {
  if (!/^[+-]/.test(zone)) return (ZONE_HOURS[zone.toUpperCase()] ?? 0) * 60;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return zone.startsWith("-") ? -minutes : minutes;
}

/** Two- and three-digit years as RFC 5322 §4.3 reads them. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year + (digits.length === 2 && year < 50 ? 2000 : 1900);
}

/**
 * What almost all mail has, as it stands behind the colon, and nothing that could be no date: so
 * the day goes to 28 only.
 */
const USUAL_DATE = new RegExp(
  "^ ?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(?:0?[1-9]|1\\d|2[0-8]) " +
    "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [12]\\d{3} " +
    "(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)? [+-]\\d{4}(?: \\([A-Z]{1,5}\\))?$",
);

/** Whether `parseDate` would read it; quickly so for dates in their usual form. */
export function isDate(text: string): boolean {
  return USUAL_DATE.test(text) || parseDate(text) !== undefined;
}

/** Reads a date-time of RFC 5322 §3.3 with the obsolete forms of §4.3; epoch milliseconds. */
export function parseDate(text: string): number | undefined {
  const match = text.length > 128 ? null : DATE_PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const [, dayText, monthText = "", yearText = "", hour, minute, second = "0", zone = ""] = match;
  const month = MONTHS.findIndex((name) => name.toLowerCase() === monthText.toLowerCase());
  const [day, year] = [Number(dayText), fullYear(yearText)];
  if (month < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)
    return undefined;
  const midnight = new Date(Date.UTC(year, month, day));
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute) - offsetMinutes(zone)) * 60 + Number(second);
  return midnight.getTime() + seconds * 1000;
}
