import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mergeTops, TopCounts } from "./top-counts.ts";

test("few names are counted as they are, the most frequent first", () => {
  const counts = new TopCounts();
  for (const name of ["b", "a", "b", "c", "b", "c"]) counts.add(name, 1);
  assert.deepEqual(counts.list(), [
    { name: "b", count: 3, excess: 0 },
    { name: "c", count: 2, excess: 0 },
    { name: "a", count: 1, excess: 0 },
  ]);
});

test("in bounded room: frequent names are there, not too low, and it says how far off", () => {
  const names = fc.array(fc.nat(40).map(String), { maxLength: 500 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 12 }), (stream, room) => {
      const counts = new TopCounts([], room);
      const truth = new Map<string, number>();
      for (const name of stream) {
        counts.add(name, 1);
        truth.set(name, (truth.get(name) ?? 0) + 1);
      }
      const list = counts.list();
      assert.ok(list.length <= room);
      for (const { name, count, excess } of list) {
        const real = truth.get(name) ?? 0;
        assert.ok(count >= real && count - excess <= real, `${name}: ${count}, ${excess}, ${real}`);
      }
      for (const [name, real] of truth) {
        if (real > stream.length / room) assert.ok(list.some((one) => one.name === name));
      }
    }),
  );
});

test("a list that was kept goes on where it was", () => {
  const first = new TopCounts([], 2);
  first.add("a", 5);
  first.add("b", 3);
  const second = new TopCounts(first.list(), 2);
  second.add("c", 1);
  second.add("a", 1);
  assert.deepEqual(second.list(), [
    { name: "a", count: 6, excess: 0 },
    { name: "c", count: 4, excess: 3 },
  ]);
});

test("lists are added up by name", () => {
  const merged = mergeTops([
    [{ name: "a", count: 2, excess: 1 }],
    [
      { name: "b", count: 4, excess: 0 },
      { name: "a", count: 3, excess: 0 },
    ],
  ]);
  assert.deepEqual(merged, [
    { name: "a", count: 5, excess: 1 },
    { name: "b", count: 4, excess: 0 },
  ]);
});
