import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { FIXED_QUEUES } from "../../store/queue-rows.ts";
import type { QueueKey } from "../../store/queue-store.ts";
import { hopFault, RELAYED } from "./hop.fake.ts";
import { keyOf, QueueBench } from "./queue-bench.fake.ts";
import { SUBMISSION_KEY } from "./queue-views.ts";

const TO = "r@a.test";
const BY = "carol";
const UNREACHABLE_KEY = FIXED_QUEUES[1]?.key as QueueKey;

async function viewOf(bench: QueueBench, key: QueueKey) {
  const views = await bench.queue().views.queues();
  return views.find((view) => view.key.nextHopDomain === key.nextHopDomain);
}

test("a queue shows its state, its messages in memory by priority, and its rates", async () => {
  const bench = await QueueBench.open({ service: { maxPerDomainOutboundConnections: 1 } });
  const open = bench.hop("a.test").close();
  const first = await bench.submit({ to: [TO] });
  const second = await bench.submit({ to: [TO], message: { priority: "High" } });
  const view = await viewOf(bench, keyOf("a.test"));
  assert.equal(view?.status, "Active");
  assert.deepEqual(view?.messages, { High: 1, Normal: 1, Low: 0 });
  assert.equal(view?.incomingRate, 2 / 60);
  assert.equal(view?.outgoingRate, 0);
  assert.deepEqual(bench.queue().views.whereabouts([first, second, 4_711]), [
    { messageId: first, key: keyOf("a.test"), positions: [0], status: "Active" },
    { messageId: second, key: keyOf("a.test"), positions: [0], status: "Ready" },
  ]);
  assert.deepEqual(bench.queue().views.messageIdsOf(keyOf("a.test")), [first, second]);
  open();
  await bench.settle();
  const after = await viewOf(bench, keyOf("a.test"));
  assert.equal(after?.id, view?.id, "a queue keeps its number");
  assert.equal(after?.outgoingRate, 2 / 60);
  assert.deepEqual(after?.messages, { High: 0, Normal: 0, Low: 0 });
});

test("an act that waits for an attempt shows, until the attempt has ended", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  const open = hop.close();
  hop.answer = () => ({ kind: "deferred", fault: hopFault("451 4.7.1 Later") });
  const id = await bench.submit({ to: [TO] });
  const { administration, views } = bench.queue();
  const removed = administration.removeMessages({ messageIds: [id], by: BY, withNdr: false });
  await bench.advance(SECOND);
  assert.equal(views.whereabouts([id])[0]?.status, "PendingRemove");
  open();
  await bench.advance(2 * SECOND, 100);
  assert.equal(await removed, 1);
  assert.equal(administration.pending(id), undefined);
});

test("suspended, Submission takes mail and sends none on, over a crash too", async () => {
  const bench = await QueueBench.open({ threads: 2 });
  for (const index of [0, 1]) {
    await bench.queue(index).administration.suspendQueue(SUBMISSION_KEY, BY);
  }
  await bench.submit({ to: [TO] }, 0);
  await bench.submit({ to: [TO] }, 1);
  await bench.advance(MINUTE);
  assert.equal(bench.queue().figures().submissionLength, 0, "nothing is kept in memory");
  assert.equal(bench.bytesInMemory, 0);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.submit({ to: [TO] }, 1);
  await bench.advance(HOUR);
  assert.equal(bench.hop("a.test").connectionCount, 0);
  assert.equal((await viewOf(bench, SUBMISSION_KEY))?.status, "Suspended");
  assert.equal((await viewOf(bench, SUBMISSION_KEY))?.state.suspendedBy, BY);
  for (const index of [0, 1]) {
    await bench.queue(index).administration.resumeQueue(SUBMISSION_KEY, BY);
  }
  await bench.advance(2 * SECOND);
  assert.equal(bench.hop("a.test").received.length, 3);
  assert.equal(bench.memory.messageCount, 0);
});

