import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { silentDiagnostics } from "../base/diagnostics.ts";
import type { Reply } from "../smtp/reply.ts";
import type { SessionHandler } from "../smtp/session-handler.ts";
import type { ListenerOptions } from "./listener.ts";
import { FakeHandler, type Harness, openHarness } from "./server-harness.fake.ts";

async function open(
  context: TestContext,
  handlers: readonly (SessionHandler | Reply)[],
  options: Partial<ListenerOptions> = {},
): Promise<Harness> {
  const harness = await openHarness(handlers, options);
  context.after(() => harness.close());
  return harness;
}

/** A promise that a test settles. */
function gate<Value>(): { promise: Promise<Value>; open: (value: Value) => void } {
  let open: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

const ENVELOPE = "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n";

test("the goodbye arrives, however much said before is still unread", async (context) => {
  for (const count of [1, 20_000]) {
    const handler = new FakeHandler();
    const client = (await open(context, [handler])).connect();
    await client.talk("HELO c\r\n", 2);
    client.socket.pause();
    client.send(`${"NOOP\r\n".repeat(count)}QUIT\r\n`);
    await new Promise((resolve) => setImmediate(resolve));
    client.socket.resume();
    const replies = await client.talk("", count + 1);
    assert.equal(replies.at(-1), "221");
    await client.closed;
    assert.equal(await handler.closedReason, "QUIT");
  }
});

test("a pipelined session: replies in order, then the end", async (context) => {
  const handler = new FakeHandler();
  handler.onRecipient = async () => undefined;
  const client = (await open(context, [handler])).connect();
  assert.equal(await client.reply(), "220 mail.contoso.test ESMTP ready");
  assert.deepEqual(await client.talk(`EHLO c\r\n${ENVELOPE}RCPT TO:<x>\r\nDATA\r\n`, 5), [
    "250",
    "250",
    "250",
    "501",
    "354",
  ]);
  assert.deepEqual(await client.talk("hi\r\n.\r\nQUIT\r\n", 2), ["250", "221"]);
  await client.closed;
  assert.equal(await handler.closedReason, "QUIT");
  assert.deepEqual(handler.messages, ["hi\r\n"]);
  assert.deepEqual(handler.log, ["mail a@b.test", "rcpt c@d.test", "reset", "closed"]);
});

test("replies to one piece of input go out in one write", async (context) => {
  const client = (await open(context, [])).connect();
  await client.reply();
  const pieces: string[] = [];
  client.socket.on("data", (bytes: Buffer) => pieces.push(bytes.toString("latin1")));
  await client.talk(`HELO c\r\n${ENVELOPE}NOOP\r\nVRFY x\r\n`, 5);
  assert.equal(pieces.length, 1);
});

test("content waits for a sink that asks for it, and none is lost", async (context) => {
  const handler = new FakeHandler();
  let waits = 0;
  handler.onWrite = () => {
    waits += 1;
    return new Promise((resolve) => setImmediate(resolve));
  };
  const client = (await open(context, [handler])).connect();
  await client.reply();
  await client.talk(`HELO c\r\n${ENVELOPE}DATA\r\n`, 4);
  const lines: string[] = [];
  for (let index = 0; index < 100_000; index += 1) lines.push(`..line ${index} of many\r\n`);
  const body = lines.join("");
  assert.deepEqual(await client.talk(`${body}.\r\nNOOP\r\n`, 2), ["250", "250"]);
  assert.ok(waits > 10);
  assert.equal(handler.messages[0], body.replaceAll("..line", ".line"));
});

test("a client that half-closes still gets its replies", async (context) => {
  const handler = new FakeHandler();
  const queued = gate<Reply>();
  handler.onEnd = () => queued.promise;
  const harness = await open(context, [handler]);
  const client = harness.connect();
  client.send(`HELO c\r\n${ENVELOPE}BDAT 0\r\nDATA\r\n`);
  client.socket.end("QUIT\r\n");
  const codes: string[] = [];
  for (let reply = await client.reply(); reply !== ""; reply = await client.reply()) {
    codes.push(reply.slice(0, 3));
  }
  // HELO offers no BDAT; what follows DATA is content without an end.
  assert.deepEqual(codes, ["220", "250", "250", "250", "502", "354"]);
  assert.equal(await handler.closedReason, "client closed the connection");
  assert.deepEqual(handler.log.slice(2), ["abort", "closed"]);
});

test("a connection lost in the middle of content aborts it, once", async (context) => {
  const handler = new FakeHandler();
  const client = (await open(context, [handler])).connect();
  await client.reply();
  await client.talk(`HELO c\r\n${ENVELOPE}DATA\r\n`, 4);
  client.send("half a mess");
  client.socket.resetAndDestroy();
  await handler.closedReason;
  assert.deepEqual(handler.log.slice(2), ["abort", "closed"]);
});

test("a fault of ours ends one session with 421 and no other", async (context) => {
  const broken = new FakeHandler();
  broken.onMail = () => {
    throw new Error("broken");
  };
  const rejecting = new FakeHandler();
  rejecting.onMail = async () => {
    throw new Error("broken");
  };
  const harness = await open(context, [broken, rejecting]);
  const [first, second, third] = [harness.connect(), harness.connect(), harness.connect()];
  await first.reply();
  await second.reply();
  assert.deepEqual(await first.talk(`HELO c\r\n${ENVELOPE}`, 2), ["250", "421"]);
  assert.deepEqual(await second.talk(`HELO c\r\n${ENVELOPE}`, 2), ["250", "421"]);
  assert.equal(await broken.closedReason, "internal error");
  assert.deepEqual(await third.talk(`HELO c\r\n${ENVELOPE}`, 4), ["220", "250", "250", "250"]);
});

test("STARTTLS: facts are known, commands injected in clear are not heard", async (context) => {
  const handler = new FakeHandler({ startTls: true });
  const client = (await open(context, [handler])).connect();
  await client.reply();
  await client.talk("EHLO c\r\n");
  assert.deepEqual(await client.talk("STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.test>\r\n"), [
    "220",
  ]);
  await client.startTls();
  assert.deepEqual(await client.talk("MAIL FROM:<a@b.test>\r\n"), ["503"]);
  client.send("EHLO c\r\n");
  assert.doesNotMatch(await client.reply(), /STARTTLS/);
  assert.deepEqual(await client.talk(`${ENVELOPE}DATA\r\n`, 3), ["250", "250", "354"]);
  assert.deepEqual(await client.talk("secret\r\n.\r\n"), ["250"]);
  assert.deepEqual(handler.messages, ["secret\r\n"]);
  assert.equal(handler.lastClient?.tls?.version, "TLSv1.3");
  assert.match(handler.lastClient?.tls?.cipher ?? "", /^TLS_/);
  assert.equal(handler.lastClient?.tls?.serverName, "mail.contoso.test");
  assert.deepEqual(await client.talk("QUIT\r\n"), ["221"]);
  assert.equal(await handler.closedReason, "QUIT");
});

test("STARTTLS is not offered without a certificate", async (context) => {
  const handler = new FakeHandler({ startTls: true });
  handler.tls = undefined;
  const client = (await open(context, [handler])).connect();
  await client.reply();
  client.send("EHLO c\r\n");
  assert.doesNotMatch(await client.reply(), /STARTTLS/);
  assert.deepEqual(await client.talk("STARTTLS\r\n"), ["502"]);
});

test("TLS from the first byte", async (context) => {
  const handler = new FakeHandler();
  const client = await (await open(context, [handler], { implicitTls: true })).connectTls();
  assert.match(await client.reply(), /^220 /);
  assert.deepEqual(await client.talk(`EHLO c\r\n${ENVELOPE}`, 3), ["250", "250", "250"]);
  assert.equal(handler.lastClient?.tls?.version, "TLSv1.3");
});

test("TLS from the first byte without a certificate: closed, and told", async (context) => {
  const handler = new FakeHandler();
  handler.tls = undefined;
  const told: string[] = [];
  const diagnostics = { ...silentDiagnostics, error: (event: string) => void told.push(event) };
  const harness = await open(context, [handler], { implicitTls: true, diagnostics });
  assert.equal(await harness.connect().reply(), "");
  assert.equal(await handler.closedReason, "no certificate for TLS");
  assert.deepEqual(told, ["tls-without-certificate"]);
});

test("a broken handshake ends its session only", async (context) => {
  const broken = new FakeHandler({ startTls: true });
  const harness = await open(context, [broken]);
  const [client, other] = [harness.connect(), harness.connect()];
  await client.reply();
  await client.talk("EHLO c\r\nSTARTTLS\r\n", 2);
  client.send("this is no handshake\r\n");
  assert.match(await broken.closedReason, /^TLS handshake failed/);
  assert.deepEqual(await other.talk("HELO c\r\n", 2), ["220", "250"]);
});

test("a handshake that never comes ends on time", async (context) => {
  const handler = new FakeHandler();
  const harness = await open(context, [handler], { implicitTls: true });
  const client = harness.connect();
  await new Promise<void>((resolve) => client.socket.once("connect", () => resolve()));
  while (harness.listener.sessionCount === 0) await new Promise((resolve) => setImmediate(resolve));
  harness.clock.advance(29_000);
  assert.equal(harness.listener.sessionCount, 1);
  harness.clock.advance(1_500);
  assert.equal(await handler.closedReason, "TLS handshake timed out");
});

test("idle: at the limit nothing, past it 421", async (context) => {
  const handler = new FakeHandler({ idleTimeoutMs: 60_000, sessionTimeoutMs: 600_000 });
  const harness = await open(context, [handler]);
  const client = harness.connect();
  await client.reply();
  harness.clock.advance(59_000);
  await client.talk("NOOP\r\n");
  harness.clock.advance(59_000);
  assert.equal(harness.listener.sessionCount, 1);
  harness.clock.advance(2_000);
  assert.equal(await client.reply(), "421 4.4.1 Connection timed out");
  assert.equal(await handler.closedReason, "idle timeout");
});

test("a client that trickles ends at the session's limit", async (context) => {
  const handler = new FakeHandler({ idleTimeoutMs: 60_000, sessionTimeoutMs: 300_000 });
  const harness = await open(context, [handler]);
  const client = harness.connect();
  await client.reply();
  for (let minute = 0; minute < 6; minute += 1) {
    await client.talk("NOOP\r\n");
    harness.clock.advance(50_000);
  }
  assert.match(await client.reply(), /^421 4\.4\.2 /);
  assert.equal(await handler.closedReason, "session timed out");
});

test("the session's limit waits for the reply to content that is being stored", async (context) => {
  const handler = new FakeHandler({ sessionTimeoutMs: 60_000 });
  const stored = gate<Reply>();
  const asked = gate<void>();
  handler.onEnd = () => {
    asked.open();
    return stored.promise;
  };
  const harness = await open(context, [handler]);
  const client = harness.connect();
  await client.talk(`HELO c\r\n${ENVELOPE}DATA\r\n`, 5);
  client.send("x\r\n.\r\n");
  await asked.promise;
  harness.clock.advance(70_000);
  stored.open({ code: 250, status: "2.6.0", lines: ["Queued"] });
  assert.match(await client.reply(), /^250 2\.6\.0/);
  assert.match(await client.reply(), /^421 4\.4\.2 /);
});

test("a client that never reads its replies is not read any more, and ends", async (context) => {
  const handler = new FakeHandler({ idleTimeoutMs: 60_000 });
  const harness = await open(context, [handler]);
  const client = harness.connect();
  await client.reply();
  client.socket.pause();
  const flood = Buffer.from("HELP\r\n".repeat(200_000));
  let stuck = false;
  for (let round = 0; round < 200 && !stuck; round += 1) {
    client.socket.write(flood);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stuck = client.socket.writableLength > 20 * flood.length;
  }
  assert.ok(stuck, "the server has stopped reading");
  harness.clock.advance(61_000);
  harness.clock.advance(6_000);
  assert.equal(await handler.closedReason, "idle timeout");
});

test("tarpit: a 5xx comes late, what is pipelined behind it later", async (context) => {
  const handler = new FakeHandler({ tarpitMs: 5_000 });
  const harness = await open(context, [handler]);
  const client = harness.connect();
  await client.reply();
  assert.deepEqual(await client.talk("NOOP\r\nBAD\r\nNOOP\r\n"), ["250"]);
  let late = false;
  const rest = client.talk("").then((codes) => {
    late = true;
    return codes;
  });
  harness.clock.advance(4_999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(late, false);
  harness.clock.advance(1);
  assert.deepEqual(await rest, ["500"]);
  assert.match(await client.reply(), /^250 /);
});

test("stop: the idle get 421, a transaction finishes first", async (context) => {
  const harness = await open(context, []);
  const [idle, busy] = [harness.connect(), harness.connect()];
  await idle.reply();
  await busy.talk(`HELO c\r\n${ENVELOPE}DATA\r\n`, 5);
  const stopped = harness.listener.stop(60_000);
  assert.match(await idle.reply(), /^421 4\.3\.2 /);
  assert.deepEqual(await busy.talk("x\r\n.\r\n", 2), ["250", "421"]);
  await stopped;
  assert.equal(harness.listener.sessionCount, 0);
});

test("stop: who does not finish in time is cut off", async (context) => {
  const handler = new FakeHandler();
  const harness = await open(context, [handler]);
  const client = harness.connect();
  await client.talk(`HELO c\r\n${ENVELOPE}DATA\r\n`, 5);
  const stopped = harness.listener.stop(60_000);
  harness.clock.advance(60_000);
  await stopped;
  assert.equal(await handler.closedReason, "service stopped");
  assert.equal(handler.log.at(-2), "abort");
});

test("clients that vanish at once leave nothing behind", async (context) => {
  const harness = await open(context, [], { implicitTls: true });
  const sockets = [];
  for (let index = 0; index < 20; index += 1) {
    const socket = connect({ port: harness.listener.port, host: "127.0.0.1" });
    sockets.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.once("connect", () => socket.resetAndDestroy());
  }
  await Promise.all(sockets);
  const client = connectTls({
    port: harness.listener.port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
  });
  await new Promise((resolve) => client.once("secureConnect", resolve));
  client.destroy();
  await new Promise((resolve) => client.once("close", resolve));
  while (harness.listener.sessionCount > 0) await new Promise((resolve) => setImmediate(resolve));
});
