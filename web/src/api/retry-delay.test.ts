import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelayMs } from "./retry-delay.ts";

test("what fails is tried again ever later, within bounds, not by all at once", () => {
  for (const [failures, least, most] of [
    [0, 500, 1_000],
    [1, 1_000, 2_000],
    [3, 4_000, 8_000],
    [4, 7_500, 15_000],
    [5_000, 7_500, 15_000],
  ] as const) {
    assert.equal(retryDelayMs(failures, 0), least);
    assert.equal(retryDelayMs(failures, 1), most);
  }
});
