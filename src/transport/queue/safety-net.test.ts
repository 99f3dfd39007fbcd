import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import { type BenchOptions, QueueBench } from "./queue-bench.fake.ts";
import {
  PROGRESS_KIND,
  REQUEST_KIND,
  type ResubmitProgress,
  type ResubmitRequest,
  recordOf,
} from "./resubmit-request.ts";

const FAR = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, request: -1, limit: 10_000 };

async function openBench(options: BenchOptions = {}, holdMs = 2 * DAY) {
  const records = new MemoryRecordStore();
  const bench = await QueueBench.open({ records, ...options });
  switchTo(bench, holdMs);
  const request = async (what: Partial<ResubmitRequest>): Promise<ResubmitRequest> => {
    const nowMs = bench.clock.nowMs();
    const made: ResubmitRequest = {
      id: nowMs,
      startMs: 0,
      endMs: nowMs + 1,
      by: "carol",
      createdMs: nowMs,
      enabled: true,
      ...what,
    };
    await records.write([recordOf(REQUEST_KIND, made)]);
    return made;
  };
  const progressOf = async ({ id }: ResubmitRequest) => {
    const found = await records.read(PROGRESS_KIND, String(id));
    return found === undefined ? undefined : (JSON.parse(found.json) as ResubmitProgress);
  };
  return { bench, records, request, progressOf };
}

function switchTo(bench: QueueBench, safetyNetHoldTimeMs: number): void {
  const { transportConfig } = bench.organization;
  bench.organization = {
    ...bench.organization,
    transportConfig: { ...transportConfig, safetyNetHoldTimeMs },
  };
}

async function inNet(bench: QueueBench): Promise<readonly string[]> {
  const kept = await bench.memory.readSafetyNet(FAR);
  return kept.map(({ recipient }) => recipient.address).toSorted();
}

test("switched off, nothing is kept", async () => {
  const { bench } = await openBench({}, 0);
  await bench.submit({ to: ["a@a.test"] });
  await bench.advance(SECOND);
  assert.deepEqual(await inNet(bench), []);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
});

test("what was delivered is kept with its content for its time, then gone", async () => {
  const { bench } = await openBench();
  await bench.submit({ to: ["a@a.test", "b@a.test"] });
  bench.hop("c.test").mood = "down";
  await bench.submit({ to: ["c@c.test"] });
  await bench.advance(SECOND);
  assert.deepEqual(await inNet(bench), ["a@a.test", "b@a.test"]);
  assert.equal(bench.memory.messageCount, 2);
  await bench.advance(2 * DAY + MINUTE, MINUTE);
  // Its sender has been told of the delay since.
  assert.deepEqual(
    (await inNet(bench)).filter((address) => address !== "sender@sender.test"),
    [],
  );
});

test("switched off later, all of it goes", async () => {
  const { bench } = await openBench();
  for (let count = 0; count < 5; count += 1) await bench.submit({ to: ["a@a.test"] });
  switchTo(bench, 0);
  await bench.advance(2 * MINUTE);
  assert.equal(bench.memory.messageCount, 0);
  assert.deepEqual(bench.memory.contentIds, []);
});

for (const [why, what, want] of [
  ["all", {}, ["a@a.test", "b@a.test", "c@c.test"]],
  ["one recipient", { recipient: "B@a.test" as Address }, ["b@a.test"]],
  ["one next hop", { destination: "C.test" }, ["c@c.test"]],
  ["another sender", { sender: "nobody@x.test" as Address }, []],
  ["a sender", { sender: "Sender@sender.test" as Address }, ["a@a.test", "b@a.test", "c@c.test"]],
  ["a time before", { endMs: 1 }, []],
  ["another message", { messageId: "<other@x>" }, []],
] as const) {
  test(`a request delivers once more: ${why}`, async () => {
    const { bench, request, progressOf } = await openBench();
    await bench.submit({ to: ["a@a.test", "b@a.test", "c@c.test"] });
    await bench.advance(SECOND);
    const asked = await request(what);
    await bench.advance(10 * SECOND);
    const received = ["a.test", "c.test"].flatMap((domain) => bench.hop(domain).addresses);
    const first = ["a@a.test", "b@a.test", "c@c.test"];
    assert.deepEqual(received.toSorted(), [...first, ...want].toSorted());
    const progress = await progressOf(asked);
    assert.deepEqual([progress?.state, progress?.done], ["Completed", want.length]);
    // Copies are not kept again; what they came from still is.
    assert.deepEqual(await inNet(bench), first);
    assert.equal(bench.memory.messageCount, 1);
  });
}

