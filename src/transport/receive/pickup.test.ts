import assert from "node:assert/strict";
import { symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { StoreFailure } from "../../store/queue-store.ts";
import { openFileStage } from "./file-stage.fake.ts";
import { createPickup } from "./pickup.ts";
import { outgoing, outgoingOf } from "./receive-stage.fake.ts";

const MESSAGE =
  "From: Alice <alice@contoso.test>\nTo: bob@contoso.test\nCc: carol@fabrikam.test\n" +
  "Bcc: dave@fabrikam.test\nSubject: Hello\nReceived: by elsewhere\nResent-From: x@x.test\n" +
  "X-MS-Exchange-Organization-SCL: -1\nX-Mine: stays\n\nGrüße\n";

test("a file becomes a message and is deleted", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("x.eml", MESSAGE);
  await stage.poller.poll();
  assert.deepEqual(await stage.list(), []);
  const [submission] = stage.queue.submissions;
  assert.ok(submission !== undefined);
  const { message, recipients, events } = submission;
  assert.deepEqual(message.envelope, {
    sender: "alice@contoso.test",
    body: "8BITMIME",
    smtpUtf8: false,
    ret: undefined,
    envid: undefined,
  });
  assert.deepEqual(
    recipients.map(({ address }) => address),
    ["bob@contoso.test", "carol@fabrikam.test", "dave@fabrikam.test"],
  );
  assert.equal(message.origin.source, "PICKUP");
  assert.equal(message.origin.directionality, "Originating");
  assert.match(message.internetMessageId, /^<[0-9a-f]{32}@contoso\.test>$/);
  assert.ok(events.includes(",PICKUP,RECEIVE,1,"));
  assert.ok(events.includes(",To;Cc;Bcc,"));
  const text = outgoing(stage);
  const [received, id, date] = text.split("\r\n");
  assert.equal(received, "Received: from localhost by Pickup (mail.contoso.test) with Postrider");
  assert.equal(id, "\tid 1;");
  assert.match(date ?? "", /^\t\w{3}, \d/);
  assert.ok(text.includes(`\r\nMessage-ID: ${message.internetMessageId}\r\nDate: `));
  assert.ok(
    text.endsWith(
      "\r\nFrom: Alice <alice@contoso.test>\r\nTo: bob@contoso.test\r\n" +
        "Cc: carol@fabrikam.test\r\nSubject: Hello\r\nX-Mine: stays\r\n\r\nGrüße\r\n",
    ),
  );
});

test("Message-ID and Date stay when they are good, and are replaced when not", async (t) => {
  const good = await openFileStage(t, createPickup);
  const date = "Fri, 5 Aug 2016 16:24:41 -0700";
  const rest = "From: a@contoso.test\r\nTo: bob@contoso.test\r\n\r\n";
  await good.put("x.eml", `Message-ID: <1@x.test>\r\nDate: ${date}\r\n${rest}`);
  await good.poller.poll();
  assert.equal(
    outgoing(good).match(/^(?:Message-ID: <1@x\.test>|Date: Fri, 5 Aug 2016)/gm)?.length,
    2,
  );
  assert.equal(outgoing(good).match(/^(?:Message-ID|Date):/gm)?.length, 2);
  const bad = await openFileStage(t, createPickup);
  await bad.put("x.eml", `Message-ID: one\r\nDate: today\r\n${rest}`);
  await bad.poller.poll();
  assert.ok(!/one|today/.test(outgoing(bad)));
  assert.equal(outgoing(bad).match(/^(?:Message-ID: <|Date: \w{3}, )/gm)?.length, 2);
});

test("hidden recipients stay hidden", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("x.eml", "From: a@contoso.test\nBcc: bob@contoso.test\n\nbody\n");
  await stage.poller.poll();
  const text = outgoing(stage);
  assert.ok(
    text.endsWith("\r\nFrom: a@contoso.test\r\nTo: Undisclosed Recipients:;\r\n\r\nbody\r\n"),
  );
  assert.ok(!text.includes("bob"));
});

test("a large file is streamed in chunks", async (t) => {
  const stage = await openFileStage(t, createPickup);
  const body = "0123456789abcde\r\n".repeat(60_000);
  await stage.put("x.eml", `From: a@contoso.test\r\nTo: bob@contoso.test\r\n\r\n${body}`);
  await stage.poller.poll();
  const [submission] = stage.queue.submissions;
  assert.ok(submission !== undefined && submission.firstChunk >= 2);
  assert.ok(outgoing(stage).endsWith(`\r\n\r\n${body}`));
  assert.deepEqual(stage.queue.orphans, []);
});

