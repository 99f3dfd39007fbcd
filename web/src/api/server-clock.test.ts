import assert from "node:assert/strict";
import { test } from "node:test";
import { aheadMs } from "./server-clock.ts";

const HOUR_MS = 3_600_000;

for (const [why, dateMs, sentMs, receivedMs, ahead] of [
  ["within the second that the header stands for", 5_000, 5_300, 5_400, 0],
  ["a slow answer says nothing of clocks", 5_000, 4_000, 24_000, 0],
  ["the browser is behind", HOUR_MS, 0, 100, HOUR_MS - 100],
  ["the browser is ahead", 0, HOUR_MS, HOUR_MS + 100, 1_000 - HOUR_MS],
] as const) {
  test(`clocks: ${why}`, () => {
    assert.equal(aheadMs({ dateMs, sentMs, receivedMs }), ahead);
  });
}
