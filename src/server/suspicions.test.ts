import assert from "node:assert/strict";
import { test } from "node:test";
import { SECOND } from "../base/units.ts";
import { POISON_QUEUE_ID } from "../store/queue-store.ts";
import { RELAYED } from "../transport/queue/hop.fake.ts";
import { QueueBench } from "../transport/queue/queue-bench.fake.ts";
import { Suspicions } from "./suspicions.ts";

function inHand(...ids: readonly number[]) {
  return { alone: undefined, inHand: ids };
}

test("what a thread was at alone is to blame at once, and nobody with it", () => {
  const suspicions = new Suspicions();
  assert.deepEqual(suspicions.died(0, { alone: 7, inHand: [5, 6, 7] }), [7]);
  assert.deepEqual(suspicions.died(0, { alone: 7, inHand: [5, 7] }), [7]);
  assert.deepEqual(suspicions.all, []);
});

test("being in hand makes a suspect; two deaths with a suspect in hand are one crash", () => {
  const suspicions = new Suspicions();
  const blamed = [1, 2, 3, 4, 5].map((other) => suspicions.died(0, inHand(100, 100 + other)));
  assert.deepEqual(blamed, [[], [], [100], [], [100]]);
  assert.equal(suspicions.all[0], 100, "it is tried before those that were in hand with it");
});

test("a suspect that a thread has lived through is as any other message", () => {
  const suspicions = new Suspicions();
  suspicions.died(0, inHand(1, 2));
  suspicions.died(0, inHand(1));
  suspicions.cleared(0, 1);
  assert.deepEqual(suspicions.all, [2]);
  assert.deepEqual(suspicions.died(0, inHand(1)), []);
  assert.deepEqual(suspicions.died(0, inHand(1)), []);
  assert.deepEqual(suspicions.died(0, inHand(1)), [1]);
});

test("suspects outlive the successor that had no time for them; each thread clears its own", () => {
  const suspicions = new Suspicions();
  suspicions.died(1, inHand(1, 2));
  suspicions.died(1, inHand());
  suspicions.died(0, inHand(2));
  assert.deepEqual(suspicions.all, [1, 2]);
  suspicions.cleared(0, 1);
  suspicions.cleared(0, 2);
  assert.deepEqual(suspicions.all, [1, 2]);
  suspicions.cleared(1, 2);
  assert.deepEqual(suspicions.all, [1]);
});

test("the oldest of too many suspects are let go", () => {
  const suspicions = new Suspicions();
  for (let death = 0; death < 5; death += 1) {
    const ids = Array.from({ length: 4_096 }, (_, index) => death * 4_096 + index);
    suspicions.died(0, { alone: undefined, inHand: ids });
  }
  assert.equal(suspicions.all.length, 16_384);
  assert.ok(!suspicions.all.includes(0));
});

test("a message that is fatal to deliver is found within five deaths, and it alone", async () => {
  const suspicions = new Suspicions();
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.attemptMs = SECOND / 10;
  let died: readonly number[] | undefined;
  hop.answer = (_, address) => {
    if (address === "bad@a.test") died = bench.killThread(0);
    return RELAYED;
  };
  for (let count = 0; count < 10; count += 1) await bench.submit({ to: [`before${count}@a.test`] });
  const bad = await bench.submit({ to: ["bad@a.test"] });
  for (let count = 0; count < 10; count += 1) await bench.submit({ to: [`after${count}@a.test`] });
  let deaths = 0;
  for (let look = 0; look < 200; look += 1) {
    await bench.advance(SECOND / 10, 20);
    for (const messageId of bench.cleared.splice(0)) suspicions.cleared(0, messageId);
    if (died === undefined) continue;
    deaths += 1;
    const blamed = suspicions.died(0, inHand(...died));
    died = undefined;
    await bench.replaceThread(0, { blamed, suspects: suspicions.all });
    await bench.submit({ to: [`new${deaths}@a.test`] });
  }
  assert.equal(deaths, 5);
  assert.deepEqual(bench.story(bad), ["POISONMESSAGE(POISONMESSAGE) bad@a.test"]);
  const queues = await bench.memory.listQueues();
  assert.equal(queues.find(({ id }) => id === POISON_QUEUE_ID)?.recipientCount, 1);
  assert.equal(new Set(hop.addresses.filter((address) => address !== "bad@a.test")).size, 25);
  assert.deepEqual(suspicions.all, []);
});