test("a header at its limit is taken, one past it told to the sender", async (t) => {
  const header = "From: a@contoso.test\r\nTo: bob@contoso.test\r\nX-Fill: abc\r\n";
  for (const [limit, codes] of [
    [header.length, []],
    [header.length - 1, ["550 5.3.4 Header size exceeds fixed maximum size"]],
  ] as const) {
    const stage = await openFileStage(t, createPickup, { pickupDirectoryMaxHeaderSize: limit });
    await stage.put("x.eml", `${header}\r\nbody\r\n`);
    await stage.poller.poll();
    assert.deepEqual(await stage.list(), []);
    assert.deepEqual(
      stage.rejected.map(({ fault }) => fault.diagnostic),
      codes,
    );
    assert.equal(stage.queue.submissions.length, 1 - codes.length);
    for (const { submission } of stage.rejected) {
      assert.equal(submission.message.envelope.sender, "a@contoso.test");
      assert.equal(submission.message.envelope.ret, "FULL");
      assert.deepEqual(
        submission.recipients.map(({ address }) => address),
        ["bob@contoso.test"],
      );
      assert.ok(outgoingOf(stage.queue, submission).toString().endsWith("body\r\n"));
    }
  }
});

test("recipients past the limit, and a NUL, are told to the sender", async (t) => {
  const stage = await openFileStage(t, createPickup, { pickupDirectoryMaxRecipientsPerMessage: 1 });
  await stage.put("a.eml", "From: a@contoso.test\nTo: b@x.test, c@x.test\n\n");
  await stage.poller.poll();
  await stage.put("b.eml", "From: a@contoso.test\nTo: b@x.test\n\na\0b\n");
  await stage.poller.poll();
  assert.deepEqual(
    stage.rejected.map(({ fault }) => fault.status),
    ["5.5.3", "5.6.11"],
  );
  assert.deepEqual(stage.queue.submissions, []);
  assert.deepEqual(await stage.list(), []);
});

test("what nobody can be told about becomes badmail, recorded once", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("a.eml", "To: bob@contoso.test\n\n");
  await stage.put("b.EML", "From: a@contoso.test\n\n");
  await stage.put("c.eml", "");
  await stage.put("c.bad", "another");
  await stage.poller.poll();
  await stage.poller.poll();
  const [first, second, third, fourth, ...more] = await stage.list();
  assert.deepEqual([first, second, third, more], ["a.bad", "b.bad", "c.bad", []]);
  assert.match(fourth ?? "", /^c\d{17}\.bad$/);
  assert.equal(stage.recorded.length, 3);
  const line = stage.recorded.find((event) => event.includes("a.eml")) ?? "";
  assert.ok(line.includes("a.eml: no usable sender"));
  assert.ok(line.includes(",PICKUP,BADMAIL,"));
});

test("so many files a minute, and no more", async (t) => {
  const stage = await openFileStage(t, createPickup, { pickupDirectoryMaxMessagesPerMinute: 2 });
  for (const name of ["a", "b", "c"]) {
    await stage.put(`${name}.eml`, "From: a@contoso.test\nTo: bob@contoso.test\n\n");
  }
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 2);
  stage.clock.advance(59_999);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 2);
  stage.clock.advance(1);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 3);
});

test("under back pressure files wait", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("x.eml", MESSAGE);
  stage.queue.admitting = false;
  await stage.poller.poll();
  assert.deepEqual(await stage.list(), ["x.eml"]);
  stage.queue.admitting = true;
  await stage.poller.poll();
  assert.deepEqual(await stage.list(), []);
});

test("a file that is being written waits until it has not changed between two looks", async (t) => {
  const stage = await openFileStage(t, createPickup);
  const path = join(stage.path, "x.eml");
  await writeFile(path, "From: a@contoso.test\n");
  await stage.poller.poll();
  await writeFile(path, "From: a@contoso.test\nTo: bob@contoso.test\n\n");
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 0);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 1);
});

test("a file that changes in work is put back", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("x.eml", MESSAGE);
  stage.queue.pause();
  const large = `${MESSAGE}${"x".repeat(900_000)}`;
  await stage.put("x.eml", large);
  const look = stage.poller.poll();
  // The chunks cannot leave, so that the file is still being read.
  while (stage.queue.appendsAtOnceMax < 2) await new Promise(setImmediate);
  await utimes(join(stage.path, "x.tmp"), 1, 1);
  stage.queue.resume();
  await look;
  assert.deepEqual(await stage.list(), ["x.eml"]);
  assert.deepEqual(stage.queue.submissions, []);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 1);
});