test("a request can send all to somebody else, each message once", async () => {
  const { bench, request } = await openBench();
  await bench.submit({ to: ["a@a.test", "b@a.test"] });
  await bench.submit({ to: ["c@c.test"] });
  await bench.advance(SECOND);
  await request({ resubmitTo: "new@n.test" as Address });
  await bench.advance(10 * SECOND);
  assert.deepEqual(bench.hop("n.test").addresses, ["new@n.test", "new@n.test"]);
  assert.match(bench.memory.events, /SAFETYNET,RESUBMIT,.*new@n\.test/);
});

test("a request that is switched off waits; the next one that is on goes", async () => {
  const { bench, records, request, progressOf } = await openBench();
  await bench.submit({ to: ["a@a.test"] });
  await bench.advance(SECOND);
  const waiting = await request({ enabled: false });
  await bench.advance(10 * SECOND);
  assert.equal(await progressOf(waiting), undefined);
  await records.write([recordOf(REQUEST_KIND, { ...waiting, enabled: true })]);
  await bench.advance(10 * SECOND);
  assert.equal((await progressOf(waiting))?.done, 1);
});

test("nobody is told when a copy cannot be delivered", async () => {
  const { bench, request } = await openBench();
  await bench.submit({ to: ["a@a.test"] });
  await bench.advance(SECOND);
  const { hop, reply: diagnostic } = { hop: undefined, reply: "550 5.1.1 Nobody" };
  bench.hop("a.test").answer = () => ({
    kind: "failed",
    fault: { status: "5.1.1", diagnostic, hop, source: "SMTP" },
  });
  await request({});
  await bench.advance(HOUR, SECOND);
  assert.deepEqual(bench.hop("sender.test").addresses, []);
  assert.match(bench.memory.events, /,FAIL,/);
});

test("a crash at any write of a request repeats nothing and leaves nothing out", async () => {
  for (let fatal = 1; fatal < 12; fatal += 1) {
    let isArmed = false;
    let calls = 0;
    const { bench, request, progressOf } = await openBench({
      wrapStore: (store) =>
        failingQueueStore(store, ({ name }) => {
          if (!isArmed || name !== "commit") return false;
          calls += 1;
          // From then on nothing reaches the disk: the process is as good as dead.
          return calls >= fatal;
        }).store,
    });
    const sent: string[] = [];
    for (let number = 0; number < 450; number += 1) sent.push(`u${number}@a.test`);
    await bench.submit({ to: sent.slice(0, 210) });
    await bench.submit({ to: sent.slice(210) });
    await bench.advance(SECOND);
    const asked = await request({});
    isArmed = true;
    await bench.advance(5 * SECOND);
    bench.crash();
    isArmed = false;
    await bench.start({ wasUnclean: true });
    await bench.advance(30 * SECOND);
    assert.equal((await progressOf(asked))?.state, "Completed", `fatal ${fatal}`);
    const { received } = bench.hop("a.test");
    const again = received.filter(({ possibleDuplicate }) => !possibleDuplicate);
    const counts = Map.groupBy(again, ({ address }) => address);
    for (const address of sent) {
      const all = received.filter((one) => one.address === address).length;
      assert.ok(all >= 2, `${address} at ${fatal}`);
      assert.ok((counts.get(address)?.length ?? 0) <= 2, `${address} at ${fatal}: not told apart`);
    }
    const ids = new Set(received.map(({ messageId }) => messageId));
    // Two messages, and a copy of each for each page that it is in.
    assert.ok(ids.size <= 2 + 4, `${ids.size} messages at ${fatal}`);
  }
});
