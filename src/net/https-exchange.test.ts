import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import { after, before, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { createTestAuthority } from "../tls/test-authority.fake.ts";
import { httpsExchange } from "./https-exchange.ts";

const root = await createTestAuthority("Root");
const own = await root.issue({ names: ["policy.test"] });
let server: Server;
let port = 0;

before(async () => {
  server = createServer({ key: own.key, cert: own.pem }, (asked, answer) => {
    if (asked.url === "/silent") return;
    if (asked.url === "/moved") answer.statusCode = 301;
    answer.setHeader("content-type", "text/plain");
    answer.setHeader("location", "/");
    answer.end(asked.url === "/long" ? "x".repeat(2000) : `for ${asked.headers.host}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
after(() => server.close());

async function get(url: string, changes: Partial<Parameters<typeof httpsExchange>[1]> = {}) {
  const got = await httpsExchange(url, {
    clock: systemClock,
    timeoutMs: 20_000,
    bytesMax: 1000,
    ca: [root.pem],
    lookup: async () => ["127.0.0.1"],
    port,
    ...changes,
  });
  if (!got.ok) return got.fault.isCertificate ? "certificate" : got.fault.text;
  return `${got.value.status} ${got.value.headers["content-type"]} ${Buffer.from(got.value.body)}`;
}

test("a page of a host that our resolver knows", async () => {
  assert.match(await get("https://policy.test/"), /^200 text\/plain for policy\.test/);
});

for (const [why, url, changes, want] of [
  ["another host's certificate", "https://other.test/", {}, /^certificate$/],
  ["an authority that is not trusted", "https://policy.test/", { ca: undefined }, /^certificate$/],
  ["too long", "https://policy.test/long", {}, /longer than 1000/],
  ["no address", "https://policy.test/", { lookup: async () => [] }, /has no address/],
  ["nobody there", "https://policy.test/", { port: 1 }, /ECONNREFUSED/],
  ["a domain that is none for a URL", "https://mta-sts.7.1/", {}, /ERR_INVALID_URL/],
  ["another scheme", "http://policy.test/", {}, /ERR_INVALID_PROTOCOL/],
] as const) {
  test(`httpsExchange: ${why}`, async () => assert.match(await get(url, changes), want));
}

test("httpsExchange: a redirect is an answer", async () => {
  assert.match(await get("https://policy.test/moved"), /^301/);
});

test("httpsExchange: silence ends with the time", async () => {
  const clock = fakeClock();
  const asked = new Promise<void>((resolve) => server.once("request", () => resolve()));
  const got = get("https://policy.test/silent", { clock });
  await asked;
  clock.advance(20_000);
  assert.match(await got, /timed out/);
});

for (const [why, answer, want] of [
  ["an upgrade nobody asked for", "101 Switching Protocols\r\nUpgrade: x\r\n", /without an answer/],
  ["an answer cut short", "200 OK\r\nContent-Length: 100\r\n", /ECONNRESET|within the answer/],
  ["hints only", "103 Early Hints\r\n", /HPE_|ECONNRESET|without an answer/],
] as const) {
  test(`httpsExchange: ${why} is an end`, { timeout: 20_000 }, async () => {
    const odd = createTlsServer({ key: own.key, cert: own.pem }, (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(`HTTP/1.1 ${answer}Connection: Upgrade\r\n\r\nx`));
    });
    await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
    const address = odd.address();
    assert(typeof address === "object" && address !== null);
    // A clock that stands still: what ends it is the connection alone.
    const got = await get("https://policy.test/", { clock: fakeClock(), port: address.port });
    odd.close();
    assert.match(got, want);
  });
}
