import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authenticator } from "../../authentication/authenticator.ts";
import { HOUR, MINUTE } from "../../base/units.ts";
import { address } from "../../mail/address.fake.ts";
import type { ThrottlingPolicy } from "../../org/access-settings.ts";
import type { Mailbox, TransportConfig } from "../../org/organization.ts";
import { sampleTransportConfig, sampleTransportService } from "../../org/sample-objects.fake.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { onlySubmission, type Stage, setUp } from "./receive-stage.fake.ts";
import { range, sampleConnector, sampleMailbox } from "./sample-organization.fake.ts";

const RATE = "421 4.4.2 Message submission rate for this client has exceeded the configured limit";
const TOO_BIG = "552 5.3.4 Message size exceeds fixed maximum message size";
const FOR_RECIPIENT = "552 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient";
const HEADER = "Subject: x\r\nMessage-ID: <1@x.test>\r\n";

/** Logs everybody on as that mailbox, by `AUTH PLAIN` with any response. */
function logsOn(mailbox: Mailbox, device?: { readonly messagesPerHour: number }): Authenticator {
  const account = mailbox.primarySmtpAddress.toLowerCase();
  const appPassword = device && { name: "Scanner", senders: [], ...device };
  return {
    mechanisms: () => ["PLAIN"],
    begin: (mechanism) => ({
      next: () =>
        Promise.resolve({
          kind: "succeeded",
          logon: { account, mailbox, mechanism, appPassword },
        }),
      cancel() {},
    }),
  };
}

async function logOn(stage: Stage): Promise<MachineTalk> {
  const talk = new MachineTalk(stage.session());
  await talk.say("EHLO client.test");
  assert.match(await talk.say("AUTH PLAIN AAAA"), /^235 /);
  return talk;
}

async function hello(stage: Stage, remoteAddress?: string): Promise<MachineTalk> {
  const talk = new MachineTalk(stage.session(remoteAddress));
  await talk.say("EHLO client.test");
  return talk;
}

async function send(
  talk: MachineTalk,
  options: {
    readonly from?: string;
    readonly to?: readonly string[];
    readonly header?: string;
    readonly bytes?: number;
  } = {},
): Promise<string> {
  const { from = "you@example.com", to = ["bob@contoso.test"], header = HEADER } = options;
  const mail = await talk.say(`MAIL FROM:<${from}>`);
  if (!mail.startsWith("250")) return mail;
  for (const recipient of to) {
    const reply = await talk.say(`RCPT TO:<${recipient}>`);
    if (!reply.startsWith("250")) return reply;
  }
  await talk.say("DATA");
  const left = (options.bytes ?? 0) - header.length - 2;
  const lines = Array.from({ length: Math.ceil(left / 64) }, () => "x".repeat(62));
  return talk.say(...header.trimEnd().split("\r\n"), "", ...lines, ".");
}

const taken = /^250 2\.6\.0 /;

test("message rate by address: over several sessions, for that address only", async () => {
  const stage = setUp({ connector: sampleConnector({ messageRateLimit: 3 }) });
  const one = await hello(stage);
  assert.match(await send(one), taken);
  assert.match(await send(one), taken);
  const other = await hello(stage);
  assert.match(await send(other, { from: "other@example.com" }), taken);
  assert.equal(await send(one), RATE);
  assert.equal(await send(other), RATE);
  assert.equal(stage.counted.get("postrider_throttled_total:message_rate_address"), 2);
  assert.match(await send(await hello(stage, "192.0.2.2")), taken);
  stage.clock.advance(MINUTE + 5000);
  assert.match(await send(await hello(stage)), taken);
});

test("message rate by user: whoever sends as it, from wherever", async () => {
  const connector = sampleConnector({ messageRateLimit: 1, messageRateSource: "User" });
  const stage = setUp({ connector });
  assert.match(await send(await hello(stage)), taken);
  assert.equal(await send(await hello(stage, "192.0.2.2"), { from: "YOU@example.com" }), RATE);
  assert.match(await send(await hello(stage), { from: "other@example.com" }), taken);
});

test("message rate: sessions side by side do not slip through together", async () => {
  const stage = setUp({ connector: sampleConnector({ messageRateLimit: 2 }) });
  const talks = await Promise.all([1, 2, 3, 4].map(() => hello(stage)));
  const replies = await Promise.all(talks.map((talk) => talk.say("MAIL FROM:<you@example.com>")));
  assert.deepEqual(replies.map((reply) => reply.slice(0, 3)).toSorted(), [
    "250",
    "250",
    "421",
    "421",
  ]);
});

