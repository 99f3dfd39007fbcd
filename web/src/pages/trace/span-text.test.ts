import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMilliseconds, isoOfLocal, localOfIso } from "./span-text.ts";

for (const [spanMs, text] of [
  [0, "0 ms"],
  [450.4, "450 ms"],
  [1000, "1 s"],
  [3249, "3.2 s"],
  [12_700, "13 s"],
  [60_000, "1 min"],
  [245_000, "4 min 5 s"],
  [3_600_000, "1 h"],
  [3_605_000, "1 h"],
  [183_600_000, "2 d 3 h"],
  [-5000, "5 s"],
] as const) {
  test(`formatMilliseconds: ${spanMs}`, () => assert.equal(formatMilliseconds(spanMs), text));
}

test("times of fields and of the server are turned into each other", () => {
  assert.equal(isoOfLocal(localOfIso("2026-03-01T10:07:00.000Z")), "2026-03-01T10:07:00.000Z");
  assert.equal(isoOfLocal("nonsense"), "");
  assert.equal(localOfIso("nonsense"), "");
});
