import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { fault } from "../base/result.ts";
import { openResolver } from "./resolver.ts";
import type { DnsTransport } from "./transport.ts";
import {
  fakeDnsTransport,
  fakeResolver,
  ZONE_NEGATIVE_TTL_SECONDS,
  type Zone,
} from "./zone.fake.ts";

const SERVER = { address: "192.0.2.53", port: 53 };

function open(zone: Zone) {
  const clock = fakeClock();
  const asked = new Map<string, number>();
  const exchange = fakeDnsTransport(zone, asked);
  return { clock, asked, resolver: openResolver({ servers: [SERVER], exchange, clock }) };
}

test("records are kept for their TTL and asked for again after it", async () => {
  const { resolver, clock, asked } = open({ "a.test": { A: ["192.0.2.1"], ttl: 100 } });
  const first = await resolver.lookup("A.test.", "A");
  assert.deepEqual(first, {
    kind: "records",
    records: [{ type: "A", ttlSeconds: 100, address: "192.0.2.1" }],
    canonicalName: "a.test",
    authenticated: false,
  });
  clock.advance(99_999);
  await resolver.lookup("a.test", "A");
  assert.equal(asked.get("A a.test"), 1);
  clock.advance(1);
  await resolver.lookup("a.test", "A");
  assert.equal(asked.get("A a.test"), 2);
});

test("a TTL of a year is cut to a day, one of zero is not kept", async () => {
  const year = 365 * 86_400;
  const { resolver, clock, asked } = open({
    "a.test": { A: ["192.0.2.1"], ttl: year },
    "b.test": { A: ["192.0.2.1"], ttl: 0 },
  });
  await resolver.lookup("a.test", "A");
  clock.advance(86_400_000);
  await resolver.lookup("a.test", "A");
  assert.equal(asked.get("A a.test"), 2);
  await resolver.lookup("b.test", "A");
  await resolver.lookup("b.test", "A");
  assert.equal(asked.get("A b.test"), 2);
});

for (const [kind, name] of [
  ["nxdomain", "missing.test"],
  ["nodata", "there.test"],
] as const) {
  test(`${kind} is kept as long as the SOA says (RFC 2308)`, async () => {
    const { resolver, clock, asked } = open({ "there.test": {} });
    assert.equal((await resolver.lookup(name, "A")).kind, kind);
    clock.advance(ZONE_NEGATIVE_TTL_SECONDS * 1000 - 1);
    assert.equal((await resolver.lookup(name, "A")).kind, kind);
    assert.equal(asked.get(`A ${name}`), 1);
    clock.advance(1);
    await resolver.lookup(name, "A");
    assert.equal(asked.get(`A ${name}`), 2);
  });
}

test("questions asked at the same time go out once", async () => {
  const { resolver, asked } = open({ "a.test": { A: ["192.0.2.1"] } });
  const answers = await Promise.all([1, 2, 3].map(() => resolver.lookup("a.test", "A")));
  assert.deepEqual(answers[0], answers[2]);
  assert.equal(asked.get("A a.test"), 1);
});

for (const failure of ["SERVFAIL", "REFUSED", "silent", "garbage"] as const) {
  test(`${failure} is temporary, and asked again after five seconds`, async () => {
    const zone: Zone = { "a.test": { A: ["192.0.2.1"], fault: failure } };
    const { resolver, clock, asked } = open(zone);
    assert.equal((await resolver.lookup("a.test", "A")).kind, "failed");
    // Silence is given a second round, an error is not.
    assert.equal(asked.get("A a.test"), failure === "silent" ? 2 : 1);
    zone["a.test"] = { A: ["192.0.2.1"] };
    assert.equal((await resolver.lookup("a.test", "A")).kind, "failed");
    clock.advance(5000);
    assert.equal((await resolver.lookup("a.test", "A")).kind, "records");
  });
}

for (const way of ["truncated", "FORMERR-on-EDNS"] as const) {
  test(`${way}: the question is put another way`, async () => {
    const { resolver, asked } = open({ "a.test": { A: ["192.0.2.1"], fault: way } });
    assert.equal((await resolver.lookup("a.test", "A")).kind, "records");
    assert.equal(asked.get("A a.test"), 2);
  });
}

