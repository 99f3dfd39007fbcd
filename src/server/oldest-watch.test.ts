import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { SECOND } from "../base/units.ts";
import type { LogHost } from "./log-host.ts";
import { OldestWatch } from "./oldest-watch.ts";

const SLICE = 5000;

/** A queue in which so many in quarantine come before the first that waits. */
function setUp(quarantined: number) {
  const clock = fakeClock();
  const asked: number[] = [];
  const remote = {
    // The only question that it is asked.
    ask: async (_what: string, from: number) => {
      asked.push(from);
      return from + SLICE > quarantined
        ? { receivedMs: 7, from: quarantined }
        : { from: from + SLICE };
    },
  };
  const logs = { remote } as unknown as Pick<LogHost, "remote">;
  const watch = new OldestWatch({ clock, logs });
  const look = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 5) {
      watch.refresh();
      clock.advance(5 * SECOND);
      for (let turn = 0; turn < 20; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { watch, look, asked };
}

test("the oldest is found behind whatever lies in quarantine", async () => {
  const { watch, look } = setUp(500_000);
  await look(60);
  assert.equal(watch.receivedMs, undefined);
  await look(120);
  assert.equal(watch.receivedMs, 7);
});

test("once a minute it begins anew", async () => {
  const { watch, look, asked } = setUp(0);
  await look(70);
  assert.equal(watch.receivedMs, 7);
  assert.ok(asked.filter((from) => from === 0).length >= 2);
});
