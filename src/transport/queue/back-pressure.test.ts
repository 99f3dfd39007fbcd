import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assessPressure,
  type PressureSample,
  type PressureState,
  RELAXED,
} from "./back-pressure.ts";

const CALM: PressureSample = { disk: 10, memory: 10, submission_queue: 0, event_loop: 1 };

function poll(samples: readonly Partial<PressureSample>[], start: PressureState = RELAXED) {
  let result = assessPressure(start, CALM);
  let state = start;
  for (const sample of samples) {
    result = assessPressure(state, { ...CALM, ...sample });
    state = result.state;
  }
  return result;
}

for (const [why, values, level] of [
  ["below the threshold", [95.9], "Low"],
  ["at Medium", [96], "Medium"],
  ["Medium lasts until 94", [96, 95], "Medium"],
  ["94 is Low again", [96, 94], "Low"],
  ["at High", [99], "High"],
  ["High lasts above 97", [99, 98], "High"],
  ["97 is Medium", [99, 97], "Medium"],
  ["High straight to Low", [99, 50], "Low"],
] as const) {
  test(`disk pressure: ${why}`, () => {
    const { state, pressure } = poll(values.map((disk) => ({ disk })));
    assert.equal(state.levels.disk, level);
    assert.equal(pressure.rejects, level !== "Low");
  });
}

test("a long Submission queue holds senders back, longer each time, then refuses", () => {
  const long = { submission_queue: 10_000 };
  assert.deepEqual(poll([long]).pressure, { rejects: false, delayMs: 10_000 });
  assert.deepEqual(poll([long, long, long]).pressure, { rejects: false, delayMs: 20_000 });
  const often = Array.from({ length: 300 }, () => long);
  assert.deepEqual(poll(often).pressure, { rejects: false, delayMs: 55_000 });
  assert.equal(poll([...often, long]).pressure.rejects, true);
  assert.deepEqual(poll([...often, long, { submission_queue: 2_000 }]).pressure, {
    rejects: false,
    delayMs: 0,
  });
  assert.equal(poll([{ submission_queue: 15_000 }]).pressure.rejects, true);
});

test("each change of level is told with its figure", () => {
  assert.deepEqual(poll([{ memory: 72.5 }]).changes, [
    { resource: "memory", from: "Low", to: "Medium", reason: "72 % of RAM" },
  ]);
  assert.deepEqual(poll([{ memory: 73 }, { memory: 73 }]).changes, []);
});
