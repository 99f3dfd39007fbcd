import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { openResolver } from "../../dns/resolver.ts";
import { fakeDnsTransport, type Zone } from "../../dns/zone.fake.ts";
import { domain } from "../../mail/address.fake.ts";
import type { IPListProvider } from "../../org/connection-filter-settings.ts";
import { askProvider, fillTokens, findListing, listedName, matchCodes } from "./dns-list.ts";

for (const [address, want] of [
  ["192.0.2.99", "99.2.0.192.bl.test"],
  ["::ffff:192.0.2.99", "99.2.0.192.bl.test"],
  // RFC 5782 §2.4
  [
    "2001:db8:1:2:3:4:567:89ab",
    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.test",
  ],
  ["fe80::1%eth0", `1.${"0.".repeat(28)}8.e.f.bl.test`],
  ["nonsense", undefined],
] as const) {
  test(`${address} is asked about as ${want}`, () => {
    assert.equal(listedName(address, "bl.test"), want);
  });
}

const NOTHING = { anyMatch: false, bitmaskMatch: undefined, ipAddressesMatch: [] };
for (const [why, settings, codes, want] of [
  ["any, asked for", { anyMatch: true }, ["127.0.0.9"], "127.0.0.9"],
  ["any, as nothing else is said", {}, ["127.0.0.9"], "127.0.0.9"],
  ["a mask", { bitmaskMatch: "127.0.0.6" }, ["127.0.0.2"], "127.0.0.2"],
  ["a mask that no bit fits", { bitmaskMatch: "127.0.0.6" }, ["127.0.0.9"], undefined],
  ["a list", { ipAddressesMatch: ["127.0.0.4"] }, ["127.0.0.2", "127.0.0.4"], "127.0.0.4"],
  ["not on the list", { ipAddressesMatch: ["127.0.0.4"] }, ["127.0.0.2"], undefined],
  [
    "mask or list",
    { bitmaskMatch: "127.0.0.1", ipAddressesMatch: ["127.0.0.4"] },
    ["127.0.0.4"],
    "127.0.0.4",
  ],
  // What lists answer servers that they don't serve, or that have asked too often.
  ["a list that does not answer us", {}, ["127.255.255.254"], undefined],
  ["a list that we have asked too often", { anyMatch: true }, ["127.0.0.255"], undefined],
  ["a list that refuses", { bitmaskMatch: "127.0.0.2" }, ["127.255.255.254"], undefined],
  [
    "an answer that is asked for",
    { ipAddressesMatch: ["127.0.0.255"] },
    ["127.0.0.255"],
    "127.0.0.255",
  ],
  ["a name server that answers everything", { anyMatch: true }, ["203.0.113.1"], undefined],
] as const) {
  test(`matchCodes: ${why}`, () => {
    assert.equal(matchCodes({ ...NOTHING, ...settings }, codes), want);
  });
}

function provider(name: string, changes: Partial<IPListProvider> = {}): IPListProvider {
  const lookupDomain = domain(`${name}.test`);
  return { ...NOTHING, name, lookupDomain, enabled: true, priority: 1, ...changes };
}

function open(zone: Zone) {
  const asked = new Map<string, number>();
  const exchange = fakeDnsTransport(zone, asked);
  const servers = [{ address: "192.0.2.53", port: 53 }];
  return { asked, resolver: openResolver({ servers, exchange, clock: fakeClock() }) };
}

test("the first provider that lists the client counts, of those switched on", async () => {
  const { asked, resolver } = open({
    "9.2.0.192.b.test": { A: ["127.0.0.2"] },
    "9.2.0.192.c.test": { A: ["127.0.0.3"] },
    "9.2.0.192.off.test": { A: ["127.0.0.2"] },
  });
  const providers = [
    provider("off", { enabled: false }),
    provider("a"),
    provider("b"),
    provider("c"),
  ];
  const found = await findListing(resolver, providers, "192.0.2.9");
  assert.deepEqual([found?.provider.name, found?.code], ["b", "127.0.0.2"]);
  assert.equal(asked.get("A 9.2.0.192.off.test"), undefined);
  assert.equal(await findListing(resolver, providers, "192.0.2.10"), undefined);
});

test("DNS that fails lists nobody", async () => {
  const { resolver } = open({
    "9.2.0.192.a.test": { fault: "SERVFAIL" },
    "9.2.0.192.b.test": { fault: "garbage" },
  });
  assert.equal((await askProvider(resolver, provider("a"), "192.0.2.9")).kind, "unknown");
  assert.equal(await findListing(resolver, [provider("a"), provider("b")], "192.0.2.9"), undefined);
});

test("tokens of a refusal are filled in, and what they stand for is taken as it is", () => {
  const values = {
    address: "192.0.2.9",
    provider: { name: "%0", lookupDomain: domain("bl.test") },
  };
  assert.equal(fillTokens("%0 by %1 (%2), 5%3", values), "192.0.2.9 by %0 (bl.test), 5%3");
  assert.equal(fillTokens("%0%1", { address: "::1" }), "::1");
});
