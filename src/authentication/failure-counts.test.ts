import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR } from "../base/units.ts";
import { createFailureMemory, openFailureCounts } from "./failure-counts.ts";

const NOW = 1_700_000_000_000;

test("failures add up over the threads that share the memory, and fade", () => {
  const memory = createFailureMemory();
  const [one, other] = [openFailureCounts(memory), openFailureCounts(memory)];
  for (let count = 0; count < 3; count += 1) {
    one.add("alice", NOW);
    other.add("alice", NOW);
  }
  assert.deepEqual(one.read("alice", NOW), { level: 6, lastMs: NOW });
  assert.deepEqual(other.read("bob", NOW), { level: 0, lastMs: 0 });
  other.add("alice", NOW + HOUR);
  assert.deepEqual(one.read("alice", NOW), { level: 4, lastMs: NOW + HOUR });
  other.clear("alice");
  assert.equal(one.read("alice", NOW).level, 0);
});

test("ten thousand names leave the others as they were, in memory that does not grow", () => {
  const memory = createFailureMemory();
  const counts = openFailureCounts(memory);
  for (let name = 0; name < 10_000; name += 1) counts.add(`name ${name}`, NOW);
  let wronged = 0;
  for (let name = 0; name < 1000; name += 1) {
    if (counts.read(`other ${name}`, NOW).level >= 4) wronged += 1;
  }
  assert.equal(wronged, 0);
  assert.ok(memory.byteLength < 2 * 1024 ** 2);
});

test("a name that fails for ever is still a number", () => {
  const counts = openFailureCounts(createFailureMemory());
  for (let count = 0; count < 1500; count += 1) counts.add("alice", NOW);
  assert.equal(counts.read("alice", NOW).level, 1000);
});

test("where a user logs on from is known for a month, and each place is one's own", () => {
  const memory = createFailureMemory();
  const [one, other] = [openFailureCounts(memory), openFailureCounts(memory)];
  one.remember("alice at home", NOW);
  assert.equal(other.isRemembered("alice at home", NOW + 29 * DAY), true);
  assert.equal(other.isRemembered("alice at home", NOW + 31 * DAY), false);
  assert.equal(other.isRemembered("alice at work", NOW), false);
  for (let name = 0; name < 2000; name += 1) one.remember(`user ${name}`, NOW);
  const names = Array.from({ length: 2000 }, (_, name) => `user ${name}`);
  assert.ok(names.filter((name) => other.isRemembered(name, NOW)).length > 1990);
  assert.equal(names.filter((name) => other.isRemembered(`${name}!`, NOW)).length, 0);
});

test("the newest places stay when memory is full", () => {
  const counts = openFailureCounts(createFailureMemory());
  for (let name = 0; name < 100_000; name += 1) counts.remember(`old ${name}`, NOW);
  counts.remember("alice", NOW + HOUR);
  assert.equal(counts.isRemembered("alice", NOW + HOUR), true);
});

test("two servers put the same name into different cells", () => {
  const [first, second] = [createFailureMemory(), createFailureMemory()];
  openFailureCounts(first).add("alice", NOW);
  openFailureCounts(second).add("alice", NOW);
  assert.notDeepEqual(Buffer.from(first), Buffer.from(second));
  assert.throws(() => openFailureCounts(new SharedArrayBuffer(64)));
});
