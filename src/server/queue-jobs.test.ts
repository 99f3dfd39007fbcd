import assert from "node:assert/strict";
import { test } from "node:test";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { FakeDesk, sampleLocated, sampleQueue } from "../cmdlets/queues/queue-desk.fake.ts";
import { MemoryRecordStore } from "../store/record-memory.ts";
import { RECORD_PAGE_MAX } from "../store/record-store.ts";
import type { MessageOrder } from "../transport/queue/queue-orders.ts";
import { QueueJobRunner } from "./queue-jobs.ts";

const TASK = {
  target: "messages",
  act: { kind: "suspend" },
  filter: "Size -gt 0",
} as const;

function open(records = new MemoryRecordStore()) {
  const desk = new FakeDesk();
  const queue = sampleQueue(3, "a.test");
  const submission = sampleQueue(0, "");
  desk.queues = [submission, queue];
  desk.located = [
    ...Array.from({ length: 7 }, (_, index) => sampleLocated(queue, { id: index + 1 })),
    sampleLocated(submission, { id: 8 }),
    sampleLocated(queue, { id: 50 }),
  ];
  const jobs = new QueueJobRunner({
    desk,
    records,
    reserveId: async () => 40,
    clock: desk.clock,
    diagnostics: silentDiagnostics,
  });
  const idsActedOn = () => desk.orders.flatMap((order) => (order as MessageOrder).messageIds);
  return { desk, jobs, records, idsActedOn };
}

async function turns(count = 60): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((go) => setImmediate(go));
}

test("a job acts once on what was there when it began, but for Submission", async () => {
  const { jobs, idsActedOn } = open();
  const job = await jobs.start({ task: TASK, by: "carol", expected: 7 });
  assert.equal(job.state, "Running");
  await turns();
  assert.deepEqual(idsActedOn(), [1, 2, 3, 4, 5, 6, 7]);
  const [ended] = await jobs.list();
  assert.deepEqual([ended?.id, ended?.state, ended?.done], ["job-40", "Completed", 7]);
  assert.equal(await jobs.stop("job-40"), undefined);
});

test("a job goes on where it was after a restart, and repeats what was under way", async () => {
  const first = open();
  // Acts on the second page never end: an attempt is under way.
  const act = first.desk.actOnMessages;
  first.desk.actOnMessages = (order) => {
    first.desk.isBusy = order.messageIds.includes(3);
    return act(order);
  };
  await first.jobs.start({ task: TASK, by: "carol", expected: 7 });
  await turns();
  first.desk.clock.advance(2_000);
  await turns();
  first.jobs.stopAll();
  const [stored] = await first.records.list("queue-job", { after: "", limit: 9 });
  assert.match(stored?.json ?? "", /"state":"Running"/);
  const second = open(first.records);
  await second.jobs.open();
  await turns();
  const ids = [...new Set([...first.idsActedOn(), ...second.idsActedOn()])];
  assert.deepEqual(ids.sort(), [1, 2, 3, 4, 5, 6, 7]);
  assert.ok(second.idsActedOn().includes(3), "what was under way is asked for again");
  assert.ok(!second.idsActedOn().includes(1), "what was done is not done again");
  assert.equal((await second.jobs.list())[0]?.state, "Completed");
});

test("what a job has removed when the server dies is counted, though found no more", async () => {
  const first = open();
  first.desk.isBusy = true;
  await first.jobs.start({ task: TASK, by: "carol", expected: 7 });
  await turns();
  const begun = new Set(first.idsActedOn());
  assert.deepEqual([...begun], [1, 2]);
  const second = open(first.records);
  second.desk.located = second.desk.located.filter(({ message }) => !begun.has(message.id));
  await second.jobs.open();
  await turns();
  const [job] = await second.jobs.list();
  assert.deepEqual([job?.state, job?.done], ["Completed", 7]);
});

test("a job can be stopped, and one whose filter is no more fails", async () => {
  const { desk, jobs } = open();
  desk.isBusy = true;
  await jobs.start({ task: TASK, by: "carol", expected: 7 });
  await turns();
  const stopping = jobs.stop("job-40");
  for (let step = 0; step < 10; step += 1) {
    desk.clock.advance(2_000);
    await turns();
  }
  assert.equal((await stopping)?.state, "Stopped");
  const gone = open();
  await gone.jobs.start({ task: { ...TASK, filter: "Gone -eq 1" }, by: "carol", expected: 1 });
  await turns();
  const [failed] = await gone.jobs.list();
  assert.equal(failed?.state, "Failed");
  assert.match(failed?.error ?? "", /its filter is no more/);
});

