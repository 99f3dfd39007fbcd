import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { dueDigest } from "./digest-schedule.ts";

const MIDNIGHT_MS = Date.UTC(2026, 10, 20);
const DAILY = { endUserSpamNotificationFrequencyMs: DAY, endUserSpamNotificationTimeMs: 8 * HOUR };
const EIGHT_MS = MIDNIGHT_MS + 8 * HOUR;

for (const [why, nowMs, lastMs, want] of [
  ["the first one", EIGHT_MS + HOUR, undefined, [EIGHT_MS - DAY, EIGHT_MS]],
  ["before its time", EIGHT_MS - 1, EIGHT_MS - DAY, undefined],
  ["at its time", EIGHT_MS, EIGHT_MS - DAY, [EIGHT_MS - DAY, EIGHT_MS]],
  ["it was sent", EIGHT_MS + MINUTE, EIGHT_MS, undefined],
  ["two were missed", EIGHT_MS + HOUR, EIGHT_MS - 3 * DAY, [EIGHT_MS - 3 * DAY, EIGHT_MS]],
  ["a long pause", EIGHT_MS, EIGHT_MS - 90 * DAY, [EIGHT_MS - 7 * DAY, EIGHT_MS]],
  ["a clock put back", EIGHT_MS - 5 * DAY, EIGHT_MS, undefined],
] as const) {
  test(`a daily digest: ${why}`, () => {
    const due = dueDigest(DAILY, { nowMs, lastMs });
    assert.deepEqual(due && [due.afterMs, due.throughMs], want);
  });
}

test("every four hours, counted from its time of day", () => {
  const policy = {
    endUserSpamNotificationFrequencyMs: 4 * HOUR,
    endUserSpamNotificationTimeMs: HOUR,
  };
  const nowMs = MIDNIGHT_MS + 14 * HOUR;
  const due = dueDigest(policy, { nowMs, lastMs: MIDNIGHT_MS + 9 * HOUR });
  assert.deepEqual(due, {
    afterMs: MIDNIGHT_MS + 9 * HOUR,
    throughMs: MIDNIGHT_MS + 13 * HOUR,
  });
});
