import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { hopFault, RELAYED } from "./hop.fake.ts";
import { keyOf, QueueBench } from "./queue-bench.fake.ts";

const TO = "r@a.test";

test("a message goes to its hop and leaves nothing behind", async () => {
  const bench = await QueueBench.open();
  const id = await bench.submit({ to: ["x@a.test", "y@a.test", "z@b.test"] });
  assert.deepEqual(bench.hop("a.test").addresses, ["x@a.test", "y@a.test"]);
  assert.deepEqual(bench.hop("b.test").addresses, ["z@b.test"]);
  assert.deepEqual(bench.story(id), ["SEND(SMTP) x@a.test;y@a.test", "SEND(SMTP) z@b.test"]);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
  assert.equal(bench.bytesInMemory, 0);
});

test("phases of the back-off: glitches, transient failures, the long interval", async () => {
  const bench = await QueueBench.open({
    service: { queueGlitchRetryCount: 2, transientFailureRetryCount: 2 },
  });
  const hop = bench.hop("a.test");
  hop.mood = "down";
  await bench.submit({ to: [TO] });
  const gaps: number[] = [];
  for (let count = 1, lastMs = 0; count < 8; ) {
    await bench.advance(SECOND);
    lastMs += SECOND;
    if (hop.connectionCount === count) continue;
    gaps.push(Math.round(lastMs / MINUTE));
    count = hop.connectionCount;
    lastMs = 0;
  }
  assert.deepEqual(gaps, [1, 1, 5, 5, 10, 10, 10]);
});

test("the back-off goes on after a restart", async () => {
  const bench = await QueueBench.open({ service: { queueGlitchRetryCount: 1 } });
  const hop = bench.hop("a.test");
  hop.mood = "down";
  const id = await bench.submit({ to: [TO] });
  await bench.advance(MINUTE + SECOND);
  assert.equal(hop.connectionCount, 2);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(4 * MINUTE);
  assert.equal(hop.connectionCount, 2, "the transient interval is 5 minutes");
  hop.mood = "up";
  await bench.advance(MINUTE);
  assert.deepEqual(hop.addresses, [TO]);
  assert.deepEqual(bench.story(id), [`DEFER(QUEUE) ${TO}`, `SEND(SMTP) ${TO}`]);
  const [queue] = await bench.memory.listQueues();
  assert.equal(queue?.state.failureCount, 0);
});

test("mail with TLS-Required: No waits behind nobody whom TLS keeps back", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "guarded";
  await bench.submit({ to: [TO] });
  await bench.submit({ to: ["free@a.test"], message: { tlsNotRequired: true } });
  assert.deepEqual(hop.addresses, ["free@a.test"]);
  hop.mood = "down";
  await bench.submit({ to: ["later@a.test"], message: { tlsNotRequired: true } });
  bench.crash();
  await bench.start({ wasUnclean: true });
  assert.equal((await bench.memory.listQueues()).length, 2);
  hop.mood = "guarded";
  await bench.advance(HOUR);
  assert.deepEqual(hop.addresses, ["free@a.test", "later@a.test"]);
});

test("a hop that answers and then breaks off is not in better health each time", async () => {
  const bench = await QueueBench.open({ service: { queueGlitchRetryCount: 1 } });
  const hop = bench.hop("a.test");
  hop.mood = "breaks";
  await bench.submit({ to: [TO] });
  await bench.advance(20 * MINUTE);
  assert.equal(hop.connectionCount, 1 + 1 + 3, "after one glitch, every 5 minutes");
});

test("lanes that fail together are one failure; a failed queue tries with one", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  const open = hop.close();
  for (let count = 0; count < 30; count += 1) await bench.submit({ to: [TO] });
  await bench.advance(100);
  assert.ok(hop.openCount > 5, "several lanes");
  hop.mood = "breaks";
  open();
  await bench.settle();
  const [queue] = await bench.memory.listQueues();
  assert.equal(queue?.state.failureCount, 1);
  const before = hop.connectionCount;
  hop.mood = "down";
  await bench.advance(MINUTE + SECOND);
  assert.equal(hop.connectionCount, before + 1);
  hop.mood = "up";
  await bench.advance(MINUTE);
  assert.equal(hop.received.length, 30);
});

test("a hop that wants no more connections gets no more, and no back-off", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "no-more";
  const open = hop.close();
  for (let count = 0; count < 30; count += 1) await bench.submit({ to: [TO] });
  await bench.advance(30 * SECOND);
  assert.ok(hop.connectionCount < 30, `${hop.connectionCount} connections were tried`);
  open();
  await bench.advance(SECOND);
  assert.equal(hop.received.length, 30);
  assert.equal(hop.openMax, 1);
});

test("nothing waits behind a long delivery", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  const open = hop.close();
  await bench.submit({ to: ["long@a.test"] });
  hop.gate = undefined;
  await bench.submit({ to: ["short@a.test"] });
  assert.deepEqual(hop.addresses, [], "left to the busy lane at first");
  await bench.advance(20);
  assert.deepEqual(hop.addresses, ["short@a.test"]);
  open();
  await bench.settle();
  assert.deepEqual(hop.addresses, ["short@a.test", "long@a.test"]);
});

