import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "./clock.fake.ts";
import { createSessionIds } from "./session-ids.ts";

test("ids are 16 hex digits, rise, and never come twice, also when the clock goes back", () => {
  const clock = fakeClock(1_700_000_000_000);
  const [one, other] = [createSessionIds(clock, 0), createSessionIds(clock, 1)];
  const ids: string[] = [];
  for (let index = 0; index < 10_000; index += 1) {
    if (index % 1000 === 999) clock.advance(1);
    ids.push(one());
  }
  const back = createSessionIds({ nowMs: () => 5 }, 3);
  const [before, after] = [back(), back()];
  assert.ok(before < after);
  for (const id of ids) assert.match(id, /^[0-9A-F]{14}00$/);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set([...ids, ...ids.map(() => other())]).size, 20_000);
});
