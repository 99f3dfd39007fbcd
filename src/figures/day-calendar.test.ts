import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY, HOUR } from "../base/units.ts";
import { DayCalendar, isTimeZone } from "./day-calendar.ts";

for (const [zone, at, start, end] of [
  ["UTC", "2026-06-01T12:00Z", "2026-06-01T00:00Z", "2026-06-02T00:00Z"],
  ["Europe/Berlin", "2026-06-01T22:00Z", "2026-06-01T22:00Z", "2026-06-02T22:00Z"],
  ["Europe/Berlin", "2026-06-01T21:59Z", "2026-05-31T22:00Z", "2026-06-01T22:00Z"],
  // Clocks go forward and back.
  ["Europe/Berlin", "2026-03-29T05:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"],
  ["Europe/Berlin", "2026-10-25T23:30Z", "2026-10-25T23:00Z", "2026-10-26T23:00Z"],
  ["Europe/Berlin", "2026-10-25T22:30Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"],
  ["America/St_Johns", "2026-01-05T03:30Z", "2026-01-05T03:30Z", "2026-01-06T03:30Z"],
  ["Pacific/Kiritimati", "2026-01-05T10:00Z", "2026-01-05T10:00Z", "2026-01-06T10:00Z"],
  // There is no midnight: the day begins at one o'clock.
  ["America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"],
] as const) {
  test(`${at} in ${zone} is of the day from ${start} on`, () => {
    const { startMs, endMs } = new DayCalendar(zone).dayOf(Date.parse(at));
    const iso = (ms: number) => new Date(ms).toISOString().replace(":00.000", "");
    assert.deepEqual([iso(startMs), iso(endMs)], [start, end]);
  });
}

test("days follow one another without a gap, and each moment lies in its own", () => {
  const zones = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
  for (const zone of zones) {
    const calendar = new DayCalendar(zone);
    const at = fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2030-01-01") });
    fc.assert(
      fc.property(at, (atMs) => {
        const day = calendar.dayOf(atMs);
        assert.ok(day.startMs <= atMs && atMs < day.endMs);
        assert.equal(calendar.dayOf(day.endMs).startMs, day.endMs);
        assert.equal(calendar.dayOf(day.startMs).startMs, day.startMs);
        assert.ok(Math.abs(day.endMs - day.startMs - DAY) <= HOUR);
      }),
    );
  }
});

test("a zone is one that the calendar knows", () => {
  assert.deepEqual(["UTC", "Asia/Kolkata", "Nowhere/At_All", ""].map(isTimeZone), [
    ...[true, true, false, false],
  ]);
});
