import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PriorityFifo } from "./priority-fifo.ts";

test("High leaves before Normal before Low, each in order of arrival", () => {
  const priority = fc.constantFrom("High" as const, "Normal" as const, "Low" as const);
  fc.assert(
    fc.property(fc.array(priority, { maxLength: 3_000 }), (priorities) => {
      const fifo = new PriorityFifo<number>();
      priorities.forEach((each, index) => void fifo.push(index, each));
      const want = (["High", "Normal", "Low"] as const).flatMap((each) =>
        priorities.flatMap((other, index) => (other === each ? [index] : [])),
      );
      assert.equal(fifo.length, want.length);
      assert.deepEqual(fifo.values(), want);
      assert.deepEqual(fifo.drain(), want);
      assert.equal(fifo.shift(), undefined);
      assert.equal(fifo.length, 0);
    }),
    { numRuns: 30 },
  );
});

test("what is taken out between arrivals never comes again", () => {
  const fifo = new PriorityFifo<number>();
  const seen: number[] = [];
  for (let index = 0; index < 5_000; index += 1) {
    fifo.push(index, "Normal");
    if (index % 3 === 0) seen.push(fifo.shift() ?? -1);
  }
  seen.push(...fifo.drain());
  assert.deepEqual(
    seen,
    Array.from({ length: 5_000 }, (_, index) => index),
  );
});
