import assert from "node:assert/strict";
import { test } from "node:test";
import { openFileStage } from "./file-stage.fake.ts";
import { outgoing, outgoingOf } from "./receive-stage.fake.ts";
import { createReplay, INJECTED_BYTES_MAX } from "./replay.ts";

const INJECTED =
  "X-Sender: <a@x.test> RET=HDRS ENVID=one\r\nX-Receiver: <bob@contoso.test> NOTIFY=NEVER\r\n" +
  "X-Source: Gateway\r\nX-SourceIPAddress: 192.0.2.7\r\nX-HeloDomain: gw.example\r\n";
const MESSAGE =
  "Received: by elsewhere\r\nFrom: a@x.test\r\nBcc: hidden@x.test\r\nMessage-ID: <1@x.test>\r\n" +
  "X-MS-Exchange-Forest-A: 1\r\nDate: Fri, 5 Aug 2016 16:24:41 -0700\r\n\r\nbody\r\n";

test("a file becomes a message with its envelope, and is deleted", async (t) => {
  const stage = await openFileStage(t, createReplay);
  await stage.put("x.eml", INJECTED + MESSAGE);
  await stage.poller.poll();
  assert.deepEqual(await stage.list(), []);
  const [submission] = stage.queue.submissions;
  assert.ok(submission !== undefined);
  const { message, recipients, events } = submission;
  assert.deepEqual(message.envelope, {
    sender: "a@x.test",
    body: "7BIT",
    smtpUtf8: false,
    ret: "HDRS",
    envid: "one",
  });
  assert.deepEqual(
    recipients.map(({ address, notify }) => [address, notify]),
    [["bob@contoso.test", []]],
  );
  assert.deepEqual(message.origin, {
    source: "REPLAY",
    connector: "Gateway",
    clientAddress: "192.0.2.7",
    clientName: "gw.example",
    serverAddress: "",
    directionality: "Incoming",
  });
  assert.equal(message.internetMessageId, "<1@x.test>");
  assert.ok(events.includes(",REPLAY,RECEIVE,1,<1@x.test>,"));
  const text = outgoing(stage);
  assert.match(
    text,
    /^Received: from mail\.contoso\.test by Replay with Postrider\r\n\tid 1;\r\n\t/,
  );
  assert.ok(
    text.endsWith(
      "Received: by elsewhere\r\nFrom: a@x.test\r\nMessage-ID: <1@x.test>\r\n" +
        "Date: Fri, 5 Aug 2016 16:24:41 -0700\r\n\r\nbody\r\n",
    ),
  );
});

test("headers of our own making are kept", async (t) => {
  const stage = await openFileStage(t, createReplay);
  await stage.put("x.eml", `X-CreatedBy: MSExchange15\r\n${INJECTED}${MESSAGE}`);
  await stage.poller.poll();
  assert.ok(outgoing(stage).includes("\r\nX-MS-Exchange-Forest-A: 1\r\n"));
});

test("binary content passes as it is, other content gets its line ends", async (t) => {
  const content = "Message-ID: <1@x.test>\nDate: Fri, 5 Aug 2016 16:24:41 -0700\n\na\0b\rc\n";
  const binary = await openFileStage(t, createReplay);
  await binary.put(
    "x.eml",
    `X-Sender: <a@x.test> BODY=BINARYMIME\nX-Receiver: <b@x.test>\n${content}`,
  );
  await binary.poller.poll();
  const [submission] = binary.queue.submissions;
  assert.ok(submission !== undefined);
  assert.equal(binary.queue.contentOf(submission).toString(), content);
  const text = await openFileStage(t, createReplay);
  await text.put(
    "x.eml",
    `X-Sender: <a@x.test>\nX-Receiver: <b@x.test>\n${content.replace("\0", "")}`,
  );
  await text.poller.poll();
  assert.ok(outgoing(text).endsWith("\r\n\r\nab\r\nc\r\n"));
});

test("thousands of recipients", async (t) => {
  const stage = await openFileStage(t, createReplay);
  const receivers = Array.from(
    { length: 5000 },
    (_, index) => `X-Receiver: <r${index}@x.test>\r\n`,
  );
  await stage.put("x.eml", `X-Sender: <>\r\n${receivers.join("")}${MESSAGE}`);
  await stage.poller.poll();
  assert.equal(stage.queue.submissions[0]?.recipients.length, 5000);
  assert.ok(outgoing(stage).endsWith("\r\n\r\nbody\r\n"));
});

test("a bad recipient is told to the sender", async (t) => {
  const stage = await openFileStage(t, createReplay);
  await stage.put("x.eml", `X-Receiver: <b>\r\n${INJECTED}${MESSAGE}`);
  await stage.poller.poll();
  const [rejected] = stage.rejected;
  assert.equal(rejected?.fault.diagnostic, "550 5.1.3 Invalid X-Receiver");
  assert.ok(rejected !== undefined);
  assert.ok(outgoingOf(stage.queue, rejected.submission).toString().endsWith("body\r\n"));
  assert.deepEqual(await stage.list(), []);
});

for (const [why, content] of [
  ["no injected fields", MESSAGE],
  ["no X-Receiver", `X-Sender: <a@x.test>\r\n${MESSAGE}`],
  ["a NUL and nobody to tell", `X-Sender: <>\r\nX-Receiver: <b@x.test>\r\n${MESSAGE}\0`],
  ["injected fields without end", "X-Receiver: <b@x.test>\r\n".repeat(INJECTED_BYTES_MAX / 20)],
] as const) {
  test(`badmail: ${why}`, async (t) => {
    const stage = await openFileStage(t, createReplay);
    await stage.put("x.eml", content);
    await stage.poller.poll();
    assert.deepEqual(await stage.list(), ["x.bad"]);
    assert.equal(stage.recorded.length, 1);
    assert.deepEqual(stage.queue.submissions, []);
    assert.deepEqual(stage.queue.orphans, []);
  });
}
