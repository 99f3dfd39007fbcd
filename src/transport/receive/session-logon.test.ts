import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { domain } from "../../mail/address.fake.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import {
  base64,
  fakeAuthenticator,
  HEADER,
  logOn,
  NO_SEND_AS,
  send,
  stageOf,
  talkTo,
  USERS,
} from "./identity-stage.fake.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { onlySubmission, outgoing } from "./receive-stage.fake.ts";
import { sampleConnector } from "./sample-organization.fake.ts";

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

test("a challenge is answered; a cancelled exchange is over for both", async () => {
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
    /\n530 5\.7\.57 Log on at mail\.[a-z.]+:587 \(STARTTLS\), smtp\.[a-z.]+:465 \(TLS\)$/,
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
