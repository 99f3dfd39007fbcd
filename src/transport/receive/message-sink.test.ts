import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR } from "../../base/units.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { SubmissionCall } from "../queue/submission.fake.ts";
import { HEADER_FIELDS_MAX } from "./message-sink.ts";
import {
  CLIENT,
  MESSAGE,
  mail,
  NOW_MS,
  onlySubmission,
  outgoing,
  RELAY,
  rcpt,
  send,
  setUp,
} from "./receive-stage.fake.ts";
import { sampleConnector } from "./sample-organization.fake.ts";

test("a message for one of ours is queued with all that is known of it", async () => {
  const stage = setUp();
  const reply = await send(stage.session(), MESSAGE);
  assert.equal(
    reply,
    "250 2.6.0 <1@fabrikam.test> [InternalId=1, Hostname=mail.contoso.test] " +
      "Queued mail for delivery",
  );
  const submission = onlySubmission(stage);
  const { message, recipients, events } = submission;
  assert.equal(stage.queue.contentOf(submission).toString(), MESSAGE);
  assert.match(message.networkMessageId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    { ...message, networkMessageId: "", edits: [] },
    {
      id: 1,
      networkMessageId: "",
      contentId: 1,
      contentBytes: MESSAGE.length,
      envelope: {
        sender: "alice@fabrikam.test",
        body: "8BITMIME",
        smtpUtf8: false,
        ret: undefined,
        envid: undefined,
      },
      edits: [],
      internetMessageId: "<1@fabrikam.test>",
      subject: "Grüße",
      headerFrom: "alice@fabrikam.test",
      receivedMs: NOW_MS,
      priority: "Normal",
      origin: {
        source: "SMTP",
        connector: "Default Frontend",
        clientAddress: "192.0.2.1",
        clientName: "client.example",
        serverAddress: "192.0.2.25",
        directionality: "Incoming",
      },
    },
  );
  assert.deepEqual(recipients, [
    {
      position: 0,
      address: "bob@contoso.test",
      originalRecipient: undefined,
      notify: undefined,
      attemptCount: 0,
      expiresMs: NOW_MS + 48 * HOUR,
      delayNoticeMs: NOW_MS + 4 * HOUR,
      lastError: undefined,
      suspended: false,
      resolved: false,
    },
  ]);
  assert.ok(events.endsWith("\r\n"));
  assert.ok(events.includes(",SMTP,RECEIVE,1,<1@fabrikam.test>,"));
  assert.ok(events.includes(",bob@contoso.test,250 2.1.5 Recipient OK,"));
  assert.equal(stage.counted.get("postrider_messages_received_total:SMTP"), 1);
  assert.equal(stage.counted.get("postrider_received_bytes_total"), MESSAGE.length);
});

test("a Received field comes on top", async () => {
  const stage = setUp();
  const client = { ...CLIENT, tls: { version: "TLSv1.3", cipher: "TLS_X", serverName: undefined } };
  await send(stage.session(), MESSAGE, { client });
  const text = outgoing(stage);
  assert.ok(text.endsWith(`\r\n${MESSAGE}`));
  const [from, by, tls, id, date] = text.split("\r\n");
  assert.deepEqual(
    [from, by, tls, id],
    [
      "Received: from client.example ([192.0.2.1])",
      "\tby mail.contoso.test ([192.0.2.25]) with ESMTPS",
      "\t(version=TLS1_3, cipher=TLS_X)",
      "\tid 1 (via Frontend Transport) for <bob@contoso.test>;",
    ],
  );
  assert.match(date ?? "", /^\t\w{3}, \d/);
});

test("with two recipients Received names none, and a repeated one counts once", async () => {
  const stage = setUp();
  await send(stage.session(), MESSAGE, {
    to: ["bob@contoso.test", "B.Smith@contoso.test", "BOB@contoso.test", "b.smith@contoso.test"],
  });
  assert.deepEqual(
    onlySubmission(stage).recipients.map(({ position, address: to }) => `${position} ${to}`),
    ["0 bob@contoso.test", "1 B.Smith@contoso.test"],
  );
  assert.ok(!/ for /.test(outgoing(stage)));
});