test("message rate: behind XCLIENT the client counts, never its proxy", async () => {
  const connector = sampleConnector({
    messageRateLimit: 1,
    xclientSources: [range("192.0.2.1-192.0.2.1")],
  });
  const stage = setUp({ connector });
  const through = async (client: string) => {
    const talk = await hello(stage);
    assert.match(await talk.say(`XCLIENT ADDR=${client}`), /^220 /);
    await talk.say("EHLO client.test");
    return talk;
  };
  assert.match(await send(await through("198.51.100.7")), taken);
  assert.equal(await send(await through("198.51.100.7")), RATE);
  assert.match(await send(await through("198.51.100.8")), taken);
});

test("connection rate: the server's, but those turned away do not count", async () => {
  const transportService = sampleTransportService({ maxConnectionRatePerMinute: 3 });
  const connector = sampleConnector({
    maxInboundConnectionPerSource: 1,
    xclientSources: [range("192.0.2.1-192.0.2.1")],
  });
  const stage = setUp({ connector, organization: { transportService } });
  const open = (remoteAddress: string) => {
    const facts = { remoteAddress, remotePort: 1, localAddress: "192.0.2.25", localPort: 25 };
    const opened = stage.open(facts);
    return "code" in opened ? opened.code : "open";
  };
  const proxy = await hello(stage);
  assert.equal(open("192.0.2.1"), 421);
  // No further connection.
  assert.match(await proxy.say("XCLIENT ADDR=198.51.100.7"), /^220 /);
  assert.equal(open("192.0.2.2"), "open");
  assert.equal(open("192.0.2.3"), "open");
  assert.equal(open("192.0.2.4"), 421);
  assert.equal(stage.counted.get("postrider_connections_refused_total:rate_limit"), 1);
  assert.equal(stage.counted.get("postrider_throttled_total:connection_rate"), 1);
  stage.clock.advance(MINUTE + 5000);
  assert.equal(open("192.0.2.5"), "open");
});

const USERS = sampleConnector({ permissionGroups: ["AnonymousUsers", "ExchangeUsers"] });
const ALICE = sampleMailbox("alice@contoso.test");
const NO_LIMIT = {
  default: true,
  messageRateLimit: Infinity,
  messagesPerHour: Infinity,
  messagesPerDay: Infinity,
  recipientsPerHour: Infinity,
  recipientsPerDay: Infinity,
};

function stageFor(
  policy: Partial<ThrottlingPolicy>,
  device?: { readonly messagesPerHour: number },
): Stage {
  return setUp({
    connector: USERS,
    authenticator: logsOn(ALICE, device),
    recipients: [sampleMailbox("carol@contoso.test")],
    organization: { throttlingPolicies: [{ name: "Staff", ...NO_LIMIT, ...policy }] },
  });
}
const FROM = "alice@contoso.test";

for (const [why, stage, metric, want] of [
  [
    "messages per minute",
    stageFor({ messageRateLimit: 2 }),
    "user_messages",
    "2 messages of alice@contoso.test per minute; try again in 65 seconds",
  ],
  [
    "messages per hour",
    stageFor({ messagesPerHour: 2 }),
    "user_messages",
    "2 messages of alice@contoso.test per hour; try again in 65 minutes",
  ],
  [
    "messages per day",
    stageFor({ messagesPerDay: 2 }),
    "user_messages",
    "2 messages of alice@contoso.test per day; try again in 26 hours",
  ],
  [
    "messages of a device",
    stageFor({}, { messagesPerHour: 2 }),
    "app_password",
    "2 messages of alice@contoso.test by the app password Scanner per hour; " +
      "try again in 65 minutes",
  ],
] satisfies [string, Stage, string, string][]) {
  test(`a user's limit: ${why}`, async () => {
    // At the beginning of a slice of every window.
    stage.clock.advance(HOUR * 2 - (stage.clock.nowMs() % (HOUR * 2)));
    const talk = await logOn(stage);
    assert.match(await send(talk, { from: FROM }), taken);
    // Begun and given up: not counted.
    await talk.say(`MAIL FROM:<${FROM}>`);
    await talk.say("RSET");
    assert.match(await send(await logOn(stage), { from: FROM }), taken);
    const refused = await send(talk, { from: FROM });
    assert.equal(refused, `452 4.7.0 Sending limit exceeded: ${want}`);
    assert.equal(stage.counted.get(`postrider_throttled_total:${metric}`), 1);
    // The session goes on, and strangers are no users.
    assert.match(await talk.say("NOOP"), /^250 /);
    assert.match(await send(await hello(stage), { from: FROM }), taken);
    stage.clock.advance(26 * HOUR);
    assert.match(await send(await logOn(stage), { from: FROM }), taken);
  });
}

