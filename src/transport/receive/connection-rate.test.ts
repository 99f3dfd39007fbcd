import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../../base/units.ts";
import { countConnection, findConnectionExcess } from "./connection-rate.ts";
import { ownRateCounts } from "./rate-counts.ts";

/** How many of `tries` connections from there get in. */
function openDoor(ratePerMinute: number) {
  const counts = ownRateCounts();
  let nowMs = 1_700_000_000_000;
  return {
    wait: () => {
      nowMs += 2 * MINUTE;
    },
    come(remoteAddress: string, tries: number): number {
      let admitted = 0;
      for (let index = 0; index < tries; index += 1) {
        const connection = { remoteAddress, ratePerMinute, nowMs };
        if (findConnectionExcess(counts, connection) !== undefined) continue;
        countConnection(counts, connection);
        admitted += 1;
      }
      return admitted;
    },
  };
}

test("one client that comes and goes leaves a quarter of the rate to the others", () => {
  const door = openDoor(1200);
  assert.equal(door.come("192.0.2.1", 5000), 900);
  assert.equal(door.come("192.0.2.2", 100), 100);
  assert.equal(door.come("192.0.2.2", 100), 20, "a tenth of it at most");
  assert.equal(door.come("2001:db8::1", 1), 1);
  assert.equal(door.come("192.0.2.1", 1), 0);
  door.wait();
  assert.equal(door.come("192.0.2.1", 1), 1);
});

test("the rate itself holds for all together", () => {
  const door = openDoor(100);
  for (let host = 1; host <= 10; host += 1) assert.equal(door.come(`192.0.2.${host}`, 10), 10);
  assert.equal(door.come("192.0.2.11", 1), 0);
});

for (const [ratePerMinute, want] of [
  [1, 1],
  [20, 20],
  [26, 20],
  [40, 30],
  [Infinity, 100],
] as const) {
  test(`alone, a client gets ${want} of ${ratePerMinute}`, () => {
    assert.equal(openDoor(ratePerMinute).come("192.0.2.1", 100), want);
  });
}
