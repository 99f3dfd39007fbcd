import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { QUARANTINE_QUEUE_ID, StoreFailure } from "../../store/queue-store.ts";
import { QUARANTINE_KEY } from "./fixed-queues.ts";
import { type BenchMessage, QueueBench, routeByDomain } from "./queue-bench.fake.ts";

const SPAM: QuarantineMark = { type: "Spam", agent: "Content Filter Agent", reason: "SCL 9" };
const BY = "carol";
const RETENTION_MS = 30 * DAY;

/** A message that an agent has kept at the end of its data. */
function keep(bench: QueueBench, to: readonly string[], what: Partial<BenchMessage> = {}) {
  return bench.submit({ to, quarantine: SPAM, ...what });
}

async function inQuarantine(bench: QueueBench): Promise<readonly string[]> {
  const all = { dueMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };
  const stored = await bench.memory.readQueue(QUARANTINE_QUEUE_ID, all);
  return stored.flatMap(({ recipients }) => recipients.map(({ recipient }) => recipient.address));
}

function release(
  bench: QueueBench,
  id: number,
  to?: readonly string[],
  copyTo?: readonly string[],
): Promise<number> {
  const { administration } = bench.queue();
  const addresses = (some?: readonly string[]) => some?.map((address) => address as Address);
  const [own, others] = [addresses(to), addresses(copyTo)];
  const how = { ...(own && { to: own }), ...(others && { copyTo: others }) };
  return administration.quarantine.release({ messageIds: [id], by: BY }, how);
}

test("what is kept at the end of data is stored, and categorized by nobody", async () => {
  const bench = await QueueBench.open({
    categorize: () => assert.fail("the categorizer sees nothing of it"),
  });
  const id = await keep(bench, ["a@a.test", "b@b.test"], { message: { scl: 9 } });
  for (const wasUnclean of [false, true]) {
    bench.crash();
    await bench.start({ wasUnclean });
    await bench.advance(HOUR, MINUTE);
  }
  assert.deepEqual(await inQuarantine(bench), ["a@a.test", "b@b.test"]);
  const stored = await bench.memory.readMessage(id);
  assert.deepEqual(stored?.message.quarantine, { ...SPAM, sinceMs: stored?.message.receivedMs });
  assert.deepEqual(bench.story(id), ["FAIL(AGENT) a@a.test;b@b.test"]);
  const status = "550 5.2.1 Content Filter Agent quarantined this message";
  assert(bench.memory.events.includes(`${status};${status}`));
  assert(bench.memory.events.includes("S:Quarantine=Spam;S:SCL=9"));
});

test("when the store refuses, nothing of it remains, and the session hears of it", async () => {
  const bench = await QueueBench.open({
    wrapStore: (store) => failingQueueStore(store, ({ name }) => name === "commit").store,
  });
  await assert.rejects(keep(bench, ["a@a.test"]), StoreFailure);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
});

test("released to all it goes on as if it had come now, marked, and to inboxes", async () => {
  const bench = await QueueBench.open();
  const id = await keep(bench, ["a@a.test", "b@a.test"], { message: { scl: 9 } });
  await bench.advance(7 * DAY, HOUR);
  const hop = bench.hop("a.test");
  hop.mood = "down";
  assert.equal(await release(bench, id), 2);
  await bench.settle();
  assert.deepEqual(await inQuarantine(bench), []);
  assert.equal(await bench.memory.readMessage(id), undefined);
  const [copy] = await bench.memory.readQueue(1, { dueMs: Number.MAX_SAFE_INTEGER, limit: 9 });
  assert.equal(copy?.message.scl, -1);
  assert.equal(copy?.message.quarantine?.type, "Spam");
  const text = copy?.message.edits.map((edit) => ("text" in edit ? edit.text : edit.kind)).join();
  assert.match(text ?? "", /X-MS-Exchange-Organization-Quarantine: Spam\r\n/);
  assert.equal(copy?.recipients.length, 2);
  for (const { recipient } of copy?.recipients ?? []) {
    assert(recipient.expiresMs > bench.clock.nowMs() + DAY, "its time starts anew");
  }
  hop.mood = "up";
  await bench.advance(10 * MINUTE, MINUTE);
  assert.deepEqual(hop.addresses, ["a@a.test", "b@a.test"]);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, [], "content goes with the last copy");
  assert.equal(bench.bytesInMemory, 0);
});

test("released to one, it stays for the others; a second release finds nobody", async () => {
  const bench = await QueueBench.open();
  const id = await keep(bench, ["a@a.test", "b@a.test", "c@a.test"]);
  assert.equal(await release(bench, id, ["B@A.test", "nobody@a.test"]), 1);
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, ["b@a.test"]);
  assert.deepEqual(await inQuarantine(bench), ["a@a.test", "c@a.test"]);
  assert.equal(await release(bench, id, ["b@a.test"]), 0);
  assert.equal(await release(bench, id), 2);
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, ["b@a.test", "a@a.test", "c@a.test"]);
  assert.equal(await release(bench, id), 0);
  assert.equal(bench.memory.messageCount, 0);
});

test("a release that is durable is carried out after a crash, and never twice", async () => {
  const bench = await QueueBench.open();
  const id = await keep(bench, ["a@a.test"]);
  bench.hop("a.test").mood = "down";
  assert.equal(await release(bench, id), 1);
  bench.crash();
  bench.hop("a.test").mood = "up";
  await bench.start({ wasUnclean: true });
  assert.equal(await release(bench, id), 0);
  await bench.advance(10 * MINUTE, MINUTE);
  assert.deepEqual(bench.hop("a.test").addresses, ["a@a.test"]);
});

