import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, MINUTE, SECOND } from "../../base/units.ts";
import { POISON_QUEUE_ID, type QueueStore } from "../../store/queue-store.ts";
import { hopFault } from "./hop.fake.ts";
import { QueueBench } from "./queue-bench.fake.ts";
import type { Uncategorized } from "./submission.ts";

const TO = "r@a.test";

function isBad({ message }: Uncategorized): boolean {
  return message.subject === "bad";
}

async function poisonCount(bench: QueueBench): Promise<number> {
  const queues = await bench.memory.listQueues();
  return queues.find(({ id }) => id === POISON_QUEUE_ID)?.recipientCount ?? 0;
}

for (const how of ["at once", "later"] as const) {
  test(`a message that breaks the categorizer ${how} is tried again, then set aside`, async () => {
    let tries = 0;
    const bench = await QueueBench.open({
      categorize(input, usual) {
        if (!isBad(input)) return usual();
        tries += 1;
        if (how === "later") return Promise.reject(new Error("we are wrong"));
        throw new Error("we are wrong");
      },
    });
    const id = await bench.submit({ to: [TO, "s@b.test"], message: { subject: "bad" } });
    assert.equal(tries, 1);
    assert.equal(bench.bytesInMemory, 0, "nothing is kept for it");
    await bench.submit({ to: [TO] });
    assert.deepEqual(bench.hop("a.test").addresses, [TO], "the rest goes on");
    await bench.advance(14 * MINUTE);
    assert.equal(tries, 1);
    await bench.advance(MINUTE + 2 * SECOND);
    assert.equal(tries, 2);
    assert.equal(await poisonCount(bench), 2);
    assert.deepEqual(bench.story(id), [`POISONMESSAGE(POISONMESSAGE) ${TO};s@b.test`]);
    assert.ok((await bench.memory.readContent(id, 0)) !== undefined, "with its bytes");
    bench.crash();
    await bench.start({ wasUnclean: true });
    await bench.advance(3 * DAY, 10 * MINUTE);
    assert.equal(tries, 2, "nor after a restart, and it does not expire");
    assert.equal(await poisonCount(bench), 2);
  });
}

test("with detection switched off it is tried for ever", async () => {
  let tries = 0;
  const bench = await QueueBench.open({
    service: { poisonMessageDetectionEnabled: false },
    categorize() {
      tries += 1;
      throw new Error("we are wrong");
    },
  });
  await bench.submit({ to: [TO] });
  await bench.advance(46 * MINUTE);
  assert.equal(tries, 4);
  assert.equal(await poisonCount(bench), 0);
});

/** Content that the store has in two pieces, which one message's readers trip over. */
const TWO_PIECES = [Buffer.from("Subject: x\r\n"), Buffer.from("\r\ntext\r\n")];

/** A store that breaks us when the content of message `id()` is read. */
function trap(store: QueueStore, id: () => number): QueueStore {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...parameters: unknown[]) => {
        if (name === "readContent" && parameters[0] === id()) throw new Error("we are wrong");
        return Reflect.apply(method, target, parameters) as unknown;
      };
    },
  });
}

test("a message whose notice cannot be written is set aside, and the thread lives", async () => {
  let bad = 0;
  const bench = await QueueBench.open({ wrapStore: (store) => trap(store, () => bad) });
  bench.hop("a.test").answer = () => ({ kind: "failed", fault: hopFault("550 5.1.1 No") });
  bad = 1 + (await bench.queue().nextMessageId());
  const id = await bench.submit({ to: [TO], content: TWO_PIECES });
  assert.equal(id, bad);
  assert.ok(bench.said.includes("message-broke-us"));
  await bench.advance(15 * MINUTE + SECOND);
  assert.equal(await poisonCount(bench), 1);
  assert.equal((await bench.memory.readMessage(id))?.recipients.length, 1);
  await bench.submit({ to: ["s@b.test"] });
  assert.deepEqual(bench.hop("b.test").addresses, ["s@b.test"]);
  assert.equal(bench.bytesInMemory, 0);
});

test("a message whose expiry cannot be told is set aside, and the others expire", async () => {
  let bad = 0;
  const bench = await QueueBench.open({ wrapStore: (store) => trap(store, () => bad) });
  bench.hop("a.test").mood = "down";
  const recipient = { delayNoticeMs: undefined };
  bad = await bench.submit({ to: [TO], content: TWO_PIECES, recipient });
  await bench.submit({ to: [TO], recipient });
  await bench.advance(2 * DAY + 5 * MINUTE, MINUTE);
  assert.equal(await poisonCount(bench), 1);
  assert.equal(bench.hop("sender.test").received.length, 1);
});

