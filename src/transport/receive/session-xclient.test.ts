import assert from "node:assert/strict";
import { test } from "node:test";
import { logOn, NO_SEND_AS, send, stageOf } from "./identity-stage.fake.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { onlySubmission } from "./receive-stage.fake.ts";
import { range, sampleConnector } from "./sample-organization.fake.ts";

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

test("XCLIENT: a login that nobody has is no logon; without one he is a stranger", async () => {
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

test("XCLIENT: nobody but the speaker may use it", async () => {
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

test("XCLIENT: a login may be any name of the user", async () => {
  for (const login of ["alice", "CONTOSO\\alice", "A.Smith@contoso.test"]) {
    const stage = stageOf(VOUCHING, TWO);
    const talk = new MachineTalk(stage.session());
    await talk.say("EHLO proxy.test");
    await talk.say(`XCLIENT ADDR=198.51.100.7 LOGIN=${login}`);
    await talk.say("EHLO proxy.test");
    assert.match(await send(talk, "alice@contoso.test"), /^250 /, login);
  }
});

test("XCLIENT: who then logs on himself is who he has proved to be", async () => {
  const talk = new MachineTalk(stageOf(VOUCHING, TWO).session());
  await talk.say("EHLO proxy.test");
  await talk.say("XCLIENT ADDR=198.51.100.7 LOGIN=nobody@contoso.test");
  for (const line of ["EHLO client.test", "STARTTLS", "EHLO client.test"]) await talk.say(line);
  assert.match(await logOn(talk), /^235 /);
  assert.match(await send(talk, "alice@contoso.test"), /^250 /);
});

test("XCLIENT: once only, for behind a proxy the client speaks on", async () => {
  for (const attributes of ["ADDR=198.51.100.7", "LOGIN=alice@contoso.test", "HELO=x.test"]) {
    const talk = new MachineTalk(stageOf(VOUCHING, TWO).session());
    await talk.say("EHLO proxy.test");
    assert.match(await talk.say(`XCLIENT ${attributes}`), /^220 /);
    assert.doesNotMatch(await talk.say("EHLO client.test"), /XCLIENT/, attributes);
    const again = await talk.say(`XCLIENT ADDR=${PROXY} LOGIN=alice@contoso.test`);
    assert.match(again, /^550 5\.7\.0 /, attributes);
  }
});