test("others get it besides, once each, and its sender hears nothing of them", async () => {
  const bench = await QueueBench.open();
  const id = await keep(bench, ["a@a.test", "b@a.test"]);
  const hop = bench.hop("a.test");
  assert.equal(await release(bench, id, [], ["boss@a.test"]), 1);
  await bench.settle();
  assert.deepEqual(hop.addresses, ["boss@a.test"]);
  assert.deepEqual(await inQuarantine(bench), ["a@a.test", "b@a.test"]);
  assert.equal(await release(bench, id, ["a@a.test"], ["A@a.test", "boss@a.test"]), 2);
  await bench.settle();
  assert.deepEqual(hop.addresses, ["boss@a.test", "a@a.test", "boss@a.test"]);
  assert.deepEqual(await inQuarantine(bench), ["b@a.test"]);
  assert.equal(await release(bench, id, undefined, ["nobody@down.test"]), 2);
  bench.hop("down.test").mood = "down";
  await bench.advance(10 * DAY, HOUR);
  assert.doesNotMatch(bench.memory.events, /,DSN,/);
  assert.equal(await release(bench, id, [], ["boss@a.test"]), 0, "it is there no more");
});

test("what the store refuses to release is released once it does", async () => {
  let isRefusing = false;
  const bench = await QueueBench.open({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => name === "commit" && isRefusing).store,
  });
  const id = await keep(bench, ["a@a.test"]);
  isRefusing = true;
  const released = release(bench, id);
  await bench.advance(3_000);
  assert.deepEqual(await inQuarantine(bench), ["a@a.test"]);
  isRefusing = false;
  await bench.advance(3_000);
  assert.equal(await released, 1);
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, ["a@a.test"]);
});

test("what has been kept for its time goes, and its sender is not told", async () => {
  const bench = await QueueBench.open();
  const early = await keep(bench, ["a@a.test"]);
  await bench.advance(DAY, HOUR);
  const late: string[] = Array.from({ length: 450 }, (_, at) => `r${at}@a.test`);
  await keep(bench, late);
  await bench.advance(RETENTION_MS - DAY - HOUR, HOUR);
  assert.equal((await inQuarantine(bench)).length, 451);
  await bench.advance(2 * HOUR, MINUTE);
  assert.deepEqual(bench.story(early), ["FAIL(AGENT) a@a.test", "DROP(QUEUE) a@a.test"]);
  assert.equal((await bench.memory.readMessage(early)) === undefined, true);
  await bench.advance(DAY, HOUR);
  assert.deepEqual(await inQuarantine(bench), []);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
  assert.equal(bench.hop("sender.test").received.length, 0);
});

test("an administrator's other acts leave it, and Remove-Message takes it out", async () => {
  const bench = await QueueBench.open();
  const id = await keep(bench, ["a@a.test"]);
  const { administration } = bench.queue();
  const one = { messageIds: [id], by: BY };
  assert.equal(await administration.suspendMessages(one), 0);
  assert.equal(await administration.resumeMessages(one), 0);
  assert.equal(await administration.redirectRecipients(one, { address: "x@a.test" as Address }), 0);
  assert.equal(await administration.suspendQueue(QUARANTINE_KEY, BY), "suspended");
  assert.equal(await administration.resumeQueue(QUARANTINE_KEY, BY), "suspended");
  assert.deepEqual(await inQuarantine(bench), ["a@a.test"]);
  const removal = { ...one, queue: QUARANTINE_KEY, withNdr: true };
  assert.equal(await administration.removeMessages(removal), 1);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.story(id).at(-1), "DROP(ADMIN) a@a.test");
  await bench.settle();
  assert.equal(bench.hop("sender.test").received.length, 0, "its sender is not told");
});

test("with several threads, each keeps mail and the first releases it", async () => {
  const bench = await QueueBench.open({ threads: 3 });
  const ids: number[] = [];
  for (const thread of [0, 1, 2]) {
    ids.push(await bench.submit({ to: [`r${thread}@a.test`], quarantine: SPAM }, thread));
  }
  const counts = [0, 1, 2].map((thread) =>
    bench.queue(thread).administration.quarantine.release({ messageIds: ids, by: BY }, {}),
  );
  assert.deepEqual(await Promise.all(counts), [3, 0, 0]);
  await bench.settle();
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses.toSorted(), [
    "r0@a.test",
    "r1@a.test",
    "r2@a.test",
  ]);
});

test("the categorizer keeps it from some of its recipients in one transaction", async () => {
  let nextId = 1_000;
  const bench = await QueueBench.open({
    categorize: ({ message, recipients }) => {
      const bad = recipients.filter(({ address }) => address.startsWith("bad"));
      if (bad.length === 0 || message.quarantine !== undefined) return routeByDomain(recipients);
      const good = recipients.filter((recipient) => !bad.includes(recipient));
      nextId += 1;
      const copy = { ...message, id: nextId };
      return {
        ...routeByDomain(good),
        quarantined: [{ message: copy, recipients: bad, mark: { ...SPAM, type: "TransportRule" } }],
      };
    },
  });
  const hop = bench.hop("a.test");
  await bench.submit({ to: ["good@a.test", "bad@a.test"] });
  assert.deepEqual(hop.addresses, ["good@a.test"]);
  assert.deepEqual(await inQuarantine(bench), ["bad@a.test"]);
  const whole = await bench.submit({ to: ["bad1@a.test", "bad2@a.test"] });
  assert.equal(await bench.memory.readMessage(whole), undefined, "nothing stays in Submission");
  assert.equal(await release(bench, 1_001), 1);
  assert.equal(await release(bench, 1_002), 2);
  await bench.settle();
  assert.deepEqual(hop.addresses, ["good@a.test", "bad@a.test", "bad1@a.test", "bad2@a.test"]);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
});
