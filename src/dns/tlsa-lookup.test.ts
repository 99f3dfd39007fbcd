import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { resolveMx } from "./mx-plan.ts";
import type { Resolver } from "./resolver.ts";
import { lookupTlsa } from "./tlsa-lookup.ts";
import { fakeResolver, type Zone, type ZoneEntry } from "./zone.fake.ts";

const A = ["192.0.2.1"];
const signed = (entry: ZoneEntry): ZoneEntry => ({ ...entry, authenticated: true });
const tlsa = (hex: string): ZoneEntry => ({ TLSA: [[3, 1, 1, hex]] });

const ZONE: Zone = {
  "good.test": signed({ A }),
  "_25._tcp.good.test": signed(tlsa("01")),
  "unsigned.test": { A },
  "_25._tcp.unsigned.test": { fault: "SERVFAIL" },
  "insecure-tlsa.test": signed({ A }),
  "_25._tcp.insecure-tlsa.test": tlsa("02"),
  "without.test": signed({ A }),
  "bogus.test": signed({ A }),
  "_25._tcp.bogus.test": { fault: "SERVFAIL" },
  "alias.test": signed({ CNAME: "good.test" }),
  "_25._tcp.alias.test": signed(tlsa("03")),
  "alias-own.test": signed({ CNAME: "without.test" }),
  "_25._tcp.alias-own.test": signed(tlsa("04")),
  "alias-out.test": signed({ CNAME: "unsigned.test" }),
  "_25._tcp.alias-out.test": signed(tlsa("05")),
  "alias-unsigned.test": { CNAME: "unsigned.test" },
  "_25._tcp.alias-unsigned.test": { fault: "SERVFAIL" },
  "tlsa-alias.test": signed({ A }),
  "_25._tcp.tlsa-alias.test": signed({ CNAME: "_25._tcp.good.test" }),
  "tlsa-alias-out.test": signed({ A }),
  "_25._tcp.tlsa-alias-out.test": signed({ CNAME: "_25._tcp.insecure-tlsa.test" }),
};

for (const [why, name, want] of [
  ["records of a signed host", "good.test", "good.test 01"],
  ["an unsigned host is not asked about", "unsigned.test", "none"],
  ["unsigned records are none", "insecure-tlsa.test", "none"],
  ["a signed host without records", "without.test", "none"],
  ["a failure is not absence", "bogus.test", "failed"],
  ["an alias: the end's records first", "alias.test", "good.test 01"],
  ["an alias: its own when the end has none", "alias-own.test", "alias-own.test 04"],
  ["a signed alias of an unsigned host", "alias-out.test", "alias-out.test 05"],
  ["an unsigned alias is not asked about", "alias-unsigned.test", "none"],
  ["records behind an alias of their own", "tlsa-alias.test", "tlsa-alias.test 01"],
  ["an alias that leaves the signed zone", "tlsa-alias-out.test", "none"],
] as const) {
  test(`lookupTlsa: ${why}`, async () => {
    const resolver = fakeResolver(ZONE, fakeClock());
    const options = { ownNames: new Set<string>(), random: () => 0, ipv6: false };
    const plan = await resolveMx(name, resolver, options);
    assert.equal(plan.kind, "hosts");
    const [host] = plan.kind === "hosts" ? plan.hosts : [];
    assert.ok(host);
    const answer = await lookupTlsa(host, 25, resolver);
    const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");
    const got =
      answer.kind === "records"
        ? `${answer.baseDomain} ${answer.records.map(({ data }) => hex(data))}`
        : answer.kind;
    assert.equal(got, want);
  });
}

test("lookupTlsa: an alias that cannot be looked at is no unsigned one", async () => {
  const known = fakeResolver(ZONE, fakeClock());
  const resolver: Resolver = {
    lookup: (name, type) =>
      type === "CNAME"
        ? Promise.resolve({ kind: "failed", reason: "SERVFAIL" })
        : known.lookup(name, type),
  };
  const host = { name: "alias-out.test", authenticated: false, canonicalName: "unsigned.test" };
  assert.deepEqual(await lookupTlsa(host, 25, resolver), { kind: "failed", reason: "SERVFAIL" });
});

test("a plan is vouched for when the answer about its hosts was", async () => {
  const zone: Zone = {
    "signed.test": signed({ MX: [[10, "mx.signed.test"]] }),
    "mx.signed.test": { A },
    "unsigned.test": { MX: [[10, "good.test"]] },
    "good.test": signed({ A }),
    "half.test": signed({ A, CNAME: "other.test" }),
    "other.test": { A },
  };
  const resolver = fakeResolver(zone, fakeClock());
  const options = { ownNames: new Set<string>(), random: () => 0, ipv6: false };
  const got = [];
  for (const domain of ["signed.test", "unsigned.test", "good.test", "half.test"]) {
    const plan = await resolveMx(domain, resolver, options);
    assert.equal(plan.kind, "hosts");
    if (plan.kind !== "hosts") continue;
    const hosts = plan.hosts.map(({ authenticated = false }) => authenticated);
    got.push([domain, plan.authenticated ?? false, ...hosts]);
  }
  assert.deepEqual(got, [
    ["signed.test", true, false],
    ["unsigned.test", false, true],
    ["good.test", true, true],
    ["half.test", false, false],
  ]);
});
