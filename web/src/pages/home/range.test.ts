import assert from "node:assert/strict";
import { test } from "node:test";
import { isoMinute, localMinute, rangeState, readRange } from "./range.ts";

const NOW_MS = Date.parse("2026-06-01T12:34:56Z");

for (const [why, state, name, start] of [
  ["nothing said", {}, "day", "2026-05-31T12:34:56.000Z"],
  ["an hour", { range: "hour" }, "hour", "2026-06-01T11:34:56.000Z"],
  ["a year", { range: "year" }, "year", "2025-06-01T12:34:56.000Z"],
  ["nonsense", { range: "century" }, "day", "2026-05-31T12:34:56.000Z"],
  ["a name of every object", { range: "toString" }, "day", "2026-05-31T12:34:56.000Z"],
  ["an own one without dates", { range: "own" }, "day", "2026-05-31T12:34:56.000Z"],
  [
    "an own one that ends before it begins",
    { range: "own", from: "2026-05-02T00:00Z", to: "2026-05-01T00:00Z" },
    "day",
    "2026-05-31T12:34:56.000Z",
  ],
  [
    "an own one",
    { range: "own", from: "2026-05-01T00:00Z", to: "2026-05-02T00:00Z" },
    "own",
    "2026-05-01T00:00:00.000Z",
  ],
] as const) {
  test(`readRange: ${why}`, () => {
    const range = readRange(state, NOW_MS);
    assert.equal(range.name, name);
    assert.equal(new Date(range.startMs).toISOString(), start);
  });
}

test("what ends now moves along; an own range stands still", () => {
  assert.deepEqual(readRange({ range: "week" }, NOW_MS).parameters, { StartDate: "-7d" });
  const shown = readRange({ range: "hour" }, NOW_MS);
  const own = readRange(rangeState("own", shown), NOW_MS);
  assert.deepEqual(own.parameters, {
    StartDate: "2026-06-01T11:34Z",
    EndDate: "2026-06-01T12:34Z",
  });
  assert.deepEqual(rangeState("week", own), { range: "week", from: undefined, to: undefined });
});

test("a moment in the form of the field comes back as the same minute", () => {
  const minuteMs = Date.parse(isoMinute(NOW_MS));
  assert.equal(Date.parse(localMinute(NOW_MS)), minuteMs);
});
