import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authenticator, LogonStep } from "../../authentication/authenticator.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import type { PeerCertificateFacts } from "../../smtp/session-handler.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { onlySubmission, outgoing, type Stage, setUp } from "./receive-stage.fake.ts";
import {
  address,
  domain,
  range,
  sampleConnector,
  sampleMailbox,
  sampleOrganization,
} from "./sample-organization.fake.ts";

const ALICE = sampleMailbox("alice@contoso.test", "a.smith@contoso.test");
const SALES = {
  ...sampleMailbox("sales@contoso.test"),
  sendAs: [address("alice@contoso.test")],
};
const INTERNAL_ONLY = {
  ...sampleMailbox("board@contoso.test"),
  requireSenderAuthenticationEnabled: true,
};
const RECIPIENTS = [ALICE, SALES, INTERNAL_ONLY];

/** `AUTH PLAIN` with the password "right" for alice, "scan" for her scanner. */
function fakeAuthenticator(): Authenticator & { readonly cancelled: string[] } {
  const cancelled: string[] = [];
  const scanner = { name: "Scanner", senders: ["a.smith@contoso.test"], messagesPerHour: Infinity };
  return {
    cancelled,
    mechanisms: (_, { encrypted }) => (encrypted ? ["PLAIN", "LOGIN"] : []),
    begin: (mechanism) => ({
      async next(response): Promise<LogonStep> {
        if (response === undefined) return { kind: "challenge", bytes: Buffer.from("go on") };
        const text = Buffer.from(response).toString();
        const account = "alice@contoso.test";
        const logon = { account, mailbox: ALICE, mechanism };
        if (text === "right") {
          return { kind: "succeeded", logon: { ...logon, appPassword: undefined } };
        }
        if (text === "scan")
          return { kind: "succeeded", logon: { ...logon, appPassword: scanner } };
        const reasons = ["malformed", "temporary", "locked"] as const;
        const reason = reasons.find((one) => one === text) ?? "credentials";
        return { kind: "failed", reason, detail: "" };
      },
      cancel: () => void cancelled.push(mechanism),
    }),
  };
}

const USERS = sampleConnector({ permissionGroups: ["ExchangeUsers"] });

function stageOf(connector: ReceiveConnector, more: Parameters<typeof setUp>[0] = {}) {
  return setUp({
    connector,
    recipients: RECIPIENTS,
    authenticator: fakeAuthenticator(),
    ...more,
  });
}

