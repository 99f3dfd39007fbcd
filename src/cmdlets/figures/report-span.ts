import type { Clock } from "../../base/clock.ts";
import { DAY } from "../../base/units.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { type Moment, momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { isTimeZone } from "../../figures/day-calendar.ts";
import type { SettingType } from "../../org/settings/setting.ts";
import { Problem, scalarType } from "../../org/settings/setting-types.ts";

const TIME_ZONE_CHARACTERS_MAX = 64;

/** The span that a report is about. */
export interface ReportSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** -StartDate and -EndDate. */
export const SPAN_PARAMETERS = {
  StartDate: optionalParameter(momentType(), "From this time on; without it, the last day."),
  EndDate: optionalParameter(momentType(), "Before this time; without it, until now."),
};

/** A time zone by its name. */
export function timeZoneType(): SettingType<string> {
  return scalarType({
    label: "time zone",
    suffix: "",
    form: { kind: "text", charactersMax: TIME_ZONE_CHARACTERS_MAX },
    parse: (text) =>
      isTimeZone(text) ? text : new Problem("is no time zone; write one like Europe/Berlin"),
  });
}

/** The span that was asked for. @throws CmdletFault when nothing lies in it */
export function readSpan(
  input: { readonly startDate: Moment | undefined; readonly endDate: Moment | undefined },
  clock: Clock,
): ReportSpan {
  const nowMs = clock.nowMs();
  const endMs = input.endDate === undefined ? nowMs : momentMs(input.endDate, nowMs);
  const startMs = input.startDate === undefined ? endMs - DAY : momentMs(input.startDate, nowMs);
  if (startMs < endMs) return { startMs, endMs };
  throw new CmdletFault(
    "bad-parameter",
    "-EndDate is not after the start: nothing lies between them",
    { parameter: "EndDate" },
  );
}

/** ISO 8601 in UTC. */
export function isoDate(atMs: number): string {
  return new Date(atMs).toISOString();
}
