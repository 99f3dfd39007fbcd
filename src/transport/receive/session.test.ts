import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { HOUR } from "../../base/units.ts";
import { outgoingIfInMemory } from "../../mail/outgoing-content.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { Organization, ReceiveConnector } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { ClientFacts, SessionHandler } from "../../smtp/session-handler.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { fakeSubmissionQueue, type SubmissionCall } from "../queue/submission.fake.ts";
import { HEADER_FIELDS_MAX } from "./message-sink.ts";
import { createReceive } from "./receive.ts";
import {
  address,
  range,
  sampleConnector,
  sampleMailbox,
  sampleOrganization,
} from "./sample-organization.fake.ts";

const CLIENT: ClientFacts = { helo: "client.example", extended: true, tls: undefined };
const CONNECTION = {
  remoteAddress: "192.0.2.1",
  remotePort: 40_000,
  localAddress: "192.0.2.25",
  localPort: 25,
};
const RELAY = sampleConnector({
  extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] },
});
const NOW_MS = 1_700_000_000_000;
const MESSAGE =
  "From: Alice <alice@fabrikam.test>\r\nTo: bob@contoso.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
  "Message-ID: <1@fabrikam.test>\r\nDate: Fri, 5 Aug 2016 16:24:41 -0700\r\n\r\nHello\r\n";

/** A receive stage with its surroundings in memory. */
function setUp(
  options: {
    readonly connector?: ReceiveConnector;
    readonly organization?: Partial<Organization>;
    readonly asynchronousIds?: boolean;
  } = {},
) {
  const { connector = sampleConnector(), asynchronousIds = false } = options;
  const clock = fakeClock(NOW_MS);
  const queue = fakeSubmissionQueue({ asynchronousIds });
  const directory = fakeDirectory([sampleMailbox("bob@contoso.test", "b.smith@contoso.test")]);
  const counted = new Map<string, number>();
  let organization = sampleOrganization({
    receiveConnectors: [connector],
    ...options.organization,
  });
  const open = createReceive({
    organization: () => organization,
    directory,
    queue,
    clock,
    diagnostics: silentDiagnostics,
    count: (metric, by = 1) => void counted.set(metric, (counted.get(metric) ?? 0) + by),
  });
  return {
    clock,
    queue,
    directory,
    counted,
    open,
    change: (changes: Partial<Organization>) => {
      organization = { ...organization, ...changes };
    },
    session(): SessionHandler {
      const session = open(CONNECTION);
      assert.ok("mail" in session);
      return session;
    },
  };
}

type Stage = ReturnType<typeof setUp>;

const codeOf = (reply: Reply | undefined) =>
  reply === undefined ? "ok" : `${reply.code} ${reply.status} ${reply.lines.join("|")}`;

function mail(
  session: SessionHandler,
  sender: string,
  changes: { smtpUtf8?: boolean; sizeBytes?: number } = {},
) {
  const envelope = {
    sender: sender === "" ? ("" as const) : address(sender),
    body: "8BITMIME",
    smtpUtf8: changes.smtpUtf8 ?? false,
    ret: undefined,
    envid: undefined,
  } as const;
  return session.mail(CLIENT, envelope, changes.sizeBytes);
}

async function rcpt(session: SessionHandler, recipient: string) {
  const facts = { address: address(recipient), originalRecipient: undefined, notify: undefined };
  return codeOf(await session.rcpt(CLIENT, facts));
}

/** Sends one message in pieces of `size` octets and returns the last reply. */
async function send(
  session: SessionHandler,
  content: string | Uint8Array,
  options: {
    readonly to?: readonly string[];
    readonly size?: number;
    readonly client?: ClientFacts;
  } = {},
) {
  assert.equal(mail(session, "alice@fabrikam.test"), undefined);
  for (const recipient of options.to ?? ["bob@contoso.test"]) {
    assert.equal(await rcpt(session, recipient), "ok");
  }
  const sink = session.beginContent(options.client ?? CLIENT);
  assert.ok("write" in sink);
  const bytes = Buffer.from(content);
  const size = options.size ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) {
    const piece = Uint8Array.from(bytes.subarray(at, at + size));
    await sink.write(piece);
    // The bytes are the caller's again.
    piece.fill(0);
  }
  const reply = codeOf(await sink.end());
  session.reset();
  return reply;
}

