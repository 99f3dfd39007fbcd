import assert from "node:assert/strict";
import { test } from "node:test";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { MemoryQueueStore } from "../../store/queue-memory.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { IdSource } from "./id-source.ts";

test("ids are handed out once each, over many blocks and two sources", async () => {
  const store = new MemoryQueueStore();
  const sources = [new IdSource(store), new IdSource(store)];
  const ids = new Set<number>();
  for (let count = 0; count < 20_000; count += 1) {
    for (const source of sources) ids.add(await source.next());
  }
  assert.equal(ids.size, 40_000);
});

test("many that wait for the first block all get an id", async () => {
  const source = new IdSource(new MemoryQueueStore());
  const ids = await Promise.all(Array.from({ length: 20_000 }, async () => source.next()));
  assert.equal(new Set(ids).size, 20_000);
});

test("once there is a block no one waits, and a store that fails is asked again", async () => {
  let fails = true;
  const memory = new MemoryQueueStore();
  const source = new IdSource(failingQueueStore(memory, () => fails).store);
  await assert.rejects(async () => source.next(), StoreFailure);
  await assert.rejects(async () => source.next(), StoreFailure);
  fails = false;
  assert.equal(typeof (await source.next()), "number");
  fails = true;
  for (let count = 0; count < 6_000; count += 1) assert.equal(typeof source.next(), "number");
});
