import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { CONTENT_CHUNK_BYTES, StoreFailure } from "../../store/queue-store.ts";
import type { Categorization } from "./categorization.ts";
import { QueueBench, routeByDomain } from "./queue-bench.fake.ts";

const TO = "r@a.test";

test("a message that the store refuses stays the sender's; nothing of it remains", async () => {
  let refuses = true;
  const bench = await QueueBench.open({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => refuses && name === "commit").store,
  });
  await assert.rejects(bench.submit({ to: [TO] }), StoreFailure);
  await bench.settle();
  assert.equal(bench.memory.messageCount, 0);
  assert.equal(bench.queue().figures().submissionLength, 0);
  assert.equal(bench.bytesInMemory, 0);
  refuses = false;
  await bench.submit({ to: [TO] });
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
});

test("a categorization that changes nothing writes nothing", async () => {
  const commits: string[] = [];
  const bench = await QueueBench.open({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => {
        if (name === "commit") commits.push(name);
        return false;
      }).store,
  });
  await bench.submit({ to: [TO] });
  assert.equal(commits.length, 2, "the submission and the settlement");
});

test("forks, expansions and endings become durable together, and go out once", async () => {
  const bench = await QueueBench.open({
    async categorize({ message, recipients }, usual): Promise<Categorization> {
      const [first, second, third] = recipients;
      if (first === undefined || second === undefined || third === undefined) return usual();
      const id = await bench.queue().nextMessageId();
      return {
        ...routeByDomain([first, { ...first, position: 100, address: "new@b.test" as Address }]),
        forks: [{ message: { ...message, id }, routed: routeByDomain([second]).routed }],
        ended: [{ recipient: third, outcome: { kind: "expanded" } }],
        changed: true,
      };
    },
  });
  await bench.submit({ to: [TO, "second@c.test", "group@d.test"] });
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
  assert.deepEqual(bench.hop("b.test").addresses, ["new@b.test"]);
  assert.deepEqual(bench.hop("c.test").addresses, ["second@c.test"]);
  assert.deepEqual(bench.hop("d.test").addresses, []);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
  assert.equal(bench.bytesInMemory, 0);
});

test("what the directory could not say is asked again later, alone", async () => {
  let isDown = true;
  const asked: (readonly string[])[] = [];
  const bench = await QueueBench.open({
    categorize({ recipients }, usual): Categorization {
      asked.push(recipients.map(({ address }) => address));
      const unknown = recipients.filter(({ address }) => address.endsWith("@b.test"));
      if (!isDown || unknown.length === 0) return usual();
      const diagnostic = "451 4.4.3 Directory does not answer";
      const fault = { status: "4.4.3", diagnostic, hop: undefined, source: "RESOLVER" } as const;
      return {
        ...routeByDomain(recipients.filter((one) => !unknown.includes(one))),
        deferred: unknown.map((recipient) => ({ recipient, fault })),
        changed: true,
      };
    },
  });
  const id = await bench.submit({ to: [TO, "s@b.test"] });
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
  isDown = false;
  await bench.advance(29 * MINUTE);
  assert.equal(asked.length, 1);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(2 * MINUTE);
  assert.deepEqual(asked, [[TO, "s@b.test"], ["s@b.test"]]);
  assert.deepEqual(bench.hop("b.test").addresses, ["s@b.test"]);
  assert.ok(bench.story(id).includes("DEFER(RESOLVER) s@b.test"));
});

test("what an agent puts off for ever goes back to its sender once its time is over", async () => {
  const fault = { status: "4.3.0", diagnostic: "451 4.3.0 Probe: AgentFailed", hop: undefined };
  const bench = await QueueBench.open({
    categorize({ recipients, message }, usual): Categorization {
      if (message.origin.source === "DSN") return usual();
      const deferred = recipients.map((recipient) => ({
        ...{ recipient, fault: { ...fault, source: "AGENT" } as const },
      }));
      return { ...routeByDomain([]), deferred, changed: true };
    },
  });
  const id = await bench.submit({ from: "sender@b.test", to: [TO] });
  await bench.advance(3 * DAY, 20 * MINUTE);
  assert.deepEqual(bench.hop("a.test").addresses, []);
  assert.ok(bench.story(id).some((line) => line.startsWith("FAIL")));
  assert.match(bench.memory.events, /451 4\.3\.0 Probe: AgentFailed/);
  // One of the delay, one of the end.
  assert.deepEqual(bench.hop("b.test").addresses, ["sender@b.test", "sender@b.test"]);
  assert.equal(bench.memory.messageCount, 0);
});

