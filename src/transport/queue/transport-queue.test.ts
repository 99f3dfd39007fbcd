import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE, SECOND } from "../../base/units.ts";
import type { QueueStore } from "../../store/queue-store.ts";
import { hopFault, RELAYED } from "./hop.fake.ts";
import { QueueBench } from "./queue-bench.fake.ts";

/** How often each copy was received, by message and address. */
function copies(bench: QueueBench, domains: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const domain of domains) {
    for (const { messageId, address } of bench.hop(domain).received) {
      const key = `${messageId} ${address}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** A store of which some calls wait for something. */
function slowStore(
  store: QueueStore,
  waits: (name: string | symbol, parameter: unknown) => Promise<void> | undefined,
): QueueStore {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]) => {
        await waits(name, parameters[0]);
        return Reflect.apply(method, target, parameters) as unknown;
      };
    },
  });
}

test("each thread works its own queues, whoever takes the message in", async () => {
  const bench = await QueueBench.open({ threads: 3 });
  const domains = [0, 1, 2].map((thread) => bench.domainOf(thread));
  for (let count = 0; count < 30; count += 1) {
    await bench.submit({ to: domains.map((domain) => `r@${domain}`) }, count % 3);
  }
  const counts = copies(bench, domains);
  assert.equal(counts.size, 90);
  assert.ok([...counts.values()].every((count) => count === 1));
  assert.equal(bench.memory.messageCount, 0);
  assert.equal(bench.bytesInMemory, 0);
});

test("the successor of a dead thread takes up its recipients, and nobody else's", async () => {
  const bench = await QueueBench.open({ threads: 2 });
  const [mine, other] = [bench.domainOf(0), bench.domainOf(1)];
  const openMine = bench.hop(mine).close();
  const openOther = bench.hop(other).close();
  // Each message has a recipient in both threads' hands.
  for (let count = 0; count < 40; count += 1) {
    await bench.submit({ to: [`r@${mine}`, `s@${other}`] }, count % 2);
  }
  bench.killThread(1);
  await bench.replaceThread(1);
  openMine();
  openOther();
  await bench.advance(SECOND);
  const counts = copies(bench, [mine, other]);
  assert.equal(counts.size, 80, "nothing is lost");
  assert.ok([...counts.values()].every((count) => count === 1));
  assert.ok(bench.hop(mine).received.every(({ possibleDuplicate }) => !possibleDuplicate));
  assert.ok(bench.hop(other).received.every(({ possibleDuplicate }) => possibleDuplicate));
  assert.equal(bench.memory.messageCount, 0);
});

test("what a dead thread had not taken yet goes to its successor", async () => {
  const bench = await QueueBench.open({ threads: 2 });
  const other = bench.domainOf(1);
  bench.killThread(1);
  for (let count = 0; count < 1_200; count += 1) await bench.submit({ to: [`r@${other}`] }, 0);
  assert.equal(bench.queue(0).figures().submissionLength, 1_200, "it shows in the figures");
  await bench.replaceThread(1);
  await bench.advance(SECOND);
  const counts = copies(bench, [other]);
  assert.equal(counts.size, 1_200);
  assert.ok([...counts.values()].every((count) => count === 1));
  assert.equal(bench.queue(0).figures().submissionLength, 0);
});

test("a message that arrives while its thread recovers is not taken up a second time", async () => {
  const bench = await QueueBench.open({ threads: 2 });
  const [mine, other] = [bench.domainOf(0), bench.domainOf(1)];
  const open = bench.hop(other).close();
  for (let count = 0; count < 20; count += 1) {
    await bench.submit({ to: [`r@${mine}`, `s@${other}`] }, 0);
  }
  bench.killThread(0);
  const replaced = bench.replaceThread(0);
  const arrivals: Promise<number>[] = [];
  for (let count = 0; count < 50; count += 1) {
    arrivals.push(bench.submit({ to: [`t@${mine}`, `u@${other}`] }, 0));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await replaced;
  await Promise.all(arrivals);
  open();
  await bench.advance(SECOND);
  const counts = copies(bench, [mine, other]);
  assert.equal(counts.size, 20 * 2 + 50 * 2);
  const repeated = [...counts].filter(([, count]) => count > 1);
  assert.deepEqual(repeated, []);
  assert.equal(bench.memory.messageCount, 0);
});

test("two threads that die together take up each orphan once", async () => {
  const bench = await QueueBench.open({ threads: 3 });
  const domains = [0, 1, 2].map((thread) => bench.domainOf(thread));
  const gates = domains.map((domain) => bench.hop(domain).close());
  for (let count = 0; count < 60; count += 1) {
    await bench.submit({ to: domains.map((domain) => `r@${domain}`) }, count % 3);
  }
  bench.killThread(0);
  bench.killThread(2);
  await Promise.all([bench.replaceThread(0), bench.replaceThread(2)]);
  for (const open of gates) open();
  await bench.advance(2 * SECOND);
  const counts = copies(bench, domains);
  assert.equal(counts.size, 180);
  assert.deepEqual(
    [...counts].filter(([, count]) => count > 1),
    [],
  );
});

test("a successor leaves nothing to one that has handed it over to the dead already", async () => {
  const slow = Promise.withResolvers<void>();
  let slowId = 0;
  const bench = await QueueBench.open({
    threads: 2,
    wrapStore: (store) =>
      slowStore(store, (name, id) =>
        name === "readMessage" && id === slowId ? slow.promise : undefined,
      ),
  });
  const other = bench.domainOf(1);
  const open = bench.hop(other).close();
  const ids: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    ids.push(await bench.submit({ to: [`r@${other}`] }, 0));
  }
  bench.killThread(0);
  bench.killThread(1);
  // The first thread takes them up again, hands over to the second all but the one that it waits
  // for, and is not done with them when the second dies once more.
  slowId = ids.at(-1) ?? 0;
  await bench.replaceThread(0);
  await bench.replaceThread(1);
  await bench.settle();
  bench.killThread(1);
  slowId = 0;
  await bench.replaceThread(1);
  slow.resolve();
  open();
  await bench.advance(30 * SECOND);
  assert.deepEqual([...copies(bench, [other]).values()], [1, 1, 1, 1]);
});

test("what is handed over while the queues are being opened waits until they are", async () => {
  let opening: Promise<void> | undefined;
  const bench = await QueueBench.open({
    threads: 2,
    wrapStore: (store) => slowStore(store, (name) => (name === "listQueues" ? opening : undefined)),
  });
  const other = bench.domainOf(1);
  const hop = bench.hop(other);
  bench.killThread(1);
  const first = await bench.submit({ to: [`r@${other}`] }, 0);
  const gate = Promise.withResolvers<void>();
  opening = gate.promise;
  hop.answer = () => ({ kind: "deferred", fault: hopFault("451 4.7.1 Later") });
  const replaced = bench.replaceThread(1);
  // Were it tried now, it would wait in the queue, be due again, and be found there as the dead
  // thread's.
  await bench.advance(SECOND);
  hop.answer = () => RELAYED;
  const open = hop.close();
  await bench.advance(16 * MINUTE);
  assert.ok(bench.queue(1).holds([{ messageId: first, position: 0 }], 0).length === 1);
  gate.resolve();
  await replaced;
  open();
  await bench.advance(MINUTE);
  assert.deepEqual([...copies(bench, [other]).values()], [1]);
});

test("the successor goes on with the back-off and the parked mail of its queues", async () => {
  const bench = await QueueBench.open({ threads: 2 });
  const other = bench.domainOf(1);
  const hop = bench.hop(other);
  hop.mood = "down";
  for (let count = 0; count < 10; count += 1) await bench.submit({ to: [`r@${other}`] }, 0);
  const before = hop.connectionCount;
  bench.killThread(1);
  await bench.replaceThread(1);
  await bench.advance(30 * SECOND);
  assert.equal(hop.connectionCount, before, "no attempt before its time");
  hop.mood = "up";
  await bench.advance(MINUTE);
  assert.equal(hop.received.length, 10);
});

test("a delivery that had reached the hop unrecorded comes again, marked", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  let dies = true;
  hop.answer = () => {
    if (dies) bench.killThread(0);
    dies = false;
    return {
      kind: "relayed",
      hop: { name: "", address: "", localAddress: "" },
      reply: "250",
      dsn: "ours",
    };
  };
  const id = await bench.submit({ to: ["r@a.test"] });
  await bench.replaceThread(0);
  assert.deepEqual(
    hop.received.map(({ possibleDuplicate }) => possibleDuplicate),
    [false, true],
  );
  assert.equal(bench.story(id).length, 1);
  assert.match(bench.memory.events, /S:PossibleDuplicate=True/);
});

test("an attempt whose end is unknown stays marked through the wait and a restart", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.answer = () =>
    hop.received.length === 0
      ? "got-it-silently"
      : { kind: "deferred", fault: hopFault("451 4.7.1 Later") };
  await bench.submit({ to: ["r@a.test"] });
  await bench.advance(16 * MINUTE);
  await bench.stop();
  hop.answer = () => "got-it-silently";
  await bench.start({ wasUnclean: false });
  await bench.advance(16 * MINUTE);
  assert.deepEqual(
    hop.received.slice(0, 2).map(({ possibleDuplicate }) => possibleDuplicate),
    [false, true],
  );
});

test("a rejected submission becomes a notice, and nothing else of it remains", async () => {
  const bench = await QueueBench.open();
  const id = await bench.queue().nextMessageId();
  const { message, recipients } = await sampleSubmission(bench, id);
  const fault = hopFault("550 5.6.0 Unreadable", { source: "PICKUP" });
  const content = [Buffer.from("Subject: x\r\n\r\nx\r\n")];
  await bench
    .queue()
    .reject({ message, recipients, content, firstChunk: 0, events: "RECEIVE\r\n" }, fault);
  await bench.settle();
  assert.match(bench.hop("sender.test").received[0]?.notice ?? "", /Unreadable/);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
  assert.ok(bench.memory.events.startsWith("RECEIVE\r\n"));
});

async function sampleSubmission(bench: QueueBench, id: number) {
  const { sampleMessage, sampleRecipient } = await import("../../store/queue-contract.ts");
  const { envelope } = sampleMessage(id);
  const sender = "sender@sender.test" as typeof envelope.sender;
  const nowMs = bench.clock.nowMs();
  return {
    message: sampleMessage(id, { envelope: { ...envelope, sender }, receivedMs: nowMs }),
    recipients: [sampleRecipient(0, { expiresMs: nowMs + MINUTE })],
  };
}
