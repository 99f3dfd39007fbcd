import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type FakeClock, fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import type { Directory } from "../../org/directory.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { Delivery } from "../queue/courier.ts";
import type { Outcome } from "../queue/outcome.ts";
import { fakeContent, fakeDelivery, fakeDirectory, fakeLane } from "./delivery.fake.ts";
import { openMailboxCourier } from "./mailbox-courier.ts";

const MESSAGE = Buffer.from("Subject: hello\r\n\r\nbody\r\n.\r\n\xff\r\n", "latin1");
const ALICE = "alice@contoso.test";
const UNLIMITED = Number.POSITIVE_INFINITY;

interface Bench {
  readonly data: string;
  readonly clock: FakeClock;
  deliver(...deliveries: readonly Delivery[]): Promise<readonly Outcome[]>;
  maildir(mailbox: string): string;
  list(mailbox: string, subdirectory: string): Promise<readonly string[]>;
}

async function bench(
  t: TestContext,
  quotas: Readonly<Record<string, number>> = { [ALICE]: UNLIMITED },
  directory: Directory = fakeDirectory(quotas),
): Promise<Bench> {
  const data = await mkdtemp(join(tmpdir(), "postrider-deliver-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const clock = fakeClock();
  const courier = openMailboxCourier({
    dataDirectory: data,
    hostName: "mail.contoso.test",
    directory,
    clock,
    diagnostics: silentDiagnostics,
  });
  const maildir = (mailbox: string) => join(data, "mailboxes", mailbox, "Maildir");
  return {
    data,
    clock,
    maildir,
    list: (mailbox, subdirectory) => readdir(join(maildir(mailbox), subdirectory)),
    async deliver(...deliveries) {
      const lane = fakeLane(deliveries);
      assert.deepEqual(await courier.run(lane), { kind: "done" });
      return deliveries.flatMap((delivery) =>
        (lane.settled.get(delivery.message.id) ?? []).map(({ outcome }) => outcome),
      );
    },
  };
}

function brief(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "none";
  const isFault = outcome.kind === "deferred" || outcome.kind === "failed";
  return isFault ? `${outcome.kind} ${outcome.fault.status}` : outcome.kind;
}

for (const stored of [false, true]) {
  test(`a message arrives byte for byte, ${stored ? "from store" : "held"}`, async (t) => {
    const { deliver, list, maildir } = await bench(t);
    const pieces = [MESSAGE.subarray(0, 5), MESSAGE.subarray(5)];
    const edits = [{ kind: "prepend", text: "Received: by us\r\n" }] as const;
    const content = fakeContent(pieces, { stored });
    const outcomes = await deliver(fakeDelivery({ to: [ALICE], content, edits }));
    assert.equal(brief(outcomes[0]), "delivered");
    const [name = ""] = await list(ALICE, "new");
    const bytes = await readFile(join(maildir(ALICE), "new", name));
    const head = "Return-Path: <sender@fabrikam.test>\r\nDelivered-To: alice@contoso.test\r\n";
    const want = Buffer.concat([Buffer.from(`${head}Received: by us\r\n`), MESSAGE]);
    assert.deepEqual(bytes, want);
    assert.equal(name, `1700000000.M123I1R0.mail.contoso.test,S=${want.length}`);
    assert.deepEqual(await list(ALICE, "tmp"), []);
  });
}

test("the null sender, and a Return-Path that came with the message", async (t) => {
  const { deliver, list, maildir } = await bench(t);
  const content = fakeContent([Buffer.from("Return-Path: <liar@x.test>\r\nSubject: x\r\n\r\n")]);
  await deliver(fakeDelivery({ to: [ALICE], content, sender: "" }));
  const [name = ""] = await list(ALICE, "new");
  const text = await readFile(join(maildir(ALICE), "new", name), "latin1");
  assert.equal(text, "Return-Path: <>\r\nDelivered-To: alice@contoso.test\r\nSubject: x\r\n\r\n");
});

test("spam goes to the folder Junk, of a Maildir that is whole, once", async (t) => {
  const { deliver, list } = await bench(t);
  const spam = { to: [ALICE], content: fakeContent([MESSAGE]), scl: 6 };
  await deliver(fakeDelivery(spam));
  await deliver(fakeDelivery({ ...spam, possibleDuplicate: true }));
  assert.equal((await list(ALICE, ".Junk/new")).length, 1);
  for (const folder of ["new", "cur", "tmp"]) assert.deepEqual(await list(ALICE, folder), []);
});

test("directories and files are for their owner only", async (t) => {
  const { deliver, maildir } = await bench(t);
  await deliver(fakeDelivery({ to: [ALICE], content: fakeContent([MESSAGE]) }));
  for (const path of [".", "tmp", "new", "cur", ".."]) {
    assert.equal((await stat(join(maildir(ALICE), path))).mode & 0o777, 0o700);
  }
  const [name = ""] = await readdir(join(maildir(ALICE), "new"));
  assert.equal((await stat(join(maildir(ALICE), "new", name))).mode & 0o777, 0o600);
});

test("several recipients of one message have an outcome and a copy each", async (t) => {
  const quotas: Record<string, number> = {};
  for (let count = 0; count < 60; count++) quotas[`u${count}@contoso.test`] = UNLIMITED;
  const { deliver, list, maildir } = await bench(t, quotas);
  const to = [...Object.keys(quotas), "gone@contoso.test"];
  const outcomes = await deliver(fakeDelivery({ to, content: fakeContent([MESSAGE]) }));
  assert.equal(outcomes.length, 61);
  assert.ok(outcomes.slice(0, 60).every(({ kind }) => kind === "delivered"));
  assert.equal(brief(outcomes[60]), "failed 5.1.10");
  for (const mailbox of Object.keys(quotas)) {
    const [name = ""] = await list(mailbox, "new");
    const text = await readFile(join(maildir(mailbox), "new", name), "latin1");
    assert.ok(text.includes(`\r\nDelivered-To: ${mailbox}\r\n`));
  }
});

test("a postmaster that nobody has taken on has a mailbox all the same", async (t) => {
  const { deliver, list } = await bench(t);
  const content = fakeContent([MESSAGE]);
  const outcomes = await deliver(fakeDelivery({ to: ["Postmaster@contoso.test"], content }));
  assert.equal(outcomes[0]?.kind, "delivered");
  assert.equal((await list("postmaster@contoso.test", "new")).length, 1);
});

test("many messages for one mailbox all arrive", async (t) => {
  const { deliver, list } = await bench(t);
  const deliveries = Array.from({ length: 50 }, (_, id) =>
    fakeDelivery({ id: id + 1, to: [ALICE, ALICE], content: fakeContent([MESSAGE]) }),
  );
  const outcomes = await deliver(...deliveries);
  assert.equal(outcomes.length, 100);
  assert.equal((await list(ALICE, "new")).length, 100);
});

test("a repeat after a crash makes no second copy, in new or in cur", async (t) => {
  const { deliver, list, maildir } = await bench(t);
  const once = fakeDelivery({ to: [ALICE], content: fakeContent([MESSAGE]) });
  const again = { ...once, possibleDuplicate: true };
  await deliver(again);
  await deliver(again);
  // Nobody said that it might be one: it replaces the first.
  await deliver(once);
  const [name = ""] = await list(ALICE, "new");
  assert.equal((await list(ALICE, "new")).length, 1);
  await rename(join(maildir(ALICE), "new", name), join(maildir(ALICE), "cur", `${name}:2,S`));
  assert.equal(brief((await deliver(again))[0]), "delivered");
  assert.deepEqual(await list(ALICE, "new"), []);
  // Position 1 starts like position 10: only the whole name counts.
  const to = Array.from({ length: 11 }, () => ALICE);
  const eleven = fakeDelivery({ id: 2, to, content: fakeContent([MESSAGE]) });
  await deliver({ ...eleven, recipients: eleven.recipients.slice(10) });
  await deliver({ ...eleven, possibleDuplicate: true });
  assert.equal((await list(ALICE, "new")).length, 11);
});

test("a copy out of the Safety Net comes only where it is missing", async (t) => {
  const { deliver, list, maildir } = await bench(t);
  const first = fakeDelivery({ id: 7, to: [ALICE, ALICE], content: fakeContent([MESSAGE]) });
  await deliver(first);
  const names = await list(ALICE, "new");
  const again = {
    ...first,
    message: { ...first.message, id: 99 },
    recipients: first.recipients.map((recipient, position) => ({
      ...recipient,
      position: position + 5,
      keptAs: { messageId: 7, position },
    })),
  };
  const [known] = await deliver(again);
  assert.equal(brief(known), "delivered");
  assert.deepEqual(await list(ALICE, "new"), names);
  await rm(join(maildir(ALICE), "new", names[1] ?? ""));
  await deliver(again);
  assert.deepEqual((await list(ALICE, "new")).toSorted(), names.toSorted());
});

test("a mailbox that goes away between two messages is made again", async (t) => {
  const { deliver, list, maildir } = await bench(t);
  await deliver(fakeDelivery({ id: 1, to: [ALICE], content: fakeContent([MESSAGE]) }));
  await rm(maildir(ALICE), { recursive: true });
  const content = fakeContent([MESSAGE], { stored: true });
  const [outcome] = await deliver(fakeDelivery({ id: 2, to: [ALICE], content }));
  assert.equal(brief(outcome), "delivered");
  assert.equal((await list(ALICE, "new")).length, 1);
});

test("a hostile address stays below mailboxes", async (t) => {
  const hostile = '"../../../x"@contoso.test';
  const { deliver, data } = await bench(t, { [hostile]: UNLIMITED });
  const [outcome] = await deliver(fakeDelivery({ to: [hostile], content: fakeContent([MESSAGE]) }));
  assert.equal(brief(outcome), "delivered");
  assert.deepEqual(await readdir(data), ["mailboxes"]);
  assert.deepEqual(await readdir(join(data, "mailboxes")), ["%22..%2F..%2F..%2Fx%22@contoso.test"]);
});

for (const [what, path] of [
  ["the mailbox", "mailboxes/alice@contoso.test"],
  ["its Maildir", "mailboxes/alice@contoso.test/Maildir"],
  ["its tmp", "mailboxes/alice@contoso.test/Maildir/tmp"],
  ["its new", "mailboxes/alice@contoso.test/Maildir/new"],
] as const) {
  test(`a file in place of ${what} defers, hurts nobody else, and heals`, async (t) => {
    const bob = "bob@contoso.test";
    const { deliver, data, list } = await bench(t, { [ALICE]: UNLIMITED, [bob]: 1e6 });
    await mkdir(join(data, path, ".."), { recursive: true });
    await writeFile(join(data, path), "in the way");
    const delivery = fakeDelivery({ to: [ALICE, bob], content: fakeContent([MESSAGE]) });
    const outcomes = await deliver(delivery);
    assert.deepEqual(outcomes.map(brief), ["deferred 4.2.0", "delivered"]);
    const [alice] = outcomes;
    assert.ok(alice?.kind === "deferred");
    assert.match(alice.fault.diagnostic, /^451 4\.2\.0 .*\((?:ENOTDIR|EEXIST)\)$/);
    assert.equal(alice.fault.diagnostic.includes(data), false);
    await rm(join(data, path));
    assert.deepEqual((await deliver(delivery)).map(brief), ["delivered", "delivered"]);
    assert.equal((await list(ALICE, "new")).length, 1);
    assert.deepEqual(await list(ALICE, "tmp"), []);
  });
}

test("content that the store can't give defers and leaves no file", async (t) => {
  const { deliver, list } = await bench(t);
  const error = new StoreFailure("disk gone", { full: false });
  const content = fakeContent([MESSAGE, MESSAGE], { failAt: { index: 1, error } });
  const [outcome] = await deliver(fakeDelivery({ to: [ALICE], content }));
  assert.equal(brief(outcome), "deferred 4.3.0");
  assert.deepEqual(await list(ALICE, "tmp"), []);
  assert.deepEqual(await list(ALICE, "new"), []);
});

test("our own mistake ends the lane, and leaves no file", async (t) => {
  const { deliver, list } = await bench(t);
  const content = fakeContent([MESSAGE, MESSAGE], {
    failAt: { index: 1, error: new TypeError("bug") },
  });
  await assert.rejects(deliver(fakeDelivery({ to: [ALICE], content })), /bug/);
  assert.deepEqual(await list(ALICE, "tmp"), []);
});

test("a directory that can't answer defers everybody", async (t) => {
  const directory: Directory = {
    ...fakeDirectory({}),
    findRecipients: () => Promise.reject(new StoreFailure("gone", { full: false })),
  };
  const { deliver } = await bench(t, {}, directory);
  const outcomes = await deliver(
    fakeDelivery({ to: [ALICE, ALICE], content: fakeContent([MESSAGE]) }),
  );
  assert.deepEqual(outcomes.map(brief), ["deferred 4.3.0", "deferred 4.3.0"]);
});

test("the quota: what just fits, what does not, room made by the reader", async (t) => {
  const head = "Return-Path: <sender@fabrikam.test>\r\nDelivered-To: alice@contoso.test\r\n".length;
  const size = head + MESSAGE.length;
  const { deliver, list, maildir, clock } = await bench(t, { [ALICE]: 3 * size });
  const send = async (id: number) =>
    brief((await deliver(fakeDelivery({ id, to: [ALICE], content: fakeContent([MESSAGE]) })))[0]);
  assert.deepEqual(
    [await send(1), await send(2), await send(3)],
    ["delivered", "delivered", "delivered"],
  );
  assert.equal(await send(4), "failed 5.2.2");
  const [name = ""] = await list(ALICE, "new");
  await rm(join(maildir(ALICE), "new", name));
  assert.equal(await send(5), "failed 5.2.2");
  clock.advance(60_001);
  assert.equal(await send(6), "delivered");
  // What the reader put into a folder without a size in its name counts too, once it is seen.
  await mkdir(join(maildir(ALICE), ".Sent", "cur"), { recursive: true });
  await rm(join(maildir(ALICE), "new", (await list(ALICE, "new"))[0] ?? ""));
  await writeFile(join(maildir(ALICE), ".Sent", "cur", "1.x.y:2,S"), Buffer.alloc(size));
  clock.advance(15 * 60_000 + 1);
  assert.equal(await send(7), "failed 5.2.2");
});

test("what died in tmp is cleared after 36 hours", async (t) => {
  const { deliver, list, maildir, clock } = await bench(t);
  await mkdir(join(maildir(ALICE), "tmp"), { recursive: true });
  await writeFile(join(maildir(ALICE), "tmp", "dead"), "half");
  const { mtimeMs } = await stat(join(maildir(ALICE), "tmp", "dead"));
  const send = (id: number) =>
    deliver(fakeDelivery({ id, to: [ALICE], content: fakeContent([MESSAGE]) }));
  clock.advance(mtimeMs - clock.nowMs() + 36 * 3_600_000 - 1000);
  await send(1);
  assert.deepEqual(await list(ALICE, "tmp"), ["dead"]);
  clock.advance(25 * 3_600_000);
  await send(2);
  assert.deepEqual(await list(ALICE, "tmp"), []);
});

test("a lane that is taken away ends without another message", async (t) => {
  const { data } = await bench(t);
  const courier = openMailboxCourier({
    dataDirectory: data,
    hostName: "h",
    directory: fakeDirectory({}),
    clock: fakeClock(),
    diagnostics: silentDiagnostics,
  });
  const delivery = fakeDelivery({ to: [ALICE], content: fakeContent([MESSAGE]) });
  const lane = fakeLane([delivery], { signal: AbortSignal.abort() });
  await courier.run(lane);
  assert.equal(lane.settled.size, 0);
  assert.equal(lane.take(), delivery);
});