function onlySubmission(stage: Stage) {
  const [submission, ...others] = stage.queue.submissions;
  assert.ok(submission !== undefined);
  assert.deepEqual(others, []);
  return submission;
}

test("a message for one of ours is queued with all that is known of it", async () => {
  const stage = setUp();
  const reply = await send(stage.session(), MESSAGE);
  assert.equal(
    reply,
    "250 2.6.0 <1@fabrikam.test> [InternalId=1, Hostname=mail.contoso.test] Queued mail for delivery",
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

/** What leaves: the content with its edits. */
function outgoing(stage: Stage): string {
  const submission = onlySubmission(stage);
  const content = stage.queue.contentOf(submission);
  const pieces = outgoingIfInMemory(
    {
      bytes: content.length,
      peek: (index) => (index === 0 ? content : undefined),
      read: async (index) => (index === 0 ? content : undefined),
    },
    submission.message.edits,
  );
  assert.ok(pieces !== undefined);
  return Buffer.concat(pieces).toString();
}

test("a Received field comes on top", async () => {
  const stage = setUp();
  const client = { ...CLIENT, tls: { version: "TLSv1.3", cipher: "TLS_X", serverName: undefined } };
  await send(stage.session(), MESSAGE, { client });
  const text = outgoing(stage);
  assert.ok(text.endsWith(`\r\n${MESSAGE}`));
  assert.match(
    text,
    /^Received: from client\.example \(\[192\.0\.2\.1\]\)\r\n\tby mail\.contoso\.test \(\[192\.0\.2\.25\]\) with ESMTPS\r\n\t\(version=TLS1_3, cipher=TLS_X\)\r\n\tid 1 for <bob@contoso\.test>;\r\n\t\w+, /,
  );
});

test("with two recipients the Received field names none, and a repeated one counts once", async () => {
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

test("an externally secured connector vouches for its clients", async () => {
  const stage = setUp({
    connector: sampleConnector({
      authMechanism: ["ExternalAuthoritative"],
      permissionGroups: ["ExchangeServers"],
    }),
  });
  const session = stage.session();
  assert.equal(session.options.messageBytesMax, Number.POSITIVE_INFINITY);
  assert.equal(session.options.tarpitMs, 0);
  assert.equal(session.options.startTls, false);
  await send(session, MESSAGE, { to: ["carol@elsewhere.test"] });
  assert.equal(onlySubmission(stage).message.origin.directionality, "Originating");
});

test("the session's options are the connector's", () => {
  const { options } = setUp().session();
  assert.equal(options.fqdn, "mail.contoso.test");
  assert.match(options.banner, /^mail\.contoso\.test Postrider ESMTP MAIL Service ready at /);
  assert.equal(options.postmasterAddress, "postmaster@contoso.test");
  assert.equal(options.startTls, true);
  assert.equal(options.messageBytesMax, 37_748_736);
  assert.equal(options.tarpitMs, 5000);
  const own = setUp({ connector: sampleConnector({ banner: "hello" }) }).session();
  assert.equal(own.options.banner, "hello");
});

test("without the right to submit, MAIL is refused", () => {
  const stage = setUp({ connector: sampleConnector({ permissionGroups: ["ExchangeUsers"] }) });
  assert.equal(
    codeOf(mail(stage.session(), "alice@fabrikam.test") as Reply),
    "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
  );
});

test("under back pressure MAIL is put off", () => {
  const stage = setUp();
  const session = stage.session();
  stage.queue.admitting = false;
  assert.equal(
    codeOf(mail(session, "alice@fabrikam.test") as Reply),
    "452 4.3.1 Insufficient system resources",
  );
  stage.queue.admitting = true;
  assert.equal(mail(session, "alice@fabrikam.test"), undefined);
});

test("a sender that the principal may not use is refused", () => {
  const stage = setUp({
    connector: sampleConnector({
      permissionGroups: ["Custom"],
      extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Submit"] },
    }),
  });
  assert.equal(
    codeOf(mail(stage.session(), "alice@fabrikam.test") as Reply),
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
  );
  assert.equal(mail(stage.session(), ""), undefined);
});

const NOT_FOUND =
  "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup";
const NO_RELAY = "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain";

for (const [recipient, anonymous, relay] of [
  ["bob@contoso.test", "ok", "ok"],
  ["BOB@Contoso.Test", "ok", "ok"],
  ["b.smith@contoso.test", "ok", "ok"],
  ["bob+tag@contoso.test", "ok", "ok"],
  ['"bob"@contoso.test', "ok", "ok"],
  ["postmaster@contoso.test", "ok", "ok"],
  ["nobody@contoso.test", NOT_FOUND, NOT_FOUND],
  ["nobody+bob@contoso.test", NOT_FOUND, NOT_FOUND],
  ["bob%fabrikam.test@contoso.test", NOT_FOUND, NOT_FOUND],
  ['"bob@fabrikam.test"@contoso.test', NOT_FOUND, NOT_FOUND],
  ["anybody@relay.test", "ok", "ok"],
  ["bob@fabrikam.test", NO_RELAY, "ok"],
  ["bob@FABRIKAM.test", NO_RELAY, "ok"],
  ["bob@[192.0.2.9]", NO_RELAY, "ok"],
] as const) {
  test(`RCPT ${recipient}`, async () => {
    for (const [connector, want] of [
      [sampleConnector(), anonymous],
      [RELAY, relay],
    ] as const) {
      const session = setUp({ connector }).session();
      mail(session, "alice@fabrikam.test");
      assert.equal(await rcpt(session, recipient), want);
    }
  });
}

test("an accepted recipient needs no lookup where none is due", async () => {
  const stage = setUp({ connector: RELAY });
  const session = stage.session();
  mail(session, "alice@fabrikam.test");
  await rcpt(session, "bob@fabrikam.test");
  await rcpt(session, "anybody@relay.test");
  assert.deepEqual(stage.directory.lookups, []);
  await rcpt(session, "bob+x@contoso.test");
  assert.deepEqual(stage.directory.lookups, [["bob+x@contoso.test", "bob@contoso.test"]]);
});

test("when the directory cannot answer, the recipient is put off, and the next may be taken", async () => {
  const stage = setUp();
  const session = stage.session();
  mail(session, "alice@fabrikam.test");
  stage.directory.fail(new StoreFailure("no disk", { full: false }));
  assert.equal(
    await rcpt(session, "bob@contoso.test"),
    "451 4.3.0 Temporary server error. Please try again later",
  );
  stage.directory.fail(undefined);
  assert.equal(await rcpt(session, "bob@contoso.test"), "ok");
});

test("recipients are looked up in the organization of now, limits are those of the connection", async () => {
  const stage = setUp();
  const session = stage.session();
  mail(session, "alice@fabrikam.test");
  assert.equal(await rcpt(session, "bob@fabrikam.test"), NO_RELAY);
  stage.change({ acceptedDomains: [], receiveConnectors: [] });
  assert.equal(await rcpt(session, "bob@contoso.test"), NO_RELAY);
  assert.equal(session.options.messageBytesMax, 37_748_736);
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
    test(`${call} fails for ${content.length} octets, ids ${ids}: put off, nothing stays`, async () => {
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
  mail(session, "alice@fabrikam.test");
  await rcpt(session, "bob@contoso.test");
  const sink = session.beginContent(CLIENT);
  assert.ok("write" in sink);
  stage.queue.pause();
  sink.write(Buffer.alloc(300_000, "x"));
  sink.abort();
  stage.queue.resume();
  await settle();
  assert.deepEqual(stage.queue.orphans, []);
  assert.deepEqual(stage.queue.submissions, []);
});

test("connections beyond the source's limit are told so; a closed one makes room", () => {
  const stage = setUp({ connector: sampleConnector({ maxInboundConnectionPerSource: 1 }) });
  const session = stage.session();
  const refused = stage.open(CONNECTION);
  assert.ok("code" in refused);
  assert.equal(
    codeOf(refused),
    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel",
  );
  session.closed("quit");
  assert.ok("mail" in stage.open(CONNECTION));
});

test("a connection that no connector serves is turned away", () => {
  const stage = setUp({
    connector: sampleConnector({ remoteIPRanges: [range("10.0.0.0-10.0.0.255")] }),
  });
  const refused = stage.open(CONNECTION);
  assert.ok("code" in refused);
  assert.equal(codeOf(refused), "421 4.3.2 Service not available, closing transmission channel");
  assert.equal(stage.counted.get("postrider_connections_refused_total:no_connector"), 1);
});

/** Lets everything that is ready to run do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