test("a user's recipients: those past the limit are put off, others get it", async () => {
  const stage = stageFor({ recipientsPerDay: 3 });
  const talk = await logOn(stage);
  const two = ["bob@contoso.test", "carol@contoso.test"];
  assert.match(await send(talk, { from: FROM, to: two }), taken);
  await talk.say(`MAIL FROM:<${FROM}>`);
  assert.match(await talk.say("RCPT TO:<bob@contoso.test>"), /^250 /);
  // The same once more is no other one.
  assert.match(await talk.say("RCPT TO:<bob@contoso.test>"), /^250 /);
  const refused = await talk.say("RCPT TO:<carol@contoso.test>");
  assert.match(
    refused,
    /^452 4\.7\.0 Sending limit exceeded: 3 recipients of alice@.* per day; try again in \d+ h/,
  );
  await talk.say("DATA");
  assert.match(await talk.say("Subject: x", "", "."), taken);
  assert.match(await send(talk, { from: FROM }), /^452 4\.7\.0 /);
  assert.equal(stage.counted.get("postrider_throttled_total:user_recipients"), 2);
});

test("a user's sessions side by side: the last look is before the message is taken", async () => {
  const stage = stageFor({ messagesPerHour: 1 });
  const talks = [await logOn(stage), await logOn(stage)];
  for (const talk of talks) {
    assert.match(await talk.say(`MAIL FROM:<${FROM}>`), /^250 /);
    assert.match(await talk.say("RCPT TO:<bob@contoso.test>"), /^250 /);
    assert.match(await talk.say("DATA"), /^354 /);
  }
  const replies = [];
  for (const talk of talks) replies.push(await talk.say("Subject: x", "", "."));
  assert.match(replies[0] ?? "", taken);
  assert.match(replies[1] ?? "", /^452 4\.7\.0 /);
  assert.equal(stage.queue.submissions.length, 1);
});

function sized(config: Partial<TransportConfig>, more: Parameters<typeof setUp>[0] = {}): Stage {
  return setUp({
    connector: USERS,
    recipients: [
      { ...sampleMailbox("small@contoso.test"), maxReceiveSize: 1000 },
      { ...sampleMailbox("large@contoso.test"), maxReceiveSize: 9000 },
    ],
    organization: { transportConfig: sampleTransportConfig(config) },
    ...more,
  });
}
const KB2 = { maxSendSize: 2000, maxReceiveSize: 2000 };

test("size at MAIL: what the sender's side says already", async () => {
  const talk = await hello(sized(KB2));
  assert.equal(await talk.say("MAIL FROM:<you@example.com> SIZE=2001"), TOO_BIG);
  assert.match(await talk.say("MAIL FROM:<you@example.com> SIZE=2000"), /^250 /);
});

test("size at MAIL: the organization takes 10 MB unless it says otherwise", async () => {
  const talk = await hello(sized({}));
  assert.equal(await talk.say("MAIL FROM:<you@example.com> SIZE=10485761"), TOO_BIG);
  assert.match(await talk.say("MAIL FROM:<you@example.com> SIZE=10485760"), /^250 /);
});

test("size at RCPT: each recipient's own", async () => {
  const talk = await hello(sized({ maxSendSize: 5000, maxReceiveSize: 2000 }));
  assert.match(await talk.say("MAIL FROM:<you@example.com> SIZE=2500"), /^250 /);
  assert.equal(await talk.say("RCPT TO:<small@contoso.test>"), FOR_RECIPIENT);
  assert.equal(await talk.say("RCPT TO:<bob@contoso.test>"), FOR_RECIPIENT);
  assert.match(await talk.say("RCPT TO:<large@contoso.test>"), /^250 /);
});

test("size of content: refused when nobody may have it", async () => {
  const stage = sized(KB2);
  const talk = await hello(stage);
  assert.equal(await send(talk, { bytes: 2200 }), TOO_BIG);
  assert.equal(await send(talk, { to: ["small@contoso.test"], bytes: 1200 }), TOO_BIG);
  assert.equal(stage.queue.submissions.length, 0);
  assert.equal(stage.counted.get("postrider_rejected_total:size"), 2);
  // One of two may: the other gets a notice of the categorizer's.
  const both = ["small@contoso.test", "bob@contoso.test"];
  assert.match(await send(talk, { to: both, bytes: 1200 }), taken);
  assert.equal(onlySubmission(stage).recipients.length, 2);
});