test("suspended, Unreachable is left alone when routes change", async () => {
  let isRouted = false;
  const bench = await QueueBench.open({
    categorize: (input, usual) => {
      if (!isRouted) return usual();
      const routed = input.recipients.map((recipient) => ({
        recipient,
        route: { kind: "queue", key: keyOf("a.test"), reasons: [] } as const,
      }));
      return { routed, ended: [], deferred: [], forks: [], events: [], changed: false };
    },
  });
  await bench.submit({ to: ["r@nowhere.test"] });
  const { administration } = bench.queue();
  await administration.suspendQueue(UNREACHABLE_KEY, BY);
  isRouted = true;
  const how = { by: BY, resubmits: true };
  assert.equal(administration.retryQueue(UNREACHABLE_KEY, how), "suspended");
  bench.crash();
  await bench.start({ wasUnclean: true });
  assert.equal(bench.hop("a.test").received.length, 0);
  await bench.queue().administration.resumeQueue(UNREACHABLE_KEY, BY);
  await bench.settle();
  assert.equal(bench.hop("a.test").received.length, 1);
});

test("a retry takes a queue and all mail that waits in it ahead of its time", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.answer = () => ({ kind: "deferred", fault: hopFault("451 4.7.1 Later") });
  await bench.submit({ to: [TO] });
  hop.mood = "down";
  await bench.submit({ to: ["s@a.test"] });
  assert.equal((await viewOf(bench, keyOf("a.test")))?.status, "Retry");
  hop.mood = "up";
  hop.answer = () => RELAYED;
  const { administration } = bench.queue();
  const how = { by: BY, resubmits: false };
  assert.equal(administration.retryQueue(keyOf("a.test"), how), "done");
  await bench.advance(MINUTE);
  assert.deepEqual([...hop.addresses].sort(), [TO, "s@a.test"]);
  assert.equal(administration.retryQueue(keyOf("never.test"), how), "unknown");
  assert.equal(administration.retryQueue(SUBMISSION_KEY, how), "not-in-retry");
});

test("a selection by queue leaves a message's recipients elsewhere alone", async () => {
  const bench = await QueueBench.open();
  bench.hop("a.test").mood = "down";
  bench.hop("b.test").mood = "down";
  const id = await bench.submit({ to: [TO, "s@b.test"] });
  const { administration } = bench.queue();
  const selection = { messageIds: [id], queue: keyOf("a.test"), by: BY };
  assert.equal(await administration.removeMessages({ ...selection, withNdr: false }), 1);
  bench.hop("a.test").mood = "up";
  bench.hop("b.test").mood = "up";
  await bench.advance(HOUR);
  assert.deepEqual(bench.hop("a.test").addresses, []);
  assert.deepEqual(bench.hop("b.test").addresses, ["s@b.test"]);
});

test("an act on many messages takes those in memory and those in the store alike", async () => {
  const bench = await QueueBench.open({ service: { maxPerDomainOutboundConnections: 1 } });
  bench.hop("b.test").mood = "down";
  const open = bench.hop("a.test").close();
  const ids: number[] = [];
  await bench.submit({ to: ["first@a.test"] });
  for (let count = 0; count < 30; count += 1) {
    ids.push(await bench.submit({ to: [`r${count}@${count % 2 ? "a" : "b"}.test`] }));
  }
  const { administration } = bench.queue();
  assert.equal(await administration.suspendMessages({ messageIds: ids, by: BY }), 30);
  assert.equal(await administration.suspendMessages({ messageIds: ids, by: BY }), 0);
  open();
  bench.hop("b.test").mood = "up";
  await bench.advance(HOUR);
  assert.deepEqual(
    [bench.hop("a.test").addresses, bench.hop("b.test").addresses],
    [["first@a.test"], []],
  );
  assert.equal(await administration.resumeMessages({ messageIds: ids, by: BY }), 30);
  await bench.settle();
  assert.equal(bench.hop("a.test").addresses.length + bench.hop("b.test").addresses.length, 31);
});