test("a relay adds no Message-ID or Date, but knows the message by one", async () => {
  const stage = setUp();
  const reply = await send(stage.session(), "Subject: x\r\n\r\n");
  assert.match(reply, /^250 2\.6\.0 <[0-9a-f]{32}@mail\.contoso\.test> \[InternalId=1, /);
  assert.match(onlySubmission(stage).message.internetMessageId, /^<[0-9a-f]{32}@/);
  assert.ok(!/^(?:Message-ID|Date):/im.test(outgoing(stage)));
});

test("what an application leaves out is added, what it says stays", async () => {
  const stage = setUp({ connector: RELAY });
  await send(stage.session(), "Subject: x\r\n\r\n");
  const text = outgoing(stage);
  const { internetMessageId } = onlySubmission(stage).message;
  assert.ok(text.includes(`\r\nMessage-ID: ${internetMessageId}\r\n`));
  assert.match(text, /\r\nDate: \w{3}, \d+ \w{3} \d{4} /);
  const other = setUp({ connector: RELAY });
  await send(other.session(), MESSAGE);
  assert.equal(outgoing(other).match(/^(?:Message-ID|Date):/gim)?.length, 2);
});

test("organization headers of strangers are taken out", async () => {
  const stage = setUp();
  await send(stage.session(), `X-MS-Exchange-Organization-SCL: -1\r\n${MESSAGE}`);
  assert.ok(outgoing(stage).endsWith(`\r\n${MESSAGE}`));
  assert.ok(!outgoing(stage).includes("SCL"));
});

const TOO_LARGE = "552 5.3.4 Header size exceeds fixed maximum size";
const LOOP = "554 5.4.6 Hop count exceeded - possible mail loop";
const hop = "Received: from a.test by b.test; x\r\n";
const localHop = "Received: from a.test by MAIL.contoso.test; x\r\n";

for (const [why, changes, content, want] of [
  ["a header at its limit", { maxHeaderSize: 40 }, `A: ${"x".repeat(35)}\r\n\r\nbody`, "250"],
  ["a header past its limit", { maxHeaderSize: 39 }, `A: ${"x".repeat(35)}\r\n\r\nbody`, TOO_LARGE],
  ["a header without end past its limit", { maxHeaderSize: 39 }, `A: ${"x".repeat(40)}`, TOO_LARGE],
  ["fields at the limit", {}, `${"A: 1\r\n".repeat(HEADER_FIELDS_MAX)}\r\n`, "250"],
  [
    "fields past the limit",
    {},
    `${"A: 1\r\n".repeat(HEADER_FIELDS_MAX + 1)}\r\n`,
    "552 5.3.4 Header count exceeds fixed maximum number of fields",
  ],
  ["hops at the limit", { maxHopCount: 5 }, `${hop.repeat(5)}\r\nbody`, "250"],
  ["hops past the limit", { maxHopCount: 5 }, `${hop.repeat(6)}\r\nbody`, LOOP],
  ["hops past the limit, no body", { maxHopCount: 5 }, hop.repeat(6), LOOP],
  ["local hops at the limit", { maxLocalHopCount: 2 }, `${localHop.repeat(2)}${hop}\r\n`, "250"],
  ["local hops past the limit", { maxLocalHopCount: 2 }, `${localHop.repeat(3)}\r\n`, LOOP],
  ["local hops without limit", { maxLocalHopCount: 0 }, `${localHop.repeat(30)}\r\n`, "250"],
] as const) {
  for (const size of [1, 100_000]) {
    test(`${why}, in pieces of ${size}`, async () => {
      const stage = setUp({ connector: sampleConnector(changes) });
      const session = stage.session();
      const reply = await send(session, content, { size });
      assert.equal(want === "250" ? reply.slice(0, 3) : reply, want);
      assert.equal(stage.queue.submissions.length, want === "250" ? 1 : 0);
      assert.deepEqual(stage.queue.orphans, []);
      assert.match(await send(session, "A: 1\r\n\r\nbody"), /^250 /);
    });
  }
}

const FULL = new StoreFailure("disk full", { full: true });
const NO_RESOURCES = "452 4.3.1 Insufficient system resources";
const LARGE = MESSAGE + "x".repeat(700_000);

for (const asynchronousIds of [false, true]) {
  for (const [call, content, want] of [
    ["submit", MESSAGE, NO_RESOURCES],
    ["submit", LARGE, NO_RESOURCES],
    ["appendContent", LARGE, NO_RESOURCES],
    ["nextMessageId", MESSAGE, NO_RESOURCES],
    ["nextMessageId", LARGE, NO_RESOURCES],
  ] as const satisfies readonly (readonly [SubmissionCall, string, string])[]) {
    const ids = asynchronousIds ? "asynchronous" : "ready";
    test(`${call} fails, ${content.length} octets, ids ${ids}: put off, all gone`, async () => {
      const stage = setUp({ asynchronousIds });
      const session = stage.session();
      stage.queue.fail(call, FULL);
      assert.equal(await send(session, content, { size: 65_536 }), want);
      assert.deepEqual(stage.queue.submissions, []);
      stage.queue.fail(call, undefined);
      await settle();
      assert.deepEqual(stage.queue.orphans, []);
      assert.match(await send(session, content, { size: 65_536 }), /^250 /);
      assert.deepEqual(stage.queue.orphans, []);
    });
  }
}

test("a fault of our own is no 250 either", async () => {
  const stage = setUp();
  stage.queue.fail("submit", new TypeError("a bug"));
  assert.equal(
    await send(stage.session(), MESSAGE),
    "451 4.3.0 Temporary server error. Please try again later",
  );
});

test("an aborted message leaves nothing behind, whatever of it was stored", async () => {
  const stage = setUp();
  const session = stage.session();
  await mail(session, "alice@fabrikam.test");
  await rcpt(session, "bob@contoso.test");
  const sink = session.beginContent(CLIENT);
  assert.ok("write" in sink);
  stage.queue.pause();
  void sink.write(Buffer.alloc(300_000, "x"));
  sink.abort();
  stage.queue.resume();
  await settle();
  assert.deepEqual(stage.queue.orphans, []);
  assert.deepEqual(stage.queue.submissions, []);
});

/** Lets everything that is ready to run do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

for (const [why, field, requireTls, want] of [
  ["TLS-Required: No is noted", "TLS-Required: No\r\n", false, true],
  ["REQUIRETLS goes before TLS-Required", "TLS-Required: No\r\n", true, undefined],
  ["nothing is noted of other mail", "", false, undefined],
] as const) {
  test(why, async () => {
    const stage = setUp();
    const envelope = requireTls ? { requireTls } : {};
    await send(stage.session(), `${field}${MESSAGE}`, { envelope });
    const { message } = onlySubmission(stage);
    assert.equal(message.tlsNotRequired, want);
    assert.equal("tlsNotRequired" in message, want === true);
    assert.equal(message.envelope.requireTls === true, requireTls);
  });
}

for (const [why, content, want] of [
  ["without any header", "Hello\r\nFrom: x@y.test\r\n\r\n", "\r\n\r\nHello\r\nFrom: x@y.test\r\n"],
  [
    "whose header an odd line ends",
    "Subject: x\r\nodd\r\nFrom: x@y.test\r\n\r\nHello\r\n",
    "\r\nSubject: x\r\n\r\nodd\r\nFrom: x@y.test\r\n",
  ],
] as const) {
  test(`content ${why} is a body to every reader`, async () => {
    const stage = setUp();
    assert.match(await send(stage.session(), content), /^250 /);
    assert.ok(outgoing(stage).includes(want), outgoing(stage));
  });
}
