import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTimestampFormat } from "./timestamp.ts";

test("a timestamp is what Date shows, whatever was shown before", () => {
  const format = createTimestampFormat();
  const epochMs = fc.integer({ min: -1_000_000_000, max: 4_102_444_800_000 });
  const nearby = fc.tuple(epochMs, fc.array(fc.integer({ min: -2500, max: 2500 })));
  fc.assert(
    fc.property(nearby, ([startMs, steps]) => {
      for (const step of [0, ...steps]) {
        assert.equal(format(startMs + step), new Date(startMs + step).toISOString());
      }
    }),
  );
});

test("a fraction of a millisecond is cut, and no number throws", () => {
  const format = createTimestampFormat();
  assert.equal(format(999.9), "1970-01-01T00:00:00.999Z");
  for (const atMs of [Number.POSITIVE_INFINITY, -8.7e15]) {
    assert.match(format(atMs), /^[+-]\d{6}-\d\d-\d\dT[\d:.]{12}Z$/);
  }
});
