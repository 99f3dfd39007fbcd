import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { FIXED_QUEUES } from "../../store/queue-rows.ts";
import { DUE_NOW_MS, POISON_QUEUE_ID } from "../../store/queue-store.ts";
import { hopFault } from "./hop.fake.ts";
import { keyOf, QueueBench } from "./queue-bench.fake.ts";

const TO = "r@a.test";
const BY = "carol";

/** A bench with a message that waits in a queue that failed. */
async function openWaiting(to: readonly string[] = [TO]) {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.mood = "down";
  const id = await bench.submit({ to });
  return { bench, hop, id };
}

/** Resolves with the act's answer while time goes on. */
async function whileTimePasses<Value>(bench: QueueBench, act: Promise<Value>): Promise<Value> {
  let value: { readonly of: Value } | undefined;
  void act.then((of) => {
    value = { of };
  });
  for (let step = 0; step < 50 && value === undefined; step += 1) await bench.advance(100);
  assert(value !== undefined, "the act ends");
  return value.of;
}

test("a suspended queue sends nothing, over a restart too, while mail still joins it", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  await bench.queue().administration.suspendQueue(keyOf("a.test"), BY);
  await bench.submit({ to: [TO] });
  await bench.advance(HOUR);
  assert.equal(hop.connectionCount, 0);
  for (const wasUnclean of [false, true]) {
    if (wasUnclean) bench.crash();
    else await bench.stop();
    await bench.start({ wasUnclean });
    await bench.submit({ to: [TO] });
    await bench.advance(10 * MINUTE);
    assert.equal(hop.connectionCount, 0);
    assert.equal(bench.queue().figures().queuesByStatus.Suspended, 1);
  }
  const [queue] = await bench.memory.listQueues();
  assert.equal(queue?.state.suspendedBy, BY);
  assert.equal(queue?.recipientCount, 3);
  await bench.queue().administration.resumeQueue(keyOf("a.test"), BY);
  await bench.settle();
  assert.equal(hop.received.length, 3);
  assert.equal(bench.memory.messageCount, 0);
});

test("a suspended queue without mail outlives its idle time and a restart", async () => {
  const bench = await QueueBench.open();
  await bench.queue().administration.suspendQueue(keyOf("a.test"), BY);
  await bench.advance(10 * MINUTE);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(10 * MINUTE);
  await bench.submit({ to: [TO] });
  assert.equal(bench.hop("a.test").connectionCount, 0);
});

test("a suspended message is not attempted and does not expire; others go on", async () => {
  const { bench, hop, id } = await openWaiting();
  const other = await bench.submit({ to: ["other@a.test"] });
  assert.equal(await bench.queue().administration.suspendMessages({ messageIds: [id], by: BY }), 1);
  hop.mood = "up";
  await bench.advance(MINUTE + SECOND);
  assert.deepEqual(hop.addresses, ["other@a.test"]);
  assert.deepEqual(bench.story(other).at(-1), "SEND(SMTP) other@a.test");
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(3 * DAY, 10 * MINUTE);
  assert.deepEqual(hop.addresses, ["other@a.test"]);
  assert.equal(bench.hop("sender.test").received.length, 0, "no notice");
  assert.equal(await bench.queue().administration.resumeMessages({ messageIds: [id], by: BY }), 1);
  await bench.settle();
  assert.deepEqual(hop.addresses, ["other@a.test", TO]);
  assert.deepEqual(bench.story(id), [
    `DEFER(QUEUE) ${TO}`,
    `DEFER(ADMIN) ${TO}`,
    `DEFER(ADMIN) ${TO}`,
    `SEND(SMTP) ${TO}`,
  ]);
  assert.match(bench.memory.events, /Suspend-Message;by=carol/);
  assert.match(bench.memory.events, /Resume-Message;by=carol/);
});