test("links, folders and other names are left alone", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("secret", MESSAGE);
  await symlink(join(stage.path, "secret"), join(stage.path, "link.eml"));
  await symlink("nowhere", join(stage.path, "dangling.eml"));
  await symlink(stage.path, join(stage.path, "folder.eml"));
  await stage.put("x.txt", MESSAGE);
  const before = await stage.list();
  await stage.poller.poll();
  await stage.poller.poll();
  assert.deepEqual(await stage.list(), before);
  assert.deepEqual(stage.queue.submissions, []);
  assert.equal(stage.said.filter((line) => line === "file-not-regular link.eml").length, 1);
});

test("files left in work begin anew, whatever their names", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("x.tmp", MESSAGE);
  await stage.put("x.eml", MESSAGE);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 2);
  assert.deepEqual(await stage.list(), []);
});

test("a clash of names while in work gets the time into the name", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.poller.poll();
  await stage.put("x.tmp", "somebody else's");
  await stage.put("x.eml", MESSAGE);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 1);
  assert.deepEqual(await stage.list(), ["x.tmp"]);
});

const FULL = new StoreFailure("disk full", { full: true });

for (const call of ["nextMessageId", "appendContent", "submit"] as const) {
  test(`${call} fails: the file waits for the next look, and nothing else stays`, async (t) => {
    const stage = await openFileStage(t, createPickup);
    await stage.put("x.eml", MESSAGE + "x".repeat(600_000));
    stage.queue.fail(call, FULL);
    await stage.poller.poll();
    assert.deepEqual(await stage.list(), ["x.eml"]);
    assert.deepEqual(stage.queue.submissions, []);
    stage.queue.fail(call, undefined);
    await stage.poller.poll();
    assert.equal(stage.queue.submissions.length, 1);
    assert.deepEqual(stage.queue.orphans, []);
    assert.deepEqual(await stage.list(), []);
  });
}

for (const [call, content] of [
  ["reject", "From: a@contoso.test\nTo: bob@contoso.test, Bob\n\n"],
  ["record", "To: bob@contoso.test\n\n"],
] as const) {
  test(`${call} fails: the file waits for the next look`, async (t) => {
    const stage = await openFileStage(t, createPickup);
    await stage.put("x.eml", content);
    stage.failures.set(call, FULL);
    await stage.poller.poll();
    assert.deepEqual(await stage.list(), ["x.eml"]);
    stage.failures.clear();
    await stage.poller.poll();
    assert.equal(stage.rejected.length + stage.recorded.length, 1);
    assert.deepEqual(await stage.list(), call === "reject" ? [] : ["x.bad"]);
  });
}

test("a file on which we fail is kept, and the next one is taken", async (t) => {
  const stage = await openFileStage(t, createPickup);
  await stage.put("x.eml", MESSAGE);
  stage.queue.fail("submit", new TypeError("a bug"));
  await stage.poller.poll();
  assert.deepEqual(await stage.list(), ["x.bad"]);
  stage.queue.fail("submit", undefined);
  await stage.put("y.eml", MESSAGE);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions.length, 1);
});

test("without a directory nothing is done; a missing one is complained about once", async (t) => {
  const off = await openFileStage(t, createPickup, { pickupDirectoryPath: undefined });
  await off.put("x.eml", MESSAGE);
  await off.poller.poll();
  assert.deepEqual(await off.list(), ["x.eml"]);
  const missing = await openFileStage(t, createPickup, { pickupDirectoryPath: "/nowhere/at/all" });
  await missing.poller.poll();
  await missing.poller.poll();
  assert.deepEqual(missing.said, ["directory-not-read /nowhere/at/all"]);
});

test("it looks every five seconds until it is stopped", async (t) => {
  const stage = await openFileStage(t, createPickup);
  stage.poller.start();
  await stage.poller.poll();
  await new Promise(setImmediate);
  await stage.put("x.eml", MESSAGE);
  stage.clock.advance(4_999);
  await stage.poller.idle();
  assert.equal(stage.queue.submissions.length, 0);
  stage.clock.advance(1);
  await stage.poller.idle();
  assert.equal(stage.queue.submissions.length, 1);
  await stage.poller.stop();
  await stage.put("y.eml", MESSAGE);
  stage.clock.advance(60_000);
  await stage.poller.idle();
  assert.equal(stage.queue.submissions.length, 1);
});
