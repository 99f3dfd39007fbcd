import assert from "node:assert/strict";
import { test } from "node:test";
import { restMs } from "./pace-of-indexing.ts";

for (const [why, stepMs, busyShare, wantedMs] of [
  ["an idle machine waits for nobody", 10, 0, 1],
  ["half a rest when there is something to do", 10, 0.3, 5],
  ["two rests when there is much to do", 10, 0.6, 20],
  ["thirty when the machine is full", 10, 0.85, 300],
  ["never longer than two seconds", 400, 1, 2000],
] as const) {
  test(`restMs: ${why}`, () => {
    assert.equal(restMs(stepMs, busyShare), wantedMs);
  });
}
