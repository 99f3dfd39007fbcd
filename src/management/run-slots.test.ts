import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { RunSlots } from "./run-slots.ts";

const clock = fakeClock();

function patience() {
  const control = new AbortController();
  return { leave: () => control.abort(), until: { clock, withinMs: 100, signal: control.signal } };
}

function take(slots: RunSlots, caller: string): () => void {
  const release = slots.take(caller);
  assert.ok(release);
  return release;
}

test("places are bounded, for one caller and in all; one is given back once", () => {
  const slots = new RunSlots({ inAll: 3, perCaller: 2 });
  const release = take(slots, "a");
  take(slots, "a");
  assert.equal(slots.take("a"), undefined);
  take(slots, "b");
  assert.equal(slots.take("c"), undefined);
  release();
  release();
  take(slots, "c");
  assert.equal(slots.take("b"), undefined);
});

test("who waits has the first place that becomes free, before all who come later", async () => {
  const slots = new RunSlots({ inAll: 1, perCaller: 1 });
  const release = take(slots, "a");
  const first = slots.wait("b", patience().until);
  const second = slots.wait("c", patience().until);
  release();
  assert.equal(slots.take("d"), undefined);
  (await first)?.();
  assert.ok(await second);
});

test("who has all his places lets others in line pass", async () => {
  const slots = new RunSlots({ inAll: 2, perCaller: 1 });
  take(slots, "a");
  const release = take(slots, "b");
  const own = slots.wait("a", patience().until);
  const other = slots.wait("c", patience().until);
  release();
  assert.ok(await other);
  clock.advance(100);
  assert.equal(await own, undefined);
});

test("who leaves the line takes no place, and neither does who waited in vain", async () => {
  const slots = new RunSlots({ inAll: 1, perCaller: 1 });
  const release = take(slots, "a");
  const { leave, until } = patience();
  const left = slots.wait("b", until);
  leave();
  release();
  assert.equal(await left, undefined);
  const again = take(slots, "a");
  const inVain = slots.wait("b", patience().until);
  clock.advance(100);
  again();
  assert.equal(await inVain, undefined);
  take(slots, "a");
});

test("the line has an end", async () => {
  const slots = new RunSlots({ inAll: 2, perCaller: 1 });
  take(slots, "a");
  const waiting = Array.from({ length: 4 }, () => slots.wait("a", patience().until));
  assert.equal(await slots.wait("a", patience().until), undefined);
  assert.ok(await slots.wait("b", patience().until));
  clock.advance(100);
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined, undefined, undefined]);
});
