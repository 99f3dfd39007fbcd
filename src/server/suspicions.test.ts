import assert from "node:assert/strict";
import { test } from "node:test";
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
