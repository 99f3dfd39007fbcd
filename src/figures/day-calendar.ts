import { DAY, HOUR } from "../base/units.ts";

/** A day: from its midnight to the next one, epoch ms. */
export interface CalendarDay {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether days can be had of a time zone of that name (IANA, as in `Europe/Berlin`). */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Days as a time zone has them: of 23 and 25 hours, too, where its clocks are changed. */
export class DayCalendar {
  readonly #format: Intl.DateTimeFormat;

  /** @param timeZone one for which `isTimeZone` */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  }

  /** The day in which a moment lies. */
  dayOf(atMs: number): CalendarDay {
    const startMs = this.#midnight(atMs);
    // Midnight may come an hour early or late, but no day is half a day longer than another.
    return { startMs, endMs: this.#midnight(startMs + DAY + 12 * HOUR) };
  }

  /** The last midnight up to a moment; where clocks skip it, the day begins with them. */
  #midnight(atMs: number): number {
    const localMs = Math.floor((atMs + this.#offsetMs(atMs)) / DAY) * DAY;
    const near = localMs - this.#offsetMs(atMs);
    const startMs = localMs - this.#offsetMs(near);
    return startMs > atMs ? near : startMs;
  }

  #offsetMs(atMs: number): number {
    const text = this.#format.formatToParts(atMs).find(({ type }) => type === "timeZoneName");
    const [, sign, hours, minutes = "0", seconds = "0"] =
      /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(text?.value ?? "") ?? [];
    if (hours === undefined) return 0;
    const spanMs = Number(hours) * HOUR + Number(minutes) * 60_000 + Number(seconds) * 1000;
    return sign === "-" ? -spanMs : spanMs;
  }
}
