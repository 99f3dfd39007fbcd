import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { decideRate, isInWindow, RATE_WINDOW, sliceAt, slicesOf } from "./rate-window.ts";

const { minute } = RATE_WINDOW;
/** The beginning of a slice of every window. */
const NOW_MS = 1_700_006_400_000;
const THIS = sliceAt(minute, NOW_MS);

test("every window is a whole number of slices", () => {
  for (const window of Object.values(RATE_WINDOW)) {
    assert.ok(Number.isInteger(slicesOf(window)), window.name);
    assert.equal(NOW_MS % window.sliceMs, 0, window.name);
  }
});

for (const [why, slice, afterMs, want] of [
  ["its own slice", THIS, 0, true],
  ["a minute later, nearly", THIS, MINUTE - 1, true],
  ["a minute later, and the rest of its slice", THIS, MINUTE + 5 * SECOND - 1, true],
  ["forgotten", THIS, MINUTE + 5 * SECOND, false],
  ["after the clock was set back a little", THIS + 12, 0, true],
  ["after the clock was set back by more than the window", THIS + 13, 0, false],
] as const) {
  test(`a slice counts: ${why}`, () => {
    assert.equal(isInWindow(minute, slice, NOW_MS + afterMs), want);
  });
}

const three = [
  { slice: THIS, count: 5 },
  { slice: THIS - 12, count: 2 },
  { slice: THIS - 6, count: 3 },
];
for (const [why, limit, amount, want] of [
  ["room for one", 11, 1, "within"],
  ["room for two", 12, 2, "within"],
  ["no limit", Number.POSITIVE_INFINITY, 1000, "within"],
  // The slice of 60 s ago goes when this one ends, that of 30 s ago half a minute later.
  ["one too many goes with the oldest", 10, 1, 5 * SECOND],
  ["three too many go with the next", 10, 3, 35 * SECOND],
  ["all have to go", 10, 6, 65 * SECOND],
  ["never", 10, 11, MINUTE],
] as const) {
  test(`decideRate: ${why}`, () => {
    const decision = decideRate(three, { window: minute, limit, amount, nowMs: NOW_MS });
    assert.equal(decision.kind === "within" ? "within" : decision.retryAfterMs, want);
  });
}

test("decideRate counts what has not ended yet from where it is", () => {
  const nowMs = NOW_MS + 4 * SECOND;
  const question = { window: minute, limit: 10, amount: 1, nowMs };
  const decision = decideRate(three, question);
  assert.deepEqual(decision, { kind: "exceeded", total: 10, retryAfterMs: SECOND });
});

test("decideRate knows hours and days", () => {
  const { day, hour } = RATE_WINDOW;
  for (const [window, wantMs] of [
    [hour, 65 * MINUTE],
    [day, 26 * HOUR],
  ] as const) {
    const counts = [{ slice: sliceAt(window, NOW_MS), count: 1 }];
    const decision = decideRate(counts, { window, limit: 1, amount: 1, nowMs: NOW_MS });
    assert.deepEqual(decision, { kind: "exceeded", total: 1, retryAfterMs: wantMs });
  }
});