test("a job on queues acts on those that the filter picks", async () => {
  const { desk, jobs } = open();
  const task = { target: "queues", act: "retry", filter: "NextHopDomain -eq 'a.test'" } as const;
  await jobs.start({ task, by: "carol", expected: 1 });
  await turns();
  assert.deepEqual(desk.orders, [{ act: "retry", key: desk.queues[1]?.key, by: "carol" }]);
  assert.equal((await jobs.list())[0]?.done, 1);
});

test("a job looks again when a thread has died over what it read", async () => {
  const { desk, jobs, idsActedOn } = open();
  const hidden = desk.located;
  let looks = 0;
  // The thread that has them is dead at the first look, and they are nowhere to be seen.
  desk.whole = async () => {
    looks += 1;
    const isWhole = looks > 1;
    desk.located = isWhole ? hidden : [];
    return () => isWhole;
  };
  await jobs.start({ task: TASK, by: "carol", expected: 7 });
  await turns();
  desk.clock.advance(1_000);
  await turns();
  assert.deepEqual(idsActedOn(), [1, 2, 3, 4, 5, 6, 7]);
  assert.equal((await jobs.list())[0]?.state, "Completed");
});

test("what a dead thread had in hand is acted on again, beside what still waits", async () => {
  const { desk, jobs } = open();
  const [, first] = desk.queues;
  assert.ok(first);
  const second = sampleQueue(4, "b.test");
  desk.queues = [...desk.queues, second];
  desk.located = [sampleLocated(first, { id: 1 }), sampleLocated(second, { id: 2 })];
  let isDead = false;
  desk.whole = async () => {
    isDead = false;
    return () => !isDead;
  };
  const asked: number[] = [];
  const waits = Promise.withResolvers<void>();
  desk.actOnMessages = async ({ messageIds: [id = 0] }) => {
    asked.push(id);
    if (id === 1) await waits.promise;
    // Its thread is dead: nothing was done, and nothing is said.
    else if (asked.length === 2) isDead = true;
    return 1;
  };
  await jobs.start({ task: TASK, by: "carol", expected: 2 });
  for (let second = 0; second < 5; second += 1) {
    await turns();
    desk.clock.advance(2_000);
  }
  assert.deepEqual(asked, [1, 2, 2]);
  waits.resolve();
  await turns();
  const [job] = await jobs.list();
  assert.deepEqual([job?.state, job?.done], ["Completed", 2]);
});

test("a job is taken up however many have ended before it", async () => {
  const { jobs, records, idsActedOn } = open();
  const job = { task: TASK, by: "carol", startedMs: 0, done: 0, expected: 7, cursor: 0 };
  const ended = Array.from({ length: RECORD_PAGE_MAX }, (_, index) => {
    const id = `job-${1_000 + index}`;
    return { ...job, id, state: "Completed", before: 40, pending: [] };
  });
  const running = ["job-40", "job-999"].map((id) => {
    return { ...job, id, state: "Running", before: 40, pending: [] };
  });
  for (const one of [...ended, ...running]) {
    const json = JSON.stringify(one);
    await records.write([{ kind: "queue-job", key: one.id, json, expiresMs: 9e15 }]);
  }
  await jobs.open();
  await turns();
  assert.equal(idsActedOn().length, 14, "each of the two acts on all seven");
});

test("a job does not wait for ever for an act that breaks us, and says what is left", async () => {
  const { desk, jobs, idsActedOn } = open();
  const act = desk.actOnMessages;
  desk.actOnMessages = (order) =>
    order.messageIds.includes(3) ? Promise.reject(new Error("we are wrong")) : act(order);
  await jobs.start({ task: TASK, by: "carol", expected: 7 });
  for (let second = 0; second < 70; second += 1) {
    await turns(10);
    desk.clock.advance(1_000);
  }
  await turns();
  const [job] = await jobs.list();
  assert.equal(job?.state, "Failed");
  assert.match(job?.error ?? "", /up to 2 messages could not be acted on/);
  assert.deepEqual(idsActedOn(), [1, 2, 5, 6, 7]);
});
