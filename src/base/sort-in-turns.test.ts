import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sortInTurns } from "./sort-in-turns.ts";

const byKey = (left: { readonly key: number }, right: { readonly key: number }) =>
  left.key - right.key;

test("sorts as toSorted does, equal ones in their order", async () => {
  const keys = fc.array(fc.nat(50), { maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(keys, fc.constantFrom(1, 100, 137), async (some, times) => {
      const items = Array.from({ length: some.length * times }, (_, at) => ({
        key: (some[at % some.length] ?? 0) ^ (at % 7),
        at,
      }));
      assert.deepEqual(await sortInTurns(items, byKey), items.toSorted(byKey));
    }),
    { numRuns: 40 },
  );
});

test("others get their turn", async () => {
  const items = Array.from({ length: 50_000 }, (_, at) => ({ key: (at * 7919) % 50_021 }));
  let turns = 0;
  let isSorted = false;
  const count = () => {
    turns += 1;
    if (!isSorted) setImmediate(count);
  };
  setImmediate(count);
  await sortInTurns(items, byKey);
  isSorted = true;
  assert.ok(turns > 20, `${turns} turns`);
});
