import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { MinuteRate } from "./minute-rate.ts";

test("a rate is what happened in the last minute, and nothing before", () => {
  const rate = new MinuteRate();
  assert.equal(rate.perSecond(HOUR), 0);
  for (let second = 0; second < 60; second += 1) {
    rate.add(HOUR + second * SECOND);
    rate.add(HOUR + second * SECOND);
  }
  assert.equal(rate.perSecond(HOUR + MINUTE - 1), 2);
  assert.equal(rate.perSecond(HOUR + MINUTE + 30 * SECOND - 1), 1);
  assert.equal(rate.perSecond(HOUR + 2 * MINUTE), 0);
  rate.add(3 * HOUR);
  assert.equal(rate.perSecond(3 * HOUR), 1 / 60);
});

test("the first event counts, whatever the clock says", () => {
  for (const atMs of [0, 1, 2_999, 3_000, 59_999, 1e9]) {
    const rate = new MinuteRate();
    rate.add(atMs);
    assert.equal(rate.perSecond(atMs), 1 / 60);
  }
});