test("the suspects of a dead thread come one at a time, after everything else", async () => {
  const order: string[] = [];
  const bench = await QueueBench.open({
    service: { poisonThreshold: 3 },
    categorize({ message }, usual) {
      order.push(message.subject);
      return usual();
    },
  });
  const hop = bench.hop("a.test");
  hop.close();
  const ids: number[] = [];
  for (const subject of ["one", "two", "three", "four"]) {
    ids.push(await bench.submit({ to: [TO], message: { subject } }));
  }
  await bench.advance(100);
  const suspects = bench.killThread(0);
  assert.ok(suspects.length >= 2, "several were under way");
  order.length = 0;
  const open = hop.close();
  const [first = 0, second = 0] = ids;
  await bench.replaceThread(0, { suspects: [first, second] });
  assert.deepEqual(order, ["three", "four", "one"]);
  open();
  await bench.advance(SECOND, 20);
  assert.deepEqual(order, ["three", "four", "one", "two"]);
  assert.equal(hop.received.length, 4);
  assert.ok(hop.received.every(({ possibleDuplicate }) => possibleDuplicate));
  assert.deepEqual(bench.cleared, [first, second], "each as soon as it has left");
});

test("a suspect that does not leave is cleared when it does, and holds nobody up", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  const open = hop.close();
  const slow = await bench.submit({ to: [TO] });
  const next = await bench.submit({ to: ["s@b.test"] });
  bench.killThread(0);
  await bench.replaceThread(0, { suspects: [slow, next] });
  await bench.advance(3 * SECOND, 20);
  assert.deepEqual(bench.cleared, [next]);
  open();
  await bench.advance(2 * SECOND);
  assert.deepEqual(bench.cleared, [next, slow]);
  assert.deepEqual(hop.addresses, [TO]);
});

test("who takes up another thread's suspects has them after everything else, too", async () => {
  const order: number[] = [];
  const bench = await QueueBench.open({
    threads: 2,
    categorize({ message }, usual) {
      order.push(message.id);
      return usual();
    },
  });
  const mine = `r@${bench.domainOf(0)}`;
  const open = bench.hop(bench.domainOf(0)).close();
  const ids: number[] = [];
  for (let count = 0; count < 3; count += 1) ids.push(await bench.submit({ to: [mine] }, 1));
  bench.killThread(0);
  bench.killThread(1);
  const [first = 0, ...rest] = ids;
  order.length = 0;
  await bench.replaceThread(0, { suspects: [first] });
  open();
  await bench.advance(5 * SECOND);
  assert.deepEqual(order, [...rest, first]);
  assert.equal(bench.hop(bench.domainOf(0)).received.length, 3);
});

test("a message to blame at the threshold is set aside; what of it waits stays", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.answer = (_, address) =>
    address === "later@a.test"
      ? { kind: "deferred", fault: hopFault("451 4.7.1 Later") }
      : { kind: "failed", fault: hopFault("550 5.1.1 No") };
  const id = await bench.submit({ to: ["later@a.test"] });
  bench.killThread(0);
  await bench.replaceThread(0, { blamed: [id], suspects: [id] });
  await bench.advance(SECOND);
  const stored = await bench.memory.readMessage(id);
  assert.ok((stored?.recipients[0]?.placement.queueId ?? 0) > 0, "waits where it waited");
  bench.killThread(0);
  await bench.replaceThread(0, { suspects: [id] });
  assert.equal(await poisonCount(bench), 0, "to be suspect is not enough");
  bench.killThread(0);
  await bench.replaceThread(0, { blamed: [id], suspects: [id] });
  assert.equal(await poisonCount(bench), 1);
  assert.equal(bench.cleared.at(-1), id);
});

test("what was set aside for the death of a thread is marked when it goes on", async () => {
  const bench = await QueueBench.open();
  const hop = bench.hop("a.test");
  hop.close();
  const id = await bench.submit({ to: [TO] });
  // The hop may have said 250 at each death.
  for (let death = 0; death < 2; death += 1) {
    bench.killThread(0);
    await bench.replaceThread(0, { blamed: [id], suspects: [id] });
    await bench.advance(SECOND);
  }
  assert.equal(await poisonCount(bench), 1);
  bench.hop("a.test").close()();
  const resumed = bench.queue().administration.resumeMessages({ messageIds: [id], by: "carol" });
  await bench.advance(SECOND);
  assert.equal(await resumed, 1);
  assert.deepEqual(
    hop.received.map(({ possibleDuplicate }) => possibleDuplicate),
    [true],
  );
});
