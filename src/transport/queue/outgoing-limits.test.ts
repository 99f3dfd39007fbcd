import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE, SECOND } from "../../base/units.ts";
import type { SendConnector } from "../../org/organization.ts";
import { sampleSendConnector } from "../../org/sample-objects.fake.ts";
import { hopFault, RELAYED } from "./hop.fake.ts";
import { keyOf, QueueBench } from "./queue-bench.fake.ts";

async function openBench(changes: Partial<SendConnector>): Promise<QueueBench> {
  const bench = await QueueBench.open();
  const name = keyOf("a.test").nextHopConnector;
  const connector = sampleSendConnector({ name, ...changes });
  bench.organization = { ...bench.organization, sendConnectors: [connector] };
  return bench;
}

test("a connector's message rate holds for each destination", async () => {
  const bench = await openBench({ messageRateLimit: 6 });
  for (let count = 0; count < 20; count += 1) await bench.submit({ to: ["r@a.test", "r@b.test"] });
  await bench.advance(SECOND);
  assert.equal(bench.hop("a.test").received.length, 1);
  await bench.advance(MINUTE - 2 * SECOND);
  for (const domain of ["a.test", "b.test"]) {
    assert.equal(bench.hop(domain).received.length, 6, domain);
  }
  await bench.advance(3 * MINUTE);
  assert.equal(bench.hop("a.test").received.length, 20, "all of it, in time");
  assert.ok(!bench.said.includes("queue-stalled"));
});

test("a connector's connections are shared by its destinations, and none starves", async () => {
  const bench = await openBench({ maxConnections: 2 });
  const domains = ["a.test", "b.test", "c.test"];
  for (const domain of domains) {
    bench.hop(domain).attemptMs = 100;
    for (let count = 0; count < 100; count += 1) await bench.submit({ to: [`r@${domain}`] });
  }
  let openMax = 0;
  for (let turn = 0; turn < 250; turn += 1) {
    await bench.advance(100);
    // A queue that finds no connection free has one of them soon.
    if (turn === 100) {
      for (const domain of domains) assert.ok(bench.hop(domain).received.length >= 20, domain);
    }
    const open = domains.reduce((sum, domain) => sum + bench.hop(domain).openCount, 0);
    openMax = Math.max(openMax, open);
  }
  assert.equal(openMax, 2);
  for (const domain of domains) assert.equal(bench.hop(domain).received.length, 100, domain);
});

test("a destination that says slow down gets less, and more again later", async () => {
  const bench = await openBench({});
  const hop = bench.hop("a.test");
  hop.attemptMs = 1_000;
  let isBusy = true;
  const busy = { kind: "deferred", fault: hopFault("421 4.7.0 slow down") } as const;
  hop.answer = () => (isBusy ? busy : RELAYED);
  for (let count = 0; count < 16; count += 1) await bench.submit({ to: ["r@a.test"] });
  await bench.advance(5 * SECOND);
  assert.ok(hop.openMax >= 8, `${hop.openMax} connections at first`);
  assert.deepEqual(bench.said.filter((event) => event === "queue-slowed").length, 1);
  assert.equal(bench.queue().figures().slowedQueues, 1);
  isBusy = false;
  hop.openMax = 0;
  for (let count = 0; count < 100; count += 1) await bench.submit({ to: ["r@a.test"] });
  await bench.advance(20 * SECOND);
  const { length } = hop.received;
  assert.ok(length >= 15 && length <= 21, `${length}: a message a second`);
  assert.ok(hop.openMax <= 8, `${hop.openMax} connections`);
  await bench.advance(30 * MINUTE);
  assert.equal(hop.received.length, 116);
  assert.equal(bench.queue().figures().slowedQueues, 0, "forgotten");
});
