import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { Diagnostics } from "../base/diagnostics.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import type { ConnectionFacts } from "../smtp/session-handler.ts";
import type { ListenerOptions } from "./listener.ts";
import { FakeClient, FakeHandler, openHarness } from "./server-harness.fake.ts";

const V1 = "PROXY TCP4 192.0.2.7 198.51.100.1 4321 25\r\n";
const LOCAL = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/** A listener behind a load balancer on loopback, which tells of what happens. */
async function open(context: TestContext, options: Partial<ListenerOptions> = {}) {
  const opened: ConnectionFacts[] = [];
  const told: object[] = [];
  const counted: string[] = [];
  const diagnostics: Diagnostics = {
    ...silentDiagnostics,
    warn: (event, fields) => void told.push({ event, ...fields }),
  };
  const harness = await openHarness([], {
    diagnostics,
    count: (metric) => void counted.push(metric),
    isTrustedProxy: (address) => address === "127.0.0.1",
    openSession(facts) {
      opened.push(facts);
      return new FakeHandler();
    },
    ...options,
  });
  context.after(() => harness.close());
  return { harness, opened, told, counted };
}

test("the client is whom the header names; the other end stays ours", async (context) => {
  const { harness, opened } = await open(context);
  const client = harness.connect();
  client.send(`${V1}EHLO c\r\n`);
  assert.match(await client.reply(), /^220 /);
  assert.match(await client.reply(), /^250-mail\.contoso\.test Hello \[192\.0\.2\.7\]/);
  const [facts] = opened;
  assert.equal(facts?.remoteAddress, "192.0.2.7");
  assert.equal(facts.remotePort, 4321);
  assert.equal(facts.proxyAddress, "127.0.0.1");
  assert.equal(facts.localAddress, "127.0.0.1");
  assert.equal(facts.localPort, harness.listener.port);
});

test("a header byte by byte, and nothing said before it has come", async (context) => {
  const { harness, opened } = await open(context);
  const client = harness.connect();
  client.socket.setNoDelay(true);
  for (const byte of V1) {
    assert.equal(opened.length, 0);
    client.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(await client.reply(), /^220 /);
});

test("a health check is the proxy's own session", async (context) => {
  const { harness, opened } = await open(context);
  const client = harness.connect();
  client.send(`${LOCAL}QUIT\r\n`);
  assert.match(await client.reply(), /^220 /);
  assert.match(await client.reply(), /^221 /);
  assert.equal(opened[0]?.remoteAddress, "127.0.0.1");
  assert.equal(opened[0].proxyAddress, undefined);
});

test("before TLS from the first byte, also when both come together", async (context) => {
  const { harness, opened } = await open(context, { implicitTls: true });
  const socket = connect({ port: harness.listener.port, host: "127.0.0.1" });
  context.after(() => socket.destroy());
  // Corked, so that the header and the client's hello leave as one.
  socket.cork();
  socket.write(V1);
  const client = new FakeClient(socket);
  setImmediate(() => setImmediate(() => socket.uncork()));
  await client.startTls();
  assert.match(await client.reply(), /^220 /);
  client.send("EHLO c\r\n");
  assert.match(await client.reply(), /Hello \[192\.0\.2\.7\]/);
  assert.equal(opened.length, 1);
});

test("no header, or a bad one: closed without a word, and told once", async (context) => {
  const { harness, opened, told, counted } = await open(context);
  for (const text of ["EHLO c\r\n", "PROXY TCP4 x y 1 2\r\n"]) {
    const client = harness.connect();
    client.send(text);
    assert.equal(await client.reply(), "");
    await client.closed;
  }
  assert.deepEqual(told, [
    { event: "proxy-header-refused", proxyAddress: "127.0.0.1", reason: "no PROXY header" },
  ]);
  assert.deepEqual(counted, [
    "postrider_connections_refused_total:proxy_header",
    "postrider_connections_refused_total:proxy_header",
  ]);
  assert.equal(opened.length, 0);
});

test("a header cut short is told, a connection that says nothing is not", async (context) => {
  const { harness, told } = await open(context);
  const silent = harness.connect();
  silent.socket.end();
  await silent.closed;
  assert.deepEqual(told, []);
  const short = harness.connect();
  short.socket.end("PROXY TCP4");
  await short.closed;
  assert.equal(told.length, 1);
});

test("a header that does not come in time", async (context) => {
  const { harness, told } = await open(context);
  const client = harness.connect();
  while (harness.listener.sessionCount === 0) await new Promise((resolve) => setImmediate(resolve));
  harness.clock.advance(4_500);
  assert.equal(harness.listener.sessionCount, 1);
  harness.clock.advance(1_000);
  assert.equal(await client.reply(), "");
  assert.equal(told.length, 1);
});

test("nobody else's header is looked at", async (context) => {
  const { harness, opened } = await open(context, { isTrustedProxy: () => false });
  const client = harness.connect();
  client.send(V1);
  assert.match(await client.reply(), /^220 /);
  assert.match(await client.reply(), /^500 5\.3\.3 /);
  assert.equal(opened[0]?.remoteAddress, "127.0.0.1");
});

test("stop ends a connection that has not shown its header", async (context) => {
  const { harness } = await open(context);
  const client = harness.connect();
  while (harness.listener.sessionCount === 0) await new Promise((resolve) => setImmediate(resolve));
  await harness.listener.stop(60_000);
  assert.equal(await client.reply(), "");
});
