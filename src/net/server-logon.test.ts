import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Reply } from "../smtp/reply.ts";
import type { AuthStep, SessionHandler } from "../smtp/session-handler.ts";
import { FAKE_SESSION_OPTIONS } from "../smtp/session-options.fake.ts";
import { FakeHandler, type Harness, openHarness } from "./server-harness.fake.ts";

const OPTIONS = {
  ...FAKE_SESSION_OPTIONS,
  authMechanisms: { clear: ["LOGIN"], encrypted: ["LOGIN"] },
};
const CHALLENGE: AuthStep = { kind: "challenge", bytes: Buffer.from("Username:") };

function ends(code: number): AuthStep {
  return { kind: "done", reply: { code, status: "", lines: ["so it is"] } };
}

async function open(
  context: TestContext,
  ...handlers: readonly (SessionHandler | Reply)[]
): Promise<Harness> {
  const harness = await openHarness(handlers);
  context.after(() => harness.close());
  return harness;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A handler that takes these steps in turn. */
function logonHandler(steps: AuthStep[], changes: Partial<typeof OPTIONS> = {}): FakeHandler {
  const handler = new FakeHandler({ ...OPTIONS, ...changes });
  handler.onLogon = async () => steps.shift() ?? ends(535);
  return handler;
}

test("a failed logon is answered late, and what is sent behind it waits", async (context) => {
  const handler = logonHandler([], { authTarpitMs: 5_000, tarpitMs: 60_000 });
  const harness = await open(context, handler);
  const client = harness.connect();
  await client.talk("EHLO c\r\n", 2);
  let answered = false;
  const replies = client.talk("AUTH LOGIN\r\nNOOP\r\n", 2).then((codes) => {
    answered = true;
    return codes;
  });
  while (handler.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  harness.clock.advance(4_999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, false);
  harness.clock.advance(1);
  assert.deepEqual(await replies, ["535", "250"]);
});

test("the delay runs from AUTH on: it hides how long the answer took", async (context) => {
  const handler = logonHandler([], { authTarpitMs: 5_000 });
  const harness = await open(context, handler);
  handler.onLogon = async () => {
    harness.clock.advance(3_000);
    return ends(535);
  };
  const client = harness.connect();
  await client.talk("EHLO c\r\n", 2);
  for (let count = 0; count < 2; count += 1) {
    const startMs = harness.clock.monotonicMs();
    const reply = client.talk("AUTH LOGIN\r\n");
    while (harness.clock.monotonicMs() === startMs) await turn();
    await turn();
    harness.clock.advance(2_000);
    assert.deepEqual(await reply, ["535"]);
  }
});

test("exchanges given up count as failed ones", async (context) => {
  const handler = logonHandler([CHALLENGE, CHALLENGE, CHALLENGE], { logonFailuresMax: 3 });
  const client = (await open(context, handler)).connect();
  await client.talk("EHLO c\r\n", 2);
  const twice = "AUTH LOGIN\r\n*\r\nAUTH LOGIN\r\n!\r\n";
  assert.deepEqual(await client.talk(twice, 4), ["334", "501", "334", "501"]);
  assert.deepEqual(await client.talk("AUTH LOGIN\r\n*\r\n", 2), ["334", "421"]);
});

test("who has logged on waits for no error: the new options hold", async (context) => {
  const handler = logonHandler([], { tarpitMs: 60_000 });
  handler.onLogon = async () => {
    handler.options = { ...handler.options, tarpitMs: 0, recipientsMax: 1 };
    return ends(235);
  };
  const harness = await open(context, handler);
  const client = harness.connect();
  await client.talk("EHLO c\r\n", 2);
  assert.deepEqual(await client.talk("AUTH LOGIN\r\nBAD\r\n", 2), ["235", "500"]);
  const lines = "MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n";
  assert.deepEqual(await client.talk(lines, 3), ["250", "250", "452"]);
});

test("an exchange goes on over challenges, and its timeout is the session's", async (context) => {
  const handler = logonHandler([CHALLENGE, CHALLENGE]);
  const harness = await open(context, handler);
  const client = harness.connect();
  await client.talk("EHLO c\r\n", 2);
  assert.deepEqual(await client.talk("AUTH LOGIN\r\n"), ["334"]);
  assert.deepEqual(await client.talk("YWxpY2U=\r\n"), ["334"]);
  harness.clock.advance(OPTIONS.idleTimeoutMs + 1_000);
  assert.match(await client.reply(), /^421 4\.4\.1 /);
  assert.equal(await handler.closedReason, "idle timeout");
  assert.deepEqual(handler.log, ["authenticate LOGIN undefined", "continue alice", "closed"]);
});

test("cancelled: the handler hears of it", async (context) => {
  const handler = logonHandler([CHALLENGE]);
  const client = (await open(context, handler)).connect();
  await client.talk("EHLO c\r\n", 2);
  assert.deepEqual(await client.talk("AUTH LOGIN\r\n*\r\n", 2), ["334", "501"]);
  assert.equal(handler.log.at(-1), "cancel");
});

test("a logon that fails by our own fault ends the session, and tells nothing", async (context) => {
  const handler = logonHandler([]);
  handler.onLogon = () => Promise.reject(new Error("broken"));
  const client = (await open(context, handler)).connect();
  await client.talk("EHLO c\r\n", 2);
  client.send("AUTH LOGIN\r\n");
  assert.equal(await client.reply(), "421 4.3.0 Internal error, closing transmission channel");
});

test("XCLIENT: another handler has the session, and nothing is lost", async (context) => {
  const second = new FakeHandler({ banner: "second.contoso.test ESMTP" });
  const first = new FakeHandler({ extensions: { ...OPTIONS.extensions, xclient: true } });
  first.onXclient = ({ address }) => {
    first.log.push(`xclient ${address}`);
    return second;
  };
  const client = (await open(context, first)).connect();
  await client.reply();
  client.send("XCLIENT ADDR=192.0.2.9\r\nEHLO d\r\nMAIL FROM:<a@b.test>\r\nQUIT\r\n");
  assert.equal(await client.reply(), "220 second.contoso.test ESMTP");
  assert.match(await client.reply(), /Hello \[192\.0\.2\.9\]/);
  assert.match(await client.reply(), /^250 2\.1\.0/);
  assert.match(await client.reply(), /^221 /);
  assert.equal(await first.closedReason, "XCLIENT");
  assert.equal(await second.closedReason, "QUIT");
  assert.deepEqual(first.log, ["xclient 192.0.2.9", "closed"]);
  assert.deepEqual(second.log, ["mail a@b.test", "reset", "closed"]);
});

test("XCLIENT refused: the session goes on as it was", async (context) => {
  const handler = new FakeHandler({ extensions: { ...OPTIONS.extensions, xclient: true } });
  handler.onXclient = () => ({ code: 421, status: "4.3.2", lines: ["Not now"] });
  const client = (await open(context, handler)).connect();
  await client.reply();
  assert.deepEqual(await client.talk("XCLIENT ADDR=192.0.2.9\r\n"), ["421"]);
  assert.equal(await handler.closedReason, "421 sent");
});
