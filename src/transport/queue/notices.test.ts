import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import type { NotifyCondition } from "../../mail/envelope.ts";
import { failingQueueStore } from "../../store/queue-failing.fake.ts";
import { hopFault, RELAYED } from "./hop.fake.ts";
import { QueueBench } from "./queue-bench.fake.ts";

const TO = "r@a.test";

function kindsOf(bench: QueueBench, domain = "sender.test"): readonly string[] {
  return bench
    .hop(domain)
    .received.map(({ notice }) => /^Action: (\w+)/m.exec(notice)?.[1] ?? "none");
}

test("mail that waits is reported once as delayed, then once as expired", async () => {
  const bench = await QueueBench.open();
  bench.hop("a.test").mood = "down";
  const id = await bench.submit({ to: [TO, "s@a.test"] });
  await bench.advance(4 * HOUR - MINUTE, MINUTE);
  assert.deepEqual(kindsOf(bench), []);
  await bench.advance(2 * MINUTE);
  assert.deepEqual(kindsOf(bench), ["delayed"]);
  await bench.advance(2 * DAY - 4 * HOUR - 2 * MINUTE, MINUTE);
  assert.deepEqual(kindsOf(bench), ["delayed"], "one for both recipients, and no more");
  await bench.advance(2 * MINUTE);
  assert.deepEqual(kindsOf(bench), ["delayed", "failed"]);
  // The queue sends its mail back to the categorizer every 12 hours: it is deferred anew.
  const isNews = (event: string, index: number) => index === 0 || !event.startsWith("DEFER");
  const story = bench.story(id).filter(isNews);
  assert.deepEqual(story, [
    `DEFER(QUEUE) ${TO};s@a.test`,
    `DSN(DSN) ${TO};s@a.test`,
    `FAIL(QUEUE) ${TO};s@a.test`,
    `DSN(DSN) ${TO};s@a.test`,
  ]);
  assert.equal(bench.memory.messageCount, 0);
});

test("a retry at the moment of expiry ends in one outcome, never in both", async () => {
  for (const shiftMs of [-1_000, -1, 0, 1, 1_000]) {
    const bench = await QueueBench.open({
      service: {
        queueGlitchRetryIntervalMs: MINUTE,
        messageExpirationTimeoutMs: 3 * MINUTE + shiftMs,
        delayNotificationTimeoutMs: 2 * MINUTE + shiftMs,
      },
    });
    const hop = bench.hop("a.test");
    hop.mood = "down";
    for (let count = 0; count < 20; count += 1) await bench.submit({ to: [`r${count}@a.test`] });
    await bench.advance(2 * MINUTE + 30 * SECOND);
    hop.mood = "up";
    await bench.advance(5 * MINUTE);
    const failed = kindsOf(bench).filter((kind) => kind === "failed").length;
    assert.equal(hop.received.length + failed, 20, `shift ${shiftMs}`);
    assert.equal(kindsOf(bench).filter((kind) => kind === "delayed").length, 20);
    assert.equal(bench.memory.messageCount, 0);
  }
});

test("put off once its time is over, it has failed, and the log says so", async () => {
  const service = { messageExpirationTimeoutMs: 3 * MINUTE, delayNotificationTimeoutMs: DAY };
  const bench = await QueueBench.open({ service });
  const hop = bench.hop("a.test");
  hop.attemptMs = 4 * MINUTE;
  hop.answer = () => ({ kind: "deferred", fault: hopFault("421 4.2.1 Later") });
  const id = await bench.submit({ to: [TO] });
  await bench.advance(5 * MINUTE, SECOND);
  assert.deepEqual(kindsOf(bench), ["failed"]);
  assert.deepEqual(bench.story(id), [`DEFER(SMTP) ${TO}`, `FAIL(QUEUE) ${TO}`, `DSN(DSN) ${TO}`]);
  assert.match(
    bench.memory.events,
    /QUEUE\.Expired; message expired; last error: 421 4\.2\.1 Later/,
  );
  const counted = bench.threads[0]?.metrics.snapshot().values;
  assert.equal(counted?.["postrider_recipient_outcomes_total:expired"], 1);
});

const WISHES: readonly (readonly [readonly NotifyCondition[] | undefined, readonly string[]])[] = [
  [undefined, ["delayed", "failed"]],
  [[], []],
  [["FAILURE"], ["failed"]],
  [["DELAY"], ["delayed"]],
  [["SUCCESS"], []],
];
for (const [notify, kinds] of WISHES) {
  test(`NOTIFY=${notify?.join() ?? "(absent)"}: ${kinds.join() || "nothing"}`, async () => {
    const bench = await QueueBench.open();
    bench.hop("a.test").mood = "down";
    await bench.submit({ to: [TO], recipient: { notify } });
    await bench.advance(2 * DAY + MINUTE, MINUTE);
    assert.deepEqual(kindsOf(bench), kinds);
    assert.equal(bench.memory.messageCount, 0);
  });
}