test("more than fits in memory waits in the store and comes back, each once", async () => {
  const bench = await QueueBench.open({ service: { maxPerDomainOutboundConnections: 1 } });
  const hop = bench.hop("a.test");
  const open = hop.close();
  const to = Array.from({ length: 30 }, (_, index) => `r${index}@a.test`);
  for (let count = 0; count < 8_050; count += 1) {
    if (count % 1_000 === 0) await bench.settle();
    void bench.submit({ to: [to[count % to.length] ?? TO] });
  }
  await bench.settle();
  const [parked] = await bench.memory.listQueues().then((all) => all.filter(({ id }) => id > 0));
  assert.equal(parked?.recipientCount, 8_050 - 8_000 - 1);
  open();
  await bench.advance(2 * SECOND);
  assert.equal(hop.received.length, 8_050);
  assert.equal(new Set(hop.received.map(({ messageId }) => messageId)).size, 8_050);
  assert.equal(bench.memory.messageCount, 0);
  assert.equal(bench.bytesInMemory, 0);
});

test("a recipient that was deferred waits alone, and long after its queue went idle", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.answer = (_, address) =>
    address === TO && hop.received.length < 2 ? hopFaulted("451 4.7.1 Later") : RELAYED;
  await bench.submit({ to: [TO, "other@a.test"] });
  await bench.submit({ to: ["third@a.test"] });
  assert.deepEqual(hop.addresses, ["other@a.test", "third@a.test"]);
  // The queue's idle time is 3 minutes, the message's interval 15.
  await bench.advance(14 * MINUTE);
  assert.equal(hop.received.length, 2);
  await bench.advance(MINUTE + SECOND);
  assert.deepEqual(hop.addresses, ["other@a.test", "third@a.test", TO]);
});

test("what comes due while the store is being read is not forgotten", async () => {
  const bench = await QueueBench.open({
    wrapStore: (store) => ({
      ...bindAll(store),
      // Reading takes so long that the clock moves on.
      async readQueue(queueId, page) {
        const answer = await store.readQueue(queueId, page);
        if (queueId > 0 && answer.length === 0) bench.clock.advance(50);
        return answer;
      },
    }),
  });
  const hop = bench.hop("a.test");
  hop.answer = () => (hop.connectionCount < 2 ? hopFaulted("451 4.7.1 Later") : RELAYED);
  await bench.submit({ to: ["one@a.test"] });
  bench.clock.advance(25);
  hop.connectionCount = 0;
  await bench.submit({ to: ["two@a.test"] });
  await bench.advance(15 * MINUTE + 10 * SECOND);
  assert.deepEqual([...hop.addresses].sort(), ["one@a.test", "two@a.test"]);
});

test("a hop that can never be reached fails all that waits, then the queue goes on", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "down";
  for (let count = 0; count < 300; count += 1) await bench.submit({ to: [TO] });
  hop.mood = "impossible";
  await bench.advance(MINUTE + SECOND);
  const notices = bench.hop("sender.test").received.filter(({ notice }) => notice !== "");
  assert.equal(notices.length, 300);
  assert.equal(bench.memory.messageCount, 0);
  hop.mood = "up";
  await bench.submit({ to: ["new@a.test"] });
  await bench.advance(MINUTE);
  assert.deepEqual(hop.addresses, ["new@a.test"]);
});

test("while the store refuses outcomes nothing is attempted, and nothing spins", async () => {
  let refuses = false;
  const bench = await QueueBench.open({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => refuses && name === "commit").store,
  });
  const hop = bench.hop("a.test");
  hop.attemptMs = 200;
  const ids: number[] = [];
  for (let count = 0; count < 60; count += 1) ids.push(await bench.submit({ to: [TO] }));
  await bench.advance(100);
  const underWay = hop.openCount;
  refuses = true;
  await bench.advance(10 * SECOND, 50);
  const attempted = hop.received.length;
  assert.ok(attempted <= 2 * underWay, `${attempted}: only what was under way, and one more each`);
  await bench.advance(10 * SECOND, 50);
  assert.equal(hop.received.length, attempted);
  refuses = false;
  await bench.advance(3 * SECOND, 50);
  assert.equal(hop.received.length, 60);
  for (const id of ids) assert.deepEqual(bench.story(id), [`SEND(SMTP) ${TO}`]);
  assert.equal(bench.memory.messageCount, 0);
});

test("a queue that failed for long goes back to the categorizer, and comes to rest", async () => {
  let categorized = 0;
  const bench = await QueueBench.open({
    service: { maxIdleTimeBeforeResubmitMs: HOUR, messageExpirationTimeoutMs: 2 * DAY },
    categorize: (_input, usual) => {
      categorized += 1;
      return usual();
    },
  });
  bench.hop("a.test").mood = "down";
  for (let count = 0; count < 250; count += 1) await bench.submit({ to: [TO] });
  assert.equal(categorized, 250);
  await bench.advance(HOUR + 2 * SECOND);
  assert.equal(categorized, 500, "each once, though all came back to the same queue");
  bench.hop("a.test").mood = "up";
  await bench.advance(10 * MINUTE);
  assert.equal(bench.hop("a.test").received.length, 250);
});

