import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "./clock.fake.ts";
import { RecentValues } from "./recent-values.ts";

/** Values that are numbered as they are made, each in `costMs`. */
function open(costMs: number) {
  const clock = fakeClock();
  const values = new RecentValues<{ readonly number: number }>(clock, { countMax: 2 });
  let count = 0;
  const make = async () => {
    count += 1;
    const number = count;
    await Promise.resolve();
    clock.advance(costMs);
    return { number };
  };
  const recent = async (key = "a") => (await values.recent(key, make)).number;
  const fresh = async (key = "a") => (await values.fresh(key, make)).number;
  return { clock, values, recent, fresh };
}

test("what is cheap is made anew each time", async () => {
  const { recent } = open(49);
  assert.equal(await recent(), 1);
  assert.equal(await recent(), 2);
});

test("what is costly is shown again for ten times as long as it took", async () => {
  const { recent, clock } = open(100);
  assert.equal(await recent(), 1);
  clock.advance(999);
  assert.equal(await recent(), 1);
  clock.advance(1);
  assert.equal(await recent(), 2);
});

test("but never longer than five seconds", async () => {
  const { recent, clock } = open(3_000);
  assert.equal(await recent(), 1);
  clock.advance(5_000);
  assert.equal(await recent(), 2);
});

test("those who ask at one moment wait for one making, but for a fresh one", async () => {
  const { recent, fresh } = open(100);
  assert.deepEqual(await Promise.all([recent(), recent()]), [1, 1]);
  assert.equal(await fresh(), 2);
  assert.equal(await recent(), 2);
});

test("after a change neither what was made nor what is being made is shown again", async () => {
  const { recent, values } = open(100);
  assert.equal(await recent(), 1);
  const begun = recent("b");
  values.forget();
  assert.equal(await begun, 2);
  assert.equal(await recent(), 3);
  assert.equal(await recent("b"), 4);
});

test("no more than its number are kept, and failures are not", async () => {
  const { recent, values } = open(100);
  for (const key of ["a", "b", "c"]) await recent(key);
  assert.equal(await recent("a"), 4);
  await assert.rejects(
    values.fresh("x", async () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await recent("x"), 5);
});