test("size of one who has logged on: his own, also above the organization's", async () => {
  const mailbox = { ...ALICE, maxSendSize: 8000 };
  const talk = await logOn(sized(KB2, { authenticator: logsOn(mailbox) }));
  assert.equal(await talk.say(`MAIL FROM:<${FROM}> SIZE=8001`), TOO_BIG);
  assert.match(await talk.say(`MAIL FROM:<${FROM}> SIZE=5000`), /^250 /);
  assert.match(await talk.say("RCPT TO:<large@contoso.test>"), /^250 /);
  assert.equal(await talk.say("RCPT TO:<someone@elsewhere.test>"), TOO_BIG);
  await talk.say("RSET");
  assert.match(await send(talk, { from: FROM, to: ["large@contoso.test"], bytes: 7000 }), taken);
});

test("size from a secured network: the sender's own, where he is one of ours", async () => {
  const connector = sampleConnector({
    authMechanism: ["ExternalAuthoritative"],
    permissionGroups: ["ExchangeServers"],
  });
  const stage = sized(KB2, { connector, recipients: [{ ...ALICE, maxSendSize: 8000 }] });
  const talk = await hello(stage);
  assert.match(await talk.say(`MAIL FROM:<${FROM}> SIZE=8000`), /^250 /);
  await talk.say("RSET");
  assert.equal(await talk.say(`MAIL FROM:<${FROM}> SIZE=8001`), TOO_BIG);
  assert.equal(await talk.say("MAIL FROM:<bob@contoso.test> SIZE=2001"), TOO_BIG);
});

test("size on entry counts, where headers of the organization are believed", async () => {
  const header = `X-MS-Exchange-Organization-OriginalSize: 1900\r\n${HEADER}`;
  assert.equal(await send(await hello(sized(KB2)), { header, bytes: 2500 }), TOO_BIG);
  const rights = ["ms-Exch-Accept-Headers-Organization"] as const;
  const connector = { ...USERS, extendedRights: { AnonymousUsers: rights } };
  const stage = sized(KB2, { connector });
  const talk = await hello(stage);
  assert.match(await talk.say("MAIL FROM:<you@example.com> SIZE=2500"), /^250 /);
  await talk.say("RSET");
  assert.match(await send(talk, { header, bytes: 2500 }), taken);
  assert.equal(onlySubmission(stage).message.origin.originalBytes, 1900);
  const larger = header.replace("1900", "2001");
  assert.equal(await send(talk, { header: larger, bytes: 2500 }), TOO_BIG);
});

test("restrictions at RCPT: strangers are told at once, and only what is certain", async () => {
  const rejects = {
    ...sampleMailbox("rejects@contoso.test"),
    rejectMessagesFromSendersOrMembers: [address("You@example.com")],
  };
  const inside = {
    ...sampleMailbox("inside@contoso.test"),
    requireSenderAuthenticationEnabled: true,
  };
  const only = {
    ...sampleMailbox("only@contoso.test"),
    acceptMessagesOnlyFromSendersOrMembers: [address("bob@contoso.test")],
  };
  const recipients = [rejects, inside, only];
  const stage = setUp({ connector: USERS, recipients, authenticator: logsOn(ALICE) });
  const talk = await hello(stage);
  await talk.say("MAIL FROM:<you@example.com>");
  const rejected = "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized";
  assert.equal(await talk.say("RCPT TO:<rejects@contoso.test>"), rejected);
  const unknown = /^550 5\.7\.134 RESOLVER\.RST\.SenderNotAuthenticatedForMailbox; /;
  assert.match(await talk.say("RCPT TO:<inside@contoso.test>"), unknown);
  assert.match(await talk.say("RCPT TO:<only@contoso.test>"), /^250 /);
  const user = await logOn(stage);
  await user.say(`MAIL FROM:<${FROM}>`);
  for (const { primarySmtpAddress } of recipients) {
    assert.match(await user.say(`RCPT TO:<${primarySmtpAddress}>`), /^250 /);
  }
});

test("what throttled clients cause is logged once a minute", async () => {
  const lines: unknown[] = [];
  const log = (event: string, fields?: object) => void lines.push({ event, ...fields });
  const diagnostics = { info: log, warn: log, error: log };
  const stage = setUp({ connector: sampleConnector({ messageRateLimit: 1 }), diagnostics });
  await send(await hello(stage));
  for (let count = 0; count < 5; count += 1) await send(await hello(stage));
  const line = {
    event: "sender-throttled",
    connector: "Default Frontend",
    remoteAddress: "192.0.2.1",
    what: "messages",
    limit: 1,
    window: "minute",
  };
  assert.deepEqual(lines, [line]);
  stage.clock.advance(MINUTE + 5000);
  await send(await hello(stage));
  await send(await hello(stage));
  assert.deepEqual(lines, [line, { ...line, leftOut: 4 }]);
});
