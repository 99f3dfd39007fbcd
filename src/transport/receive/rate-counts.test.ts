import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HOUR, MINUTE, SECOND } from "../../base/units.ts";
import {
  openRateCounts,
  ownRateCounts,
  type RateCounts,
  type RateKey,
  rateCountsBytes,
} from "./rate-counts.ts";
import { RATE_WINDOW, type RateWindow } from "./rate-window.ts";

const { minute, hour, day } = RATE_WINDOW;
const NOW_MS = 1_700_006_400_000;
const KEY: RateKey = { direction: "in", events: "messages", source: "a", destination: "b" };

function total(counts: RateCounts, key: RateKey, window: RateWindow, nowMs: number): number {
  return counts.count(key, { window, nowMs }).reduce((sum, { count }) => sum + count, 0);
}

test("all threads count in one table", () => {
  const memory = new SharedArrayBuffer(rateCountsBytes());
  const [one, other] = [openRateCounts(memory), openRateCounts(memory)];
  one.add(KEY, { window: minute, nowMs: NOW_MS, amount: 2 });
  other.add(KEY, { window: minute, nowMs: NOW_MS, amount: 3 });
  assert.equal(total(one, KEY, minute, NOW_MS), 5);
  assert.equal(total(other, KEY, minute, NOW_MS), 5);
});

test("every part of a key tells counts apart, and so does the window", () => {
  const counts = openRateCounts(new SharedArrayBuffer(rateCountsBytes()));
  counts.add(KEY, { window: minute, nowMs: NOW_MS, amount: 1 });
  for (const part of [
    { direction: "out" },
    { events: "recipients" },
    { source: "b" },
    { destination: "a" },
    { source: "b", destination: "a" },
    { source: "", destination: "b\0a" },
  ] as const) {
    assert.equal(total(counts, { ...KEY, ...part }, minute, NOW_MS), 0, JSON.stringify(part));
  }
  assert.equal(total(counts, KEY, hour, NOW_MS), 0);
  assert.equal(total(counts, KEY, minute, NOW_MS), 1);
});

test("what is counted is forgotten after the window and at most one slice", () => {
  const counts = ownRateCounts();
  for (const [window, spanMs, sliceMs] of [
    [minute, MINUTE, 5 * SECOND],
    [hour, HOUR, 5 * MINUTE],
    [day, 24 * HOUR, 2 * HOUR],
  ] as const) {
    const atMs = NOW_MS + sliceMs - 1;
    counts.add(KEY, { window, nowMs: atMs, amount: 7 });
    assert.equal(total(counts, KEY, window, atMs + spanMs), 7, window.name);
    assert.equal(total(counts, KEY, window, atMs + spanMs + sliceMs), 0, window.name);
    // Its place is taken again long before anybody has cleared it.
    counts.add(KEY, { window, nowMs: atMs + spanMs + sliceMs, amount: 1 });
    assert.equal(total(counts, KEY, window, atMs + spanMs + sliceMs), 1, window.name);
  }
});

test("a count that is as high as it can be stays there", () => {
  const counts = ownRateCounts();
  for (const amount of [2 ** 32 - 2, 5, 5]) {
    counts.add(KEY, { window: minute, nowMs: NOW_MS, amount });
  }
  assert.equal(total(counts, KEY, minute, NOW_MS), 2 ** 32 - 1);
});

test("a count is never too low, whatever else is counted, in however little room", () => {
  const event = fc.record({
    source: fc.integer({ min: 0, max: 400 }),
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    amount: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 400 }), (events) => {
      const counts = ownRateCounts();
      const seen: { readonly source: number; readonly atMs: number; readonly amount: number }[] =
        [];
      let nowMs = NOW_MS;
      for (const { source, afterMs, amount } of events) {
        nowMs += afterMs;
        const key = { ...KEY, source: String(source) };
        counts.add(key, { window: minute, nowMs, amount });
        seen.push({ source, atMs: nowMs, amount });
        const truth = seen
          .filter((one) => one.source === source && one.atMs > nowMs - MINUTE)
          .reduce((sum, one) => sum + one.amount, 0);
        assert.ok(total(counts, key, minute, nowMs) >= truth);
      }
    }),
    { numRuns: 50 },
  );
});

test("ten thousand sources in a minute: hardly one is overcounted", () => {
  const counts = openRateCounts(new SharedArrayBuffer(rateCountsBytes()));
  const keys = Array.from({ length: 10_000 }, (_, index) => ({ ...KEY, source: `10.0.${index}` }));
  for (const key of keys) counts.add(key, { window: minute, nowMs: NOW_MS, amount: 1 });
  const wrong = keys.filter((key) => total(counts, key, minute, NOW_MS) > 1);
  // 10,000 / 32,768 cells: all four are shared with a chance of 0.5 %.
  assert.ok(wrong.length < 200, `${wrong.length}`);
});