test("mail without a route waits until routes change or the server starts", async () => {
  let hasRoute = false;
  const bench = await QueueBench.open({
    categorize: ({ recipients }, usual) =>
      hasRoute
        ? routeByDomain(recipients.map((one) => ({ ...one, address: "found@a.test" as Address })))
        : usual(),
  });
  for (let count = 0; count < 600; count += 1) await bench.submit({ to: ["r@nowhere.test"] });
  await bench.advance(HOUR, MINUTE);
  hasRoute = true;
  await bench.advance(HOUR, MINUTE);
  assert.equal(bench.hop("a.test").received.length, 0);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(SECOND);
  assert.equal(bench.hop("a.test").received.length, 600);
  assert.equal(bench.memory.messageCount, 0);
});

test("content of any size goes through, and memory is given back", async () => {
  const bench = await QueueBench.open();
  const open = bench.hop("a.test").close();
  for (let count = 0; count < 50; count += 1) {
    await bench.submit({ to: [TO, "s@a.test", "t@b.test"], content: [Buffer.alloc(5_000)] });
  }
  const pieces = [Buffer.alloc(CONTENT_CHUNK_BYTES), Buffer.alloc(10)];
  await bench.submit({ to: [TO], content: pieces });
  assert.equal(bench.bytesInMemory, 50 * 5_000, "one copy each, and none of the large one");
  open();
  await bench.advance(SECOND);
  assert.equal(bench.hop("a.test").received.length, 101);
  assert.equal(bench.bytesInMemory, 0);
});

test("half a message never passes for a whole one", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "down";
  const id = await bench.submit({ to: [TO] });
  let failure: unknown;
  hop.answer = ({ content }) => {
    void content.read(0).catch((error: unknown) => {
      failure = error;
    });
    return {
      kind: "failed",
      fault: { status: "5.0.0", diagnostic: "550", hop: undefined, source: "SMTP" },
    };
  };
  await bench.memory.discardContent(id);
  hop.mood = "up";
  await bench.advance(MINUTE + SECOND);
  assert.ok(failure instanceof StoreFailure);
});

test("a restart takes up what was submitted, once, as a duplicate when unclean", async () => {
  for (const wasUnclean of [true, false]) {
    const bench = await QueueBench.open();
    const open = bench.hop("a.test").close();
    const to = Array.from({ length: 7 }, (_, index) => `r${index}@a.test`);
    // Pages hold 500 recipients: some messages lie across their ends.
    for (let count = 0; count < 150; count += 1) await bench.submit({ to });
    bench.crash();
    open();
    await bench.start({ wasUnclean });
    await bench.advance(SECOND);
    const { received } = bench.hop("a.test");
    const copies = new Set(received.map(({ messageId, address }) => `${messageId} ${address}`));
    assert.equal(received.length, 150 * 7);
    assert.equal(copies.size, 150 * 7);
    assert.ok(received.every(({ possibleDuplicate }) => possibleDuplicate === wasUnclean));
    assert.equal(bench.memory.messageCount, 0);
  }
});

test("a start during which the store fails to answer forgets nothing", async () => {
  const bench = await QueueBench.open();
  const open = bench.hop("a.test").close();
  for (let count = 0; count < 20; count += 1) await bench.submit({ to: [TO, "r@nowhere.test"] });
  bench.crash();
  open();
  let fails = 3;
  const names = new Set(["readQueue", "readMessage"]);
  const again = new QueueBench({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => names.has(name) && fails-- > 0).store,
  });
  Object.assign(again, { memory: bench.memory });
  await again.start({ wasUnclean: true });
  await again.advance(10 * SECOND);
  assert.equal(again.hop("a.test").received.length, 20);
});