test("new routes: waiting mail is categorized again, and goes where they lead", async () => {
  let domain = "old.test";
  const bench = await QueueBench.open({
    categorize: ({ recipients }) => ({
      routed: recipients.map((recipient) => ({
        recipient,
        route: { kind: "queue", key: keyOf(domain), reasons: [] },
      })),
      ended: [],
      deferred: [],
      forks: [],
      events: [],
      changed: false,
    }),
  });
  bench.hop("old.test").mood = "down";
  await bench.submit({ to: [TO] });
  domain = "new.test";
  const before = bench.organization;
  bench.organization = { ...before, sendConnectors: [] };
  bench.queue().organizationChanged(before, bench.organization);
  await bench.settle();
  assert.deepEqual(bench.hop("new.test").addresses, [], "routes are the same");
  const connectors = [{ name: "other" }] as unknown as typeof before.sendConnectors;
  bench.organization = { ...before, sendConnectors: connectors };
  bench.queue().organizationChanged(before, bench.organization);
  await bench.settle();
  assert.deepEqual(bench.hop("new.test").addresses, [TO]);
});

test("new settings hold for the next message, be the connections busy or idle", async () => {
  const bench = await QueueBench.open({ service: { maxPerDomainOutboundConnections: 1 } });
  const hop = bench.hop("a.test");
  hop.keepMs = HOUR;
  const open = hop.close();
  for (let count = 0; count < 10; count += 1) await bench.submit({ to: [TO] });
  assert.equal(hop.connectionCount, 1);
  const change = () => {
    const before = bench.organization;
    bench.organization = { ...before };
    bench.queue().organizationChanged(before, bench.organization);
  };
  change();
  open();
  await bench.advance(SECOND);
  assert.equal(hop.received.length, 10);
  assert.equal(hop.connectionCount, 2, "the busy one ended with its message");
  assert.equal(hop.openCount, 1);
  change();
  await bench.settle();
  assert.equal(hop.openCount, 0, "the idle one ended at once");
});

test("an idle queue is removed, also from the store; one with mail is not", async () => {
  const bench = await QueueBench.open();
  bench.hop("b.test").mood = "down";
  bench.hop("c.test").mood = "down";
  await bench.submit({ to: ["r@b.test"] });
  await bench.submit({ to: ["r@c.test"] });
  bench.hop("b.test").mood = "up";
  await bench.advance(MINUTE + SECOND);
  await bench.advance(4 * MINUTE);
  const names = (await bench.memory.listQueues()).map(({ key }) => key.nextHopDomain);
  assert.deepEqual(names, ["c.test"]);
  assert.equal(bench.queue().figures().queuesByStatus.Ready, 0);
});

test("a courier that throws: its message waits, and comes as a possible duplicate", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "bug";
  const id = await bench.submit({ to: [TO] });
  assert.ok(bench.said.includes("message-broke-us"));
  hop.mood = "up";
  await bench.advance(15 * MINUTE + SECOND);
  assert.deepEqual(hop.addresses, [TO]);
  assert.equal(hop.received[0]?.possibleDuplicate, true, "who knows how far it had come");
  assert.equal(bench.story(id).length, 1);
});

test("an orderly stop puts everything down; the next start goes on without a repeat", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "down";
  for (let count = 0; count < 5; count += 1) await bench.submit({ to: [TO] });
  await bench.stop();
  hop.mood = "up";
  await bench.start({ wasUnclean: false });
  await bench.advance(MINUTE + SECOND);
  assert.equal(hop.received.length, 5);
  assert.ok(hop.received.every(({ possibleDuplicate }) => !possibleDuplicate));
});

test("a queue that sleeps on due mail is an alarm; one that may not try is none", async () => {
  let isDeaf = false;
  const bench = await QueueBench.open({
    wrapStore: (store) => ({
      ...bindAll(store),
      readQueue: (queueId, page) =>
        isDeaf && queueId > 0 ? new Promise(() => {}) : store.readQueue(queueId, page),
    }),
  });
  const hop = bench.hop("a.test");
  hop.mood = "down";
  await bench.submit({ to: [TO] });
  for (let minute = 0; minute < 30; minute += 1) {
    await bench.advance(MINUTE);
    assert.ok(bench.queue().figures().stalledMs < 2 * SECOND, `minute ${minute}`);
  }
  isDeaf = true;
  await bench.advance(12 * MINUTE);
  assert.ok(bench.queue().figures().stalledMs > MINUTE);
  assert.ok(bench.said.includes("queue-stalled"));
});

function hopFaulted(diagnostic: string) {
  return { kind: "deferred", fault: hopFault(diagnostic) } as const;
}

/** A store as a plain object, so that single calls can be replaced. */
function bindAll<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    ownKeys: () => Object.getOwnPropertyNames(Object.getPrototypeOf(store)),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}