test("success is told when it was asked for", async () => {
  const bench = await QueueBench.open();
  await bench.submit({ to: [TO], recipient: { notify: ["SUCCESS"] } });
  await bench.settle();
  assert.deepEqual(kindsOf(bench), ["relayed"]);
});

test("nothing is told to the null sender", async () => {
  const bench = await QueueBench.open();
  bench.hop("a.test").answer = () => ({ kind: "failed", fault: hopFault("550 5.1.1 No") });
  await bench.submit({ to: [TO], from: "" });
  await bench.settle();
  assert.equal(bench.memory.messageCount, 0);
  assert.ok(!bench.memory.events.includes(",DSN,"));
});

test("a notice that cannot be delivered is not answered", async () => {
  const bench = await QueueBench.open();
  const no = () => ({ kind: "failed", fault: hopFault("550 5.1.1 No") }) as const;
  bench.hop("a.test").answer = no;
  bench.hop("sender.test").answer = no;
  await bench.submit({ to: [TO] });
  await bench.advance(MINUTE);
  assert.equal(bench.hop("sender.test").connectionCount, 1);
  assert.equal(bench.memory.messageCount, 0);
});

test("delay notices are switched off for our own senders and others apart", async () => {
  for (const setting of ["internalDelayDsnEnabled", "externalDelayDsnEnabled"] as const) {
    const bench = await QueueBench.open();
    const { transportConfig } = bench.organization;
    const changed = { ...transportConfig, [setting]: false };
    bench.organization = { ...bench.organization, transportConfig: changed };
    bench.hop("a.test").mood = "down";
    await bench.submit({ to: [TO] });
    await bench.submit({ to: [TO], from: "x@elsewhere.test" });
    await bench.advance(5 * HOUR, MINUTE);
    const ours = kindsOf(bench);
    const others = kindsOf(bench, "elsewhere.test");
    const isInternal = setting === "internalDelayDsnEnabled";
    assert.deepEqual(ours, isInternal ? [] : ["delayed"]);
    assert.deepEqual(others, isInternal ? ["delayed"] : []);
  }
});

test("one notice per message and kind, whatever the store refuses meanwhile", async () => {
  let refusals = 0;
  const bench = await QueueBench.open({
    wrapStore: (store) =>
      failingQueueStore(store, ({ name }) => name === "commit" && refusals-- > 0).store,
  });
  const open = bench.hop("a.test").close();
  bench.hop("a.test").answer = (_, address) =>
    address === TO ? RELAYED : { kind: "failed", fault: hopFault("550 5.1.1 No") };
  await bench.submit({ to: [TO, "s@a.test", "t@a.test"] });
  refusals = 3;
  open();
  await bench.advance(10 * SECOND);
  assert.deepEqual(kindsOf(bench), ["failed"]);
  assert.deepEqual(bench.hop("a.test").addresses, [TO]);
  assert.equal(bench.memory.messageCount, 0);
  assert.equal(bench.bytesInMemory, 0);
});

test("five hundred held messages do not keep others from being reported", async () => {
  const bench = await QueueBench.open();
  bench.hop("a.test").mood = "down";
  for (let count = 0; count < 510; count += 1) {
    const id = await bench.submit({ to: [TO], from: "" });
    await bench.queue().administration.suspendMessages({ messageIds: [id], by: "carol" });
  }
  await bench.submit({ to: [TO] });
  await bench.advance(2 * DAY + MINUTE, MINUTE);
  assert.deepEqual(kindsOf(bench), ["delayed", "failed"]);
  assert.equal(bench.memory.messageCount, 510);
});

const REMOTE = {
  name: "Sender",
  domainName: "*.test",
  autoForwardEnabled: true,
  deliveryReportEnabled: true,
  ndrEnabled: true,
  ndrDiagnosticInfoEnabled: true,
};

test("a remote domain may be told of no failures, or nothing of our servers", async () => {
  for (const [changes, kinds, saysWhy] of [
    [{}, ["failed"], true],
    [{ ndrEnabled: false }, [], false],
    [{ ndrDiagnosticInfoEnabled: false }, ["failed"], false],
    [{ deliveryReportEnabled: false }, ["failed"], true],
  ] as const) {
    const bench = await QueueBench.open();
    const { organization } = bench;
    bench.organization = { ...organization, remoteDomains: [{ ...REMOTE, ...changes }] };
    bench.hop("a.test").answer = () => ({ kind: "failed", fault: hopFault("550 5.1.1 Nobody") });
    await bench.submit({ to: [TO], from: "x@elsewhere.test" });
    await bench.settle();
    assert.deepEqual(kindsOf(bench, "elsewhere.test"), kinds, JSON.stringify(changes));
    const told = bench.hop("elsewhere.test").received.map(({ notice }) => notice);
    assert.equal(/5\.1\.1 Nobody/.test(told.join()), saysWhy, JSON.stringify(changes));
  }
});
