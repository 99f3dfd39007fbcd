import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { SECOND } from "../base/units.ts";
import { SourceLimit } from "./source-limit.ts";

test("each source has so many at once, and some more as time passes", () => {
  const clock = fakeClock();
  const limit = new SourceLimit(clock, { burst: 3, perSecond: 1 });
  const taken = (source: string) => [1, 2, 3, 4].map(() => limit.take(source));
  assert.deepEqual(taken("a"), [true, true, true, false]);
  assert.deepEqual(taken("b"), [true, true, true, false]);
  clock.advance(2 * SECOND);
  assert.deepEqual(taken("a"), [true, true, false, false]);
  clock.advance(3600 * SECOND);
  assert.deepEqual(taken("a"), [true, true, true, false]);
});

test("very many sources are not all remembered; the latest ones are", () => {
  const limit = new SourceLimit(fakeClock(), { burst: 1, perSecond: 1 });
  assert.equal(limit.take("first"), true);
  for (let number = 0; number < 10_000; number += 1) limit.take(`source ${number}`);
  assert.equal(limit.take("source 9999"), false);
  assert.equal(limit.take("first"), true, "it was forgotten");
});