test("aliases are followed, their least TTL holds", async () => {
  const { resolver, clock, asked } = open({
    "www.test": { CNAME: "b.test", ttl: 10 },
    "b.test": { CNAME: "c.test", ttl: 1000 },
    "c.test": { A: ["192.0.2.1"], ttl: 1000 },
    "dangling.test": { CNAME: "missing.test" },
    "empty.test": { CNAME: "c.test" },
  });
  const answer = await resolver.lookup("www.test", "A");
  assert.equal(answer.kind === "records" && answer.canonicalName, "c.test");
  clock.advance(10_000);
  await resolver.lookup("www.test", "A");
  assert.equal(asked.get("A www.test"), 2);
  assert.equal((await resolver.lookup("dangling.test", "A")).kind, "nxdomain");
  assert.equal((await resolver.lookup("empty.test", "MX")).kind, "nodata");
});

test("aliases have an end: eight are followed, nine are not, a loop neither", async () => {
  const zone: Zone = { "loop.test": { CNAME: "loop.test" }, "n9.test": { A: ["192.0.2.1"] } };
  for (let step = 0; step < 9; step++) zone[`n${step}.test`] = { CNAME: `n${step + 1}.test` };
  const { resolver } = open(zone);
  assert.equal((await resolver.lookup("n1.test", "A")).kind, "records");
  assert.equal((await resolver.lookup("n0.test", "A")).kind, "failed");
  assert.equal((await resolver.lookup("loop.test", "A")).kind, "failed");
});

test("AD is handed on", async () => {
  const { resolver } = open({ "a.test": { A: ["192.0.2.1"], authenticated: true } });
  const answer = await resolver.lookup("a.test", "A");
  assert.equal(answer.kind === "records" && answer.authenticated, true);
});

for (const [name, type, want] of [
  ["localhost", "A", "127.0.0.1"],
  ["LOCALHOST.", "AAAA", "::1"],
  ["mail.localhost", "A", "127.0.0.1"],
  ["localhost", "MX", undefined],
  ["192.0.2.7", "A", "192.0.2.7"],
  ["192.0.2.7", "AAAA", undefined],
  ["2001:DB8:0::1", "AAAA", "2001:db8::1"],
  ["2001:db8::1", "A", undefined],
] as const) {
  test(`${name} ${type} is answered without asking`, async () => {
    const { resolver, asked } = open({});
    const answer = await resolver.lookup(name, type);
    const record = answer.kind === "records" ? answer.records[0] : undefined;
    assert.equal(record !== undefined && "address" in record ? record.address : undefined, want);
    assert.equal(answer.kind, want === undefined ? "nodata" : "records");
    assert.equal(asked.size, 0);
  });
}

test("a name that can't exist is not asked for", async () => {
  const { resolver, asked } = open({});
  assert.equal((await resolver.lookup("a\r\nb.test", "A")).kind, "nxdomain");
  assert.equal(asked.size, 0);
});

test("a dead server is left out once found out, and comes back when others fail", async () => {
  const clock = fakeClock();
  const calls: string[] = [];
  const dead = new Set(["192.0.2.1"]);
  const zone: Zone = {
    "a.test": { A: ["192.0.2.9"] },
    "b.test": { A: ["192.0.2.9"] },
    "c.test": {},
  };
  const answer = fakeDnsTransport(zone);
  const exchange: DnsTransport = async (server, packet, options) => {
    calls.push(server.address);
    return dead.has(server.address) ? fault("timed out") : answer(server, packet, options);
  };
  const servers = ["192.0.2.1", "192.0.2.2"].map((address) => ({ address, port: 53 }));
  const resolver = openResolver({ servers, exchange, clock });
  await resolver.lookup("a.test", "A");
  await resolver.lookup("b.test", "A");
  assert.deepEqual(calls.splice(0), ["192.0.2.1", "192.0.2.2", "192.0.2.2"]);
  dead.clear();
  dead.add("192.0.2.2");
  await resolver.lookup("c.test", "A");
  assert.deepEqual(calls, ["192.0.2.2", "192.0.2.1"]);
});

test("a name as SPF macros make it is asked for, with signs that no host name has", async () => {
  const zone: Zone = { "ann+list=x_y!._spf.test": { A: ["127.0.0.2"] } };
  const found = await fakeResolver(zone, fakeClock()).lookup("Ann+list=x_y!._spf.test", "A");
  assert.equal(found.kind, "records");
});
