import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { startDnsServer } from "../../test/peers/dns-server.ts";
import { fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { encodeQuery, isResponseTo, parseResponse } from "../dns/message.ts";
import { openResolver } from "../dns/resolver.ts";
import { openDnsTransport } from "./dns-transport.ts";

const QUERY = encodeQuery({ id: 7, name: "a.test", type: "A" }, { edns: true });
const accepts = (bytes: Uint8Array) => isResponseTo(QUERY, bytes);
const TIMEOUT_MS = 60_000;

for (const tcp of [false, true]) {
  const way = tcp ? "TCP" : "UDP";
  test(`an answer over ${way}`, async (t) => {
    const server = await startDnsServer({ "a.test": { A: ["192.0.2.1"] } });
    t.after(() => server.close());
    const exchange = openDnsTransport(systemClock);
    const answer = await exchange(server, QUERY, { tcp, timeoutMs: TIMEOUT_MS, accepts });
    assert.ok(answer.ok);
    const response = parseResponse(QUERY, answer.value);
    assert.equal(response.ok && response.value.answers.length, 1);
  });

  test(`silence over ${way} ends by the clock`, async (t) => {
    const server = await startDnsServer({ "a.test": { fault: "silent" } });
    t.after(() => server.close());
    const clock = fakeClock();
    const waiting = openDnsTransport(clock)(server, QUERY, { tcp, timeoutMs: 2000, accepts });
    clock.advance(2000);
    assert.deepEqual(await waiting, { ok: false, fault: "timed out" });
  });

  test(`nobody listening on ${way} is known at once`, async () => {
    const server = await startDnsServer({});
    await server.close();
    const exchange = openDnsTransport(fakeClock());
    const answer = await exchange(server, QUERY, { tcp, timeoutMs: TIMEOUT_MS, accepts });
    assert.match(answer.ok ? "" : answer.fault, /ECONNREFUSED/);
  });
}

test("forged and foreign packets are passed over until the answer comes", async (t) => {
  const server = createSocket("udp4");
  const stranger = createSocket("udp4");
  t.after(() => void server.close());
  t.after(() => void stranger.close());
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const reply = (id: number, mark: number) => {
    const bytes = Buffer.from(QUERY);
    bytes.writeUInt16BE(id, 0);
    bytes[2] = 0x81;
    bytes[3] = mark;
    return bytes;
  };
  server.on("message", (_packet, client) => {
    // The right id from another port; a wrong id from the right one; then the real thing.
    stranger.send(reply(7, 1), client.port, client.address, () => {
      server.send(reply(8, 2), client.port, client.address, () => {
        server.send(reply(7, 3), client.port, client.address);
      });
    });
  });
  const { address, port } = server.address();
  const exchange = openDnsTransport(systemClock);
  const answer = await exchange({ address, port }, QUERY, {
    tcp: false,
    timeoutMs: TIMEOUT_MS,
    accepts,
  });
  assert.equal(answer.ok && answer.value[3], 3);
});

test("each query leaves from a port of its own", async (t) => {
  const server = createSocket("udp4");
  t.after(() => void server.close());
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const ports = new Set<number>();
  server.on("message", (packet, client) => {
    ports.add(client.port);
    const bytes = Buffer.from(packet);
    bytes[2] = 0x81;
    server.send(bytes, client.port, client.address);
  });
  const { address, port } = server.address();
  const exchange = openDnsTransport(systemClock);
  const options = { tcp: false, timeoutMs: TIMEOUT_MS, accepts };
  await Promise.all([1, 2, 3, 4].map(() => exchange({ address, port }, QUERY, options)));
  assert.equal(ports.size, 4);
});

test("the resolver goes over to TCP when an answer is cut short", async (t) => {
  const server = await startDnsServer({ "a.test": { A: ["192.0.2.1"], fault: "truncated" } });
  t.after(() => server.close());
  const exchange = openDnsTransport(systemClock);
  const resolver = openResolver({ servers: [server], exchange, clock: systemClock });
  assert.equal((await resolver.lookup("a.test", "A")).kind, "records");
  assert.deepEqual(server.counts, { udp: 1, tcp: 1 });
});
