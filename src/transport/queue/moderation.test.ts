import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import { QUARANTINE_QUEUE_ID } from "../../store/queue-store.ts";
import { QueueBench, routeByDomain } from "./queue-bench.fake.ts";

const HELD: QuarantineMark = { type: "Moderation", agent: "Transport Rule Agent", reason: "Rule" };
const BY = "carol";

async function waiting(bench: QueueBench): Promise<readonly string[]> {
  const all = { dueMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };
  const stored = await bench.memory.readQueue(QUARANTINE_QUEUE_ID, all);
  return stored.flatMap(({ recipients }) => recipients.map(({ recipient }) => recipient.address));
}

async function hold(bench: QueueBench, to: readonly string[] = ["a@a.test", "b@a.test"]) {
  return bench.submit({ to, quarantine: HELD });
}

const keeper = (bench: QueueBench) => bench.queue().administration.quarantine;

test("approved, it goes on to all, with its own level of spam, and once", async () => {
  const bench = await QueueBench.open();
  const id = await hold(bench);
  assert.deepEqual(bench.story(id), ["INITMESSAGECREATED(APPROVAL) a@a.test;b@a.test"]);
  assert.equal(
    await keeper(bench).moderation.approve({ messageIds: [id], by: BY }, "Fine\nby me"),
    2,
  );
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, ["a@a.test", "b@a.test"]);
  assert.equal(await keeper(bench).moderation.approve({ messageIds: [id], by: BY }, ""), 0);
  assert.match(bench.memory.events, /MODERATORAPPROVE/);
  assert.match(bench.memory.events, /Approve-ModeratedMessage;by=carol;comment=Fine by me/);
  assert.equal(bench.memory.messageCount, 0);
});

test("denied, its sender gets it back with the moderator's words", async () => {
  const bench = await QueueBench.open();
  const id = await hold(bench);
  const words = "Ask\r\nlegal: first";
  assert.equal(await keeper(bench).moderation.deny({ messageIds: [id], by: BY }, words), 2);
  await bench.settle();
  assert.deepEqual(await waiting(bench), []);
  assert.match(bench.memory.events, /MODERATORREJECT/);
  assert.match(
    bench.memory.events,
    /APPROVAL\.Rejected, the moderator has rejected the message: Ask legal: first/,
  );
  assert.equal(await keeper(bench).moderation.approve({ messageIds: [id], by: BY }, ""), 0);
  assert.deepEqual(bench.hop("a.test").addresses, []);
  assert.match(bench.memory.events, /,DSN,/);
});

test("when nobody decides, it goes back to its sender after two days", async () => {
  const bench = await QueueBench.open();
  await hold(bench);
  await bench.advance(2 * DAY - HOUR, HOUR);
  assert.deepEqual(await waiting(bench), ["a@a.test", "b@a.test"]);
  await bench.advance(2 * HOUR, MINUTE);
  assert.deepEqual(await waiting(bench), []);
  assert.match(bench.memory.events, /MODERATIONEXPIRE/);
  assert.match(bench.memory.events, /550 5\.4\.7 APPROVAL\.Expired/);
  assert.match(bench.memory.events, /,DSN,/);
});

test("recipients' moderators decide alike, and a silent hold ends in silence", async () => {
  const mark = { type: "RecipientModeration", agent: "Moderation", reason: "a@a.test" } as const;
  const bench = await QueueBench.open();
  const { moderation } = keeper(bench);
  const first = await bench.submit({ to: ["a@a.test"], quarantine: mark });
  assert.deepEqual(bench.story(first), ["INITMESSAGECREATED(APPROVAL) a@a.test"]);
  assert.equal(await moderation.approve({ messageIds: [first], by: BY }, ""), 1);
  await bench.settle();
  assert.deepEqual(bench.hop("a.test").addresses, ["a@a.test"]);
  const silent: QuarantineMark = { ...mark, isSilent: true };
  const second = await bench.submit({ to: ["b@a.test"], quarantine: silent });
  await bench.submit({ to: ["c@a.test"], quarantine: silent });
  assert.equal(await moderation.deny({ messageIds: [second], by: BY }, "No"), 1);
  await bench.advance(2 * DAY + HOUR, MINUTE);
  assert.deepEqual(await waiting(bench), []);
  assert.match(bench.memory.events, /MODERATORREJECT/);
  assert.match(bench.memory.events, /MODERATIONEXPIRE/);
  assert.doesNotMatch(bench.memory.events, /,DSN,/);
});

test("what was approved for one is not approved for whom it is redirected to", async () => {
  const seen: [string, boolean][] = [];
  const bench = await QueueBench.open({
    categorize: ({ recipients }) => {
      seen.push(
        ...recipients.map((one): [string, boolean] => [one.address, one.approved === true]),
      );
      return routeByDomain(recipients);
    },
  });
  const quarantine = { type: "RecipientModeration", agent: "Moderation", reason: "a" } as const;
  const id = await bench.submit({ to: ["a@a.test"], quarantine });
  bench.hop("a.test").mood = "down";
  await keeper(bench).moderation.approve({ messageIds: [id], by: BY }, "");
  await bench.settle();
  const messageIds = [id + 1, id + 2];
  const address = "b@a.test" as Address;
  const { administration } = bench.queue();
  assert.equal(await administration.redirectRecipients({ messageIds, by: BY }, { address }), 1);
  await bench.settle();
  assert.deepEqual(seen, [
    ["a@a.test", true],
    ["b@a.test", false],
  ]);
});

test("quarantine and moderation have nothing to say of one another's messages", async () => {
  const bench = await QueueBench.open();
  const held = await hold(bench, ["held@a.test"]);
  const spam = { type: "Spam", agent: "x", reason: "" } as const;
  const kept = await bench.submit({ to: ["kept@a.test"], quarantine: spam });
  const messageIds = [held, kept];
  await keeper(bench).release({ messageIds: [held], by: BY }, {});
  await keeper(bench).delete({ messageIds: [held], by: BY });
  await keeper(bench).moderation.approve({ messageIds: [kept], by: BY }, "");
  await keeper(bench).moderation.deny({ messageIds: [kept], by: BY }, "");
  await bench.settle();
  assert.deepEqual((await waiting(bench)).toSorted(), ["held@a.test", "kept@a.test"]);
  assert.deepEqual(bench.hop("a.test").addresses, []);
  await keeper(bench).delete({ messageIds, by: BY });
  assert.deepEqual(await waiting(bench), ["held@a.test"]);
});

test("what is approved goes on after a crash, and not twice", async () => {
  const bench = await QueueBench.open();
  const id = await hold(bench, ["a@a.test"]);
  bench.hop("a.test").mood = "down";
  assert.equal(await keeper(bench).moderation.approve({ messageIds: [id], by: BY }, ""), 1);
  bench.crash();
  bench.hop("a.test").mood = "up";
  await bench.start({ wasUnclean: true });
  await bench.advance(10 * MINUTE, MINUTE);
  assert.deepEqual(bench.hop("a.test").addresses, ["a@a.test"]);
});