test("what is ready in memory can be suspended; what is under way finishes first", async () => {
  const bench = await QueueBench.open({ service: { maxPerDomainOutboundConnections: 1 } });
  const hop = bench.hop("a.test");
  const open = hop.close();
  const first = await bench.submit({ to: ["first@a.test"] });
  const second = await bench.submit({ to: ["second@a.test"] });
  const { administration } = bench.queue();
  assert.equal(await administration.suspendMessages({ messageIds: [second], by: BY }), 1);
  hop.answer = () => ({ kind: "deferred", fault: hopFault("451 4.7.1 Later") });
  const suspended = administration.suspendMessages({ messageIds: [first], by: BY });
  await bench.advance(SECOND);
  open();
  assert.equal(await whileTimePasses(bench, suspended), 1);
  await bench.advance(HOUR);
  assert.deepEqual(hop.addresses, []);
  assert.equal((await bench.memory.readMessage(first))?.recipients[0]?.recipient.suspended, true);
  assert.equal(bench.bytesInMemory, 0);
});

test("an attempt that succeeds leaves nothing to suspend", async () => {
  const bench = await QueueBench.open();
  const open = bench.hop("a.test").close();
  const id = await bench.submit({ to: [TO] });
  const suspended = bench.queue().administration.suspendMessages({ messageIds: [id], by: BY });
  await bench.advance(SECOND);
  open();
  assert.equal(await whileTimePasses(bench, suspended), 0);
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
});

for (const withNdr of [true, false]) {
  test(`a removed message never goes out, ${withNdr ? "with" : "without"} a notice`, async () => {
    const { bench, hop, id } = await openWaiting([TO, "s@a.test"]);
    const { administration } = bench.queue();
    assert.equal(await administration.removeMessages({ messageIds: [id], by: BY, withNdr }), 2);
    hop.mood = "up";
    await bench.advance(HOUR);
    assert.deepEqual(hop.addresses, []);
    const notices = bench.hop("sender.test").received;
    assert.equal(notices.length, withNdr ? 1 : 0);
    if (withNdr) assert.match(notices[0]?.notice ?? "", /removed by an administrator/);
    const last = bench.story(id).filter((event) => event.includes("ADMIN"));
    assert.deepEqual(last, [`${withNdr ? "FAIL" : "DROP"}(ADMIN) ${TO};s@a.test`]);
    assert.match(bench.memory.events, /Remove-Message;by=carol/);
    assert.equal(bench.memory.messageCount, 0);
  });
}

test("a redirected recipient goes to its new address, the others to theirs", async () => {
  const { bench, hop, id } = await openWaiting([TO, "s@a.test"]);
  const { administration } = bench.queue();
  const to = { position: 0, address: "new@b.test" as Address };
  assert.equal(await administration.redirectRecipients({ messageIds: [id], by: BY }, to), 1);
  await bench.settle();
  assert.deepEqual(bench.hop("b.test").addresses, ["new@b.test"]);
  hop.mood = "up";
  await bench.advance(MINUTE + SECOND);
  assert.deepEqual(hop.addresses, ["s@a.test"]);
  assert.ok(bench.story(id).includes("REDIRECT(ADMIN) new@b.test"));
});

test("redirecting one recipient of a delivery in memory leaves the rest of it", async () => {
  const bench = await QueueBench.open({ service: { maxPerDomainOutboundConnections: 1 } });
  const hop = bench.hop("a.test");
  const open = hop.close();
  await bench.submit({ to: ["first@a.test"] });
  const id = await bench.submit({ to: [TO, "s@a.test"] });
  const to = { position: 0, address: "new@b.test" as Address };
  await bench.queue().administration.redirectRecipients({ messageIds: [id], by: BY }, to);
  open();
  await bench.advance(SECOND);
  assert.deepEqual(bench.hop("b.test").addresses, ["new@b.test"]);
  assert.deepEqual(hop.addresses, ["first@a.test", "s@a.test"]);
  assert.equal(bench.bytesInMemory, 0);
});

test("a row that says suspended is honoured, even where it waits as if due", async () => {
  const { bench, hop, id } = await openWaiting([TO, "s@a.test"]);
  const stored = await bench.memory.readMessage(id);
  const [first] = stored?.recipients ?? [];
  assert(first !== undefined);
  await bench.memory.commit({
    putRecipients: [{ ...first, recipient: { ...first.recipient, suspended: true } }],
  });
  hop.mood = "up";
  await bench.advance(MINUTE + SECOND);
  assert.deepEqual(hop.addresses, ["s@a.test"]);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(HOUR);
  assert.deepEqual(hop.addresses, ["s@a.test"]);
  await bench.queue().administration.resumeMessages({ messageIds: [id], by: BY });
  await bench.settle();
  assert.deepEqual(hop.addresses, ["s@a.test", TO]);
});