async function talkTo(stage: Stage, certificate?: PeerCertificateFacts) {
  const talk = new MachineTalk(stage.session());
  talk.certificate = certificate;
  await talk.say("EHLO client.test");
  await talk.say("STARTTLS");
  await talk.say("EHLO client.test");
  return talk;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const logOn = (talk: MachineTalk, word = "right") => talk.say(`AUTH PLAIN ${base64(word)}`);
const HEADER = "Subject: x\r\nMessage-ID: <1@x.test>\r\nDate: Fri, 5 Aug 2016 16:24:41 -0700";
const NO_SEND_AS = "550 5.7.60 SMTP; Client does not have permissions to send as this sender";

async function send(
  talk: MachineTalk,
  from: string,
  options: { readonly to?: string; readonly header?: string } = {},
) {
  const { to = "bob@contoso.test", header = HEADER } = options;
  const mail = await talk.say(`MAIL FROM:<${from}>`);
  if (!mail.startsWith("250")) return mail;
  const rcpt = await talk.say(`RCPT TO:<${to}>`);
  if (!rcpt.startsWith("250")) return rcpt;
  await talk.say("DATA");
  return talk.say(...header.split("\r\n"), "", "Hello", ".");
}

for (const [word, reply] of [
  ["right", "235 2.7.0 Authentication successful"],
  ["wrong", "535 5.7.3 Authentication unsuccessful"],
  ["locked", "454 4.7.0 Temporary authentication failure"],
  ["temporary", "454 4.7.0 Temporary authentication failure"],
  ["malformed", "501 5.5.2 Authentication response is malformed"],
] as const) {
  test(`AUTH: ${word}`, async () => {
    assert.equal(await logOn(await talkTo(stageOf(USERS)), word), reply);
  });
}

test("AUTH is offered as the authenticator says, and only where a logon is of use", async () => {
  const offered = async (connector: ReceiveConnector) => {
    const talk = new MachineTalk(stageOf(connector).session());
    const clear = await talk.say("EHLO client.test");
    await talk.say("STARTTLS");
    return [clear, await talk.say("EHLO client.test")].map((text) => /AUTH .*/.exec(text)?.[0]);
  };
  assert.deepEqual(await offered(USERS), [undefined, "AUTH PLAIN LOGIN"]);
  assert.deepEqual(await offered(sampleConnector()), [undefined, undefined]);
});

test("a challenge is answered; a cancelled exchange is over for the authenticator too", async () => {
  const authenticator = fakeAuthenticator();
  const talk = await talkTo(stageOf(USERS, { authenticator }));
  assert.equal(await talk.say("AUTH LOGIN"), `334 ${base64("go on")}`);
  assert.match(await talk.say("*"), /^501 /);
  assert.deepEqual(authenticator.cancelled, ["LOGIN"]);
  await talk.say("AUTH LOGIN");
  assert.equal(await talk.say(base64("right")), "235 2.7.0 Authentication successful");
});

test("before the logon a user may nothing, after it nearly everything", async () => {
  const stage = stageOf(USERS);
  const talk = await talkTo(stage);
  assert.match(await send(talk, "alice@contoso.test"), /^530 5\.7\.57 /);
  assert.equal(talk.handler.options.tarpitMs, 5000);
  await logOn(talk);
  assert.equal(talk.handler.options.tarpitMs, 0);
  assert.match(await send(talk, "alice@contoso.test", { to: "x@elsewhere.test" }), /^250 2\.6\.0 /);
  const { message, events } = onlySubmission(stage);
  assert.equal(message.origin.authAs, "Internal");
  assert.equal(message.origin.account, "alice@contoso.test");
  assert.equal(message.origin.directionality, "Originating");
  assert.match(events, /AuthUser=alice@contoso\.test;AuthMechanism=PLAIN/);
  const sent = outgoing(stage);
  assert.match(sent, / with ESMTPSA\r\n\t\(version=TLS1_3, /);
  assert.match(sent, /^X-MS-Exchange-Organization-AuthAs: Internal\r$/m);
  assert.match(sent, /^X-MS-Exchange-Organization-AuthSource: mail\.contoso\.test\r$/m);
  assert.match(sent, /^X-MS-Exchange-Organization-AuthMechanism: 01\r$/m);
});

test("a logon in clear is forgotten when TLS starts", async () => {
  const talk = new MachineTalk(stageOf(USERS).session());
  await talk.say("EHLO client.test");
  await talk.handler.authenticate(
    { helo: "client.test", extended: true, tls: undefined },
    "PLAIN",
    Buffer.from("right"),
  );
  assert.equal(talk.handler.options.tarpitMs, 0);
  await talk.say("STARTTLS");
  await talk.say("EHLO client.test");
  assert.equal(talk.handler.options.tarpitMs, 5000);
  assert.match(await send(talk, "alice@contoso.test"), /^530 5\.7\.57 /);
});

test("clients at the wrong door are told the right one, if it wants that", async () => {
  const users = { permissionGroups: ["ExchangeUsers"], advertiseClientSettings: true } as const;
  const bindings = [{ address: "192.0.2.25", port: 587 }];
  const advertised = sampleConnector({ ...users, name: "users", bindings });
  const implicit = sampleConnector({
    ...users,
    name: "implicit",
    bindings: [{ address: "192.0.2.25", port: 465 }],
    implicitTlsEnabled: true,
    serviceDiscoveryFqdn: domain("smtp.contoso.test"),
  });
  const here = sampleConnector({ permissionGroups: ["ExchangeUsers"] });
  const doors = (receiveConnectors: readonly ReceiveConnector[]) =>
    talkTo(stageOf(here, { organization: { receiveConnectors } })).then((talk) =>
      talk.say("MAIL FROM:<x@fabrikam.test>"),
    );
  assert.match(
    await doors([here, advertised, implicit]),
    /\n530 5\.7\.57 Log on at mail\.contoso\.test:587 \(STARTTLS\), smtp\.contoso\.test:465 \(TLS\)$/,
  );
  assert.doesNotMatch(await doors([here, { ...advertised, enabled: false }]), /Log on/);
  assert.doesNotMatch(await doors([here]), /Log on/);
});

test("a logon without the right to submit is no logon, and the log says why", async () => {
  const warned: string[] = [];
  const diagnostics: Diagnostics = {
    info() {},
    warn: (event, fields) => void warned.push(`${event} ${JSON.stringify(fields)}`),
    error() {},
  };
  const connector = sampleConnector({
    permissionGroups: ["AnonymousUsers"],
    extendedRights: { "bob@contoso.test": ["ms-Exch-SMTP-Submit"] },
  });
  const talk = await talkTo(stageOf(connector, { diagnostics }));
  assert.equal(await logOn(talk), "535 5.7.3 Authentication unsuccessful");
  assert.match(warned.join(), /logon-without-right .*alice@contoso\.test/);
  assert.match(await send(talk, "x@fabrikam.test"), /^250 /, "he is who he was before");
});

for (const [from, word, header, want] of [
  ["alice@contoso.test", "right", "From: alice@contoso.test", "250"],
  ["A.Smith@contoso.test", "right", "From: Alice <alice@contoso.test>", "250"],
  ["bob@contoso.test", "right", "From: bob@contoso.test", NO_SEND_AS],
  ["bob@fabrikam.test", "right", "From: alice@contoso.test", NO_SEND_AS],
  ["sales@contoso.test", "right", "From: sales@contoso.test", "250"],
  ["alice@contoso.test", "right", "From: Sales <sales@contoso.test>", "250"],
  ["alice@contoso.test", "right", "From: bob@contoso.test", NO_SEND_AS],
  ["", "right", "From: bob@contoso.test", NO_SEND_AS],
  ["", "right", "From: alice@contoso.test", "250"],
  ["alice@contoso.test", "right", "From: a@x.test\r\nSender: alice@contoso.test", NO_SEND_AS],
  [
    "alice@contoso.test",
    "right",
    "From: alice@contoso.test, sales@contoso.test",
    "550 5.6.0 Several addresses in From need a Sender field",
  ],
  [
    "alice@contoso.test",
    "right",
    "From: alice@contoso.test\r\nFrom: bob@contoso.test",
    "550 5.6.0 From or Sender is repeated",
  ],
  ["alice@contoso.test", "scan", "From: alice@contoso.test", NO_SEND_AS],
  ["a.smith@contoso.test", "scan", "From: a.smith@contoso.test", "250"],
  ["a.smith@contoso.test", "scan", "From: alice@contoso.test", NO_SEND_AS],
  ["sales@contoso.test", "scan", "From: a.smith@contoso.test", NO_SEND_AS],
] as const) {
  test(`sender rights: <${from}> (${word}), ${JSON.stringify(header)}`, async () => {
    const stage = stageOf(USERS);
    const talk = await talkTo(stage);
    await logOn(talk, word);
    const reply = await send(talk, from, { header: `${header}\r\n${HEADER}` });
    assert.ok(reply.startsWith(want), reply);
    assert.equal(stage.queue.submissions.length, want === "250" ? 1 : 0);
  });
}

test("the device is named in the tracking log", async () => {
  const stage = stageOf(USERS);
  const talk = await talkTo(stage);
  await logOn(talk, "scan");
  await send(talk, "a.smith@contoso.test");
  const { events } = onlySubmission(stage);
  assert.match(events, /AuthUser=alice@contoso\.test \(Scanner\);AuthMechanism=PLAIN/);
});

test("strangers may not write as us in the header where they may not in the envelope", async () => {
  const connector = sampleConnector({
    permissionGroups: ["Custom"],
    extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Submit", "ms-Exch-SMTP-Accept-Any-Sender"] },
  });
  const talk = await talkTo(stageOf(connector));
  assert.equal(await send(talk, "alice@contoso.test"), NO_SEND_AS);
  const ours = `From: "alice" <alice@CONTOSO.test>\r\n${HEADER}`;
  assert.equal(await send(talk, "x@fabrikam.test", { header: ours }), NO_SEND_AS);
  const theirs = `From: x@fabrikam.test\r\n${HEADER}`;
  assert.match(await send(talk, "x@fabrikam.test", { header: theirs }), /^250 2\.6\.0 /);
});

test("a recipient for internal senders only is not for strangers", async () => {
  const talk = await talkTo(stageOf(sampleConnector()));
  assert.match(
    await send(talk, "x@fabrikam.test", { to: "board@contoso.test" }),
    /^550 5\.7\.13\d RESOLVER\.RST\.SenderNotAuthenticatedForMailbox; /,
  );
  const user = await talkTo(stageOf(USERS));
  await logOn(user);
  assert.match(await send(user, "alice@contoso.test", { to: "board@contoso.test" }), /^250 /);
});

const CERTIFICATE: PeerCertificateFacts = {
  subject: "CN=mail.fabrikam.test",
  issuer: "CN=Test CA",
  dnsNames: ["mail.fabrikam.test", "fabrikam.test"],
  emailAddresses: [],
  fingerprint: "00",
  verified: true,
  fault: undefined,
};
const NAMES = [{ issuer: undefined, subject: "CN=mail.fabrikam.test" }];
const { transportConfig: CONFIG } = sampleOrganization();

test("Domain Security: a listed domain needs a certificate that bears it", async () => {
  const connector = sampleConnector({
    permissionGroups: ["AnonymousUsers", "Partners"],
    domainSecureEnabled: true,
  });
  const transportConfig = { ...CONFIG, tlsReceiveDomainSecureList: [domain("fabrikam.test")] };
  const organization = { transportConfig };
  const sendWith = async (certificate: PeerCertificateFacts | undefined, from: string) => {
    const stage = stageOf(connector, { organization });
    const reply = await send(await talkTo(stage, certificate), from);
    return `${reply.slice(0, 9)} ${stage.queue.submissions[0]?.message.origin.authAs}`;
  };
  const from = "x@fabrikam.test";
  assert.equal(await sendWith(CERTIFICATE, from), "250 2.6.0 Partner");
  assert.equal(await sendWith(undefined, from), "454 4.7.5 undefined");
  assert.equal(await sendWith({ ...CERTIFICATE, verified: false }, from), "454 4.7.5 undefined");
  const other = { ...CERTIFICATE, dnsNames: ["mail.fabrikam.test"] };
  assert.equal(await sendWith(other, from), "454 4.7.5 undefined");
  assert.equal(await sendWith(undefined, "x@elsewhere.test"), "250 2.6.0 Anonymous");
});

const SERVER_DOOR = sampleConnector({
  authMechanism: ["Tls", "ExchangeServer"],
  permissionGroups: ["AnonymousUsers", "ExchangeServers"],
});
const SERVERS = { transportConfig: { ...CONFIG, exchangeServerCertificateNames: NAMES } };

test("our own server is known by its certificate, and believed in what it says", async () => {
  const stage = stageOf(SERVER_DOOR, { organization: SERVERS });
  const talk = await talkTo(stage, CERTIFICATE);
  assert.equal(talk.handler.options.messageBytesMax, Number.POSITIVE_INFINITY);
  assert.equal(talk.handler.tls?.requestsCertificate, true);
  const said = "X-MS-Exchange-Organization-AuthAs: Anonymous";
  const header = `${said}\r\nFrom: alice@contoso.test\r\n${HEADER}`;
  assert.match(await send(talk, "alice@contoso.test", { header }), /^250 2\.6\.0 /);
  assert.equal(onlySubmission(stage).message.origin.authAs, "Anonymous");
  assert.equal(outgoing(stage).split(said).length, 2, "it is there once");
});

test("of others nothing of the kind is believed", async () => {
  const stage = stageOf(SERVER_DOOR, { organization: SERVERS });
  const talk = await talkTo(stage);
  const said = "X-MS-Exchange-Organization-AuthAs: Internal";
  await send(talk, "x@fabrikam.test", { header: `${said}\r\n${HEADER}` });
  assert.equal(onlySubmission(stage).message.origin.authAs, "Anonymous");
  assert.ok(!outgoing(stage).includes(said));
  assert.match(outgoing(stage), /^X-MS-Exchange-Organization-AuthAs: Anonymous\r$/m);
});

test("AUTH= is a server's to say; of others it is passed on as nobody", async () => {
  const submitterOf = async (certificate: PeerCertificateFacts | undefined) => {
    const stage = stageOf(SERVER_DOOR, { organization: SERVERS });
    const { handler } = await talkTo(stage, certificate);
    const facts = { helo: "x.test", extended: true, tls: undefined };
    const none = { originalRecipient: undefined, notify: undefined };
    const envelope = { body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined } as const;
    const sender = address("x@fabrikam.test");
    await handler.mail(facts, { ...envelope, sender, submitter: "y@fabrikam.test" }, undefined);
    await handler.rcpt(facts, { address: address("bob@contoso.test"), ...none });
    const sink = handler.beginContent(facts);
    assert.ok("end" in sink);
    await sink.write(Buffer.from("Subject: x\r\n\r\n"));
    await sink.end();
    return onlySubmission(stage).message.envelope.submitter;
  };
  assert.equal(await submitterOf(CERTIFICATE), "y@fabrikam.test");
  assert.equal(await submitterOf(undefined), "");
});

const PROXY = "192.0.2.1";
const VOUCHING = sampleConnector({
  name: "proxies",
  remoteIPRanges: [range("192.0.2.0-192.0.2.255")],
  xclientSources: [range(`${PROXY}-${PROXY}`)],
});
const OUTSIDE = sampleConnector({
  name: "outside",
  permissionGroups: ["ExchangeUsers", "AnonymousUsers"],
  remoteIPRanges: [range("198.51.100.0-198.51.100.255")],
  maxMessageSize: 100_000,
});
const TWO = { organization: { receiveConnectors: [VOUCHING, OUTSIDE] } };

test("XCLIENT: the client that is named gets the session that it would have got", async () => {
  const stage = stageOf(VOUCHING, TWO);
  const talk = new MachineTalk(stage.session());
  assert.match(await talk.say("EHLO proxy.test"), /XCLIENT/);
  const reply = await talk.say(
    "XCLIENT ADDR=198.51.100.7 HELO=client.test LOGIN=alice@contoso.test",
  );
  assert.match(reply, /^220 /);
  assert.match(await talk.say("EHLO proxy.test"), /SIZE 100000/);
  assert.equal(await send(talk, "bob@contoso.test"), NO_SEND_AS);
  assert.match(await send(talk, "alice@contoso.test", { to: "x@elsewhere.test" }), /^250 2\.6\.0 /);
  const { origin } = onlySubmission(stage).message;
  assert.equal(origin.clientAddress, "198.51.100.7");
  assert.equal(origin.clientName, "client.test");
  assert.equal(origin.connector, "outside");
  assert.equal(origin.account, "alice@contoso.test");
});

test("XCLIENT: a login that nobody has is no logon; without one the client is a stranger", async () => {
  const talk = new MachineTalk(stageOf(VOUCHING, TWO).session());
  await talk.say("EHLO proxy.test");
  await talk.say("XCLIENT ADDR=198.51.100.7 LOGIN=nobody@contoso.test");
  await talk.say("EHLO proxy.test");
  assert.match(await send(talk, "nobody@contoso.test"), /^530 5\.7\.57 /);
  const stranger = new MachineTalk(stageOf(VOUCHING, TWO).session());
  await stranger.say("EHLO proxy.test");
  await stranger.say("XCLIENT ADDR=198.51.100.7");
  await stranger.say("EHLO proxy.test");
  assert.match(await send(stranger, "x@fabrikam.test", { to: "y@z.test" }), /^550 5\.7\.54 /);
});

test("XCLIENT: nobody but the speaker may use it, and no client in the speaker's name", async () => {
  const stage = stageOf(VOUCHING, TWO);
  const outsider = new MachineTalk(stage.session("192.0.2.2"));
  assert.doesNotMatch(await outsider.say("EHLO client.test"), /XCLIENT/);
  assert.match(await outsider.say("XCLIENT ADDR=198.51.100.7"), /^5\d\d /);
  const refused = stage.session("192.0.2.2").xclient({ address: "198.51.100.7" });
  assert.ok("code" in refused && refused.code === 550);
});

test("XCLIENT to where no connector is ends in a refusal", async () => {
  const talk = new MachineTalk(stageOf(VOUCHING, TWO).session());
  await talk.say("EHLO proxy.test");
  assert.match(await talk.say("XCLIENT ADDR=203.0.113.7"), /^421 /);
});
