import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Gate } from "./gate.ts";

test("never more than the limit, in the order they came, however the jobs end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 20 }),
      fc.scheduler(),
      async (limit, fates, scheduler) => {
        const gate = new Gate();
        const started: number[] = [];
        let runningCount = 0;
        const jobs = fates.map((succeeds, index) =>
          gate.run(limit, async () => {
            started.push(index);
            runningCount += 1;
            assert.ok(runningCount <= limit);
            await scheduler.schedule(Promise.resolve());
            runningCount -= 1;
            if (!succeeds) throw new Error("failed");
          }),
        );
        const ended = Promise.allSettled(jobs);
        await scheduler.waitIdle();
        const ends = await ended;
        assert.deepEqual(
          ends.map(({ status }) => status === "fulfilled"),
          fates,
        );
        assert.deepEqual(
          started,
          fates.map((_, index) => index),
        );
        assert.equal(gate.idle, true);
      },
    ),
  );
});