test("mail in Unreachable can be removed; resumed from Poison it is tried again", async () => {
  const bench = await QueueBench.open();
  const { administration } = bench.queue();
  const lost = await bench.submit({ to: ["r@nowhere.test"] });
  assert.equal(await administration.suspendMessages({ messageIds: [lost], by: BY }), 1);
  const before = bench.organization;
  const connectors = [{ name: "other" }] as unknown as typeof before.sendConnectors;
  bench.organization = { ...before, sendConnectors: connectors };
  bench.queue().organizationChanged(before, bench.organization);
  await bench.settle();
  assert.equal((await bench.memory.readMessage(lost))?.recipients[0]?.recipient.suspended, true);
  assert.equal(
    await administration.removeMessages({ messageIds: [lost], by: BY, withNdr: false }),
    1,
  );
  assert.equal(bench.memory.messageCount, 0);

  bench.hop("a.test").mood = "down";
  const id = await bench.submit({ to: [TO] });
  const stored = await bench.memory.readMessage(id);
  await bench.memory.commit({
    putRecipients: (stored?.recipients ?? []).map((placed) => ({
      ...placed,
      placement: { queueId: POISON_QUEUE_ID, dueMs: DUE_NOW_MS },
    })),
  });
  bench.hop("a.test").mood = "up";
  await bench.advance(HOUR);
  assert.deepEqual(bench.hop("a.test").addresses, []);
  assert.equal(await administration.resumeMessages({ messageIds: [id], by: BY }), 1);
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
});

test("a message that is not here, or done, concerns nobody", async () => {
  const bench = await QueueBench.open();
  const { administration } = bench.queue();
  assert.equal(await administration.suspendMessages({ messageIds: [4_711], by: BY }), 0);
  assert.equal(
    await administration.removeMessages({ messageIds: [4_711], by: BY, withNdr: true }),
    0,
  );
});

test("of two words about Submission the later one stays, whatever the store refuses", async () => {
  let isFirst = true;
  const bench = await QueueBench.open({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => {
        if (name !== "openQueue" || !isFirst) return false;
        isFirst = false;
        return true;
      }).store,
  });
  const [submission] = FIXED_QUEUES;
  assert(submission !== undefined);
  const { administration } = bench.queue();
  const suspended = administration.suspendQueue(submission.key, BY);
  await bench.settle();
  await administration.resumeQueue(submission.key, BY);
  await whileTimePasses(
    bench,
    suspended.then(() => bench.advance(MINUTE)),
  );
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.submit({ to: [TO] });
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
});

test("an act that breaks us leaves its message in the queue, and acts on the others", async () => {
  let bad = 0;
  const bench = await QueueBench.open({
    service: { maxPerDomainOutboundConnections: 1 },
    wrapStore: (store) =>
      new Proxy(store, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== "function") return method;
          return (...parameters: unknown[]) => {
            if (name === "readContent" && parameters[0] === bad) throw new Error("we are wrong");
            return Reflect.apply(method, target, parameters) as unknown;
          };
        },
      }),
  });
  const hop = bench.hop("a.test");
  const open = hop.close();
  // One is in the lane; the others are ready in memory.
  await bench.submit({ to: [TO] });
  const content = [Buffer.from("Subject: x\r\n"), Buffer.from("\r\ntext\r\n")];
  bad = await bench.submit({ to: ["bad@a.test"], content });
  const good = await bench.submit({ to: ["good@a.test"] });
  const { administration } = bench.queue();
  const selection = { messageIds: [bad, good], by: BY, withNdr: true };
  const failed = assert.rejects(administration.removeMessages(selection), /we are wrong/);
  await bench.advance(SECOND);
  open();
  await bench.advance(5 * SECOND);
  await failed;
  assert.deepEqual(hop.addresses, [TO, "bad@a.test"]);
  assert.equal(bench.hop("sender.test").received.length, 1, "the notice about the good one");
  assert.equal(bench.bytesInMemory, 0);
});
