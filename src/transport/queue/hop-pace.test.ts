import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../../base/units.ts";
import { HopPace } from "./hop-pace.ts";

/** Takes as fast as the pace lets it, until `endMs`; returns when each message went. */
function drain(pace: HopPace, startMs: number, endMs: number): readonly number[] {
  const went: number[] = [];
  let nowMs = startMs;
  while (nowMs < endMs) {
    const waitMs = pace.waitMs(() => nowMs);
    if (waitMs > 0) {
      nowMs += Math.max(1, Math.ceil(waitMs));
      continue;
    }
    went.push(nowMs);
    pace.taken(() => nowMs);
  }
  return went;
}

for (const limit of [1, 2, 60, 599]) {
  test(`no minute has more than ${limit} messages`, () => {
    const pace = new HopPace();
    pace.refresh(0, limit);
    const went = drain(pace, 0, 5 * MINUTE);
    assert.ok(went.length >= limit * 4.5, `${went.length}`);
    for (const start of went) {
      const inMinute = went.filter((at) => at >= start && at < start + MINUTE).length;
      assert.ok(inMinute <= limit, `${inMinute} from ${start}`);
    }
  });
}

test("a fast pace goes in groups, and keeps its rate", () => {
  const pace = new HopPace();
  pace.refresh(0, 60_000);
  const went = drain(pace, 0, MINUTE);
  assert.ok(went.length >= 59_000 && went.length <= 60_101, `${went.length}`);
});

test("without a limit nothing waits, and the clock is not asked", () => {
  const pace = new HopPace();
  const never = () => assert.fail("asked");
  pace.taken(never);
  assert.equal(pace.waitMs(never), 0);
});

test("a slow-down halves the pace, which recovers and is forgotten", () => {
  const pace = new HopPace();
  pace.refresh(0, Number.POSITIVE_INFINITY);
  for (let count = 0; count < 120; count += 1) pace.taken(() => 0);
  assert.equal(pace.slowed(1_000, 8), true);
  assert.equal(pace.slowed(2_000, 8), false, "the same burst");
  assert.deepEqual([pace.connectionsMax, pace.isSlowed], [4, true]);
  assert.equal(drain(pace, 1_000, 1_000 + MINUTE).length, 60);
  pace.refresh(1_000 + 10 * MINUTE, Number.POSITIVE_INFINITY);
  assert.equal(pace.connectionsMax, 14, "one more each minute");
  const nowMs = 1_000 + 30 * MINUTE;
  pace.refresh(nowMs, Number.POSITIVE_INFINITY);
  assert.deepEqual([pace.connectionsMax, pace.isSlowed], [Number.POSITIVE_INFINITY, false]);
  assert.equal(
    pace.waitMs(() => nowMs),
    0,
  );
});

test("the connector's limit holds whatever is learnt", () => {
  const pace = new HopPace();
  pace.refresh(0, 30);
  for (let count = 0; count < 120; count += 1) pace.taken(() => 0);
  pace.slowed(MINUTE * 5, 1);
  pace.refresh(MINUTE * 5, 30);
  assert.ok(drain(pace, MINUTE * 5, MINUTE * 6).length <= 30);
});
