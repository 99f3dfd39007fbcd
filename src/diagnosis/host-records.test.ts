import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import { makeSelfSigned } from "../tls/self-signed.ts";
import {
  checkHost,
  checkPtr,
  checkTlsa,
  isPrivate,
  reverseName,
  tlsaData,
} from "./host-records.ts";

const HOST = "mail.contoso.test";
const resolverOf = (zone: Zone) => fakeResolver(zone, fakeClock());

for (const [address, name] of [
  ["192.0.2.10", "10.2.0.192.in-addr.arpa"],
  ["2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
  ["nonsense", undefined],
] as const) {
  test(`reverse name of ${address}`, () => assert.equal(reverseName(address), name));
}

test("networks that nobody outside sees", () => {
  for (const address of ["127.0.0.1", "10.1.2.3", "172.31.0.1", "::1", "fe80::1", "fd00::1"]) {
    assert.ok(isPrivate(address), address);
  }
  for (const address of ["172.32.0.1", "192.0.2.1", "2001:db8::1", "fc.example"]) {
    assert.ok(!isPrivate(address), address);
  }
});

for (const [why, zone, want] of [
  ["no name", {}, /^Fail 192\.0\.2\.1 has no name/],
  [
    "confirmed",
    { "1.2.0.192.in-addr.arpa": { PTR: [HOST] }, [HOST]: { A: ["192.0.2.1"] } },
    /^Pass .* confirm each other/,
  ],
  [
    "a name that leads elsewhere",
    { "1.2.0.192.in-addr.arpa": { PTR: [HOST] }, [HOST]: { A: ["192.0.2.2"] } },
    /^Fail mail\.contoso\.test does not lead back/,
  ],
  [
    "another name",
    {
      "1.2.0.192.in-addr.arpa": { PTR: ["nat.example"] },
      "nat.example": { A: ["192.0.2.1"] },
    },
    /^Info .* under another name/,
  ],
  ["a failure", { "1.2.0.192.in-addr.arpa": { fault: "SERVFAIL" } }, /^Warning/],
] as const) {
  test(`PTR: ${why}`, async () => {
    const check = await checkPtr(resolverOf(zone), "192.0.2.1", [HOST]);
    assert.match(`${check.verdict} ${check.detail}`, want);
  });
}

test("PTR of a private address is not asked for", async () => {
  assert.equal((await checkPtr(resolverOf({}), "10.0.0.1", [HOST])).verdict, "Info");
});

test("a host that does not resolve, and one of which that is not known", async () => {
  assert.equal((await checkHost(resolverOf({}), HOST)).verdict, "Fail");
  const unknown = await checkHost(resolverOf({ [HOST]: { fault: "SERVFAIL" } }), HOST);
  assert.equal(unknown.verdict, "Warning");
});

test("TLSA: fits, does not fit, is not vouched for, is not there", async () => {
  const nowMs = Date.UTC(2026, 0, 1);
  const { certificatePem } = await makeSelfSigned([HOST], nowMs);
  const certificate = new X509Certificate(certificatePem);
  const digest = tlsaData(certificate).slice("3 1 1 ".length);
  const name = `_25._tcp.${HOST}`;
  const verdictOf = async (zone: Zone) => {
    const check = await checkTlsa(resolverOf(zone), HOST, { certificate, nowMs });
    return `${check.verdict} ${check.detail}`;
  };
  const authenticated = true;
  const own = [[3, 1, 1, digest]] as const;
  const other = [[3, 1, 1, "ab".repeat(32)]] as const;
  assert.match(await verdictOf({ [name]: { TLSA: own, authenticated } }), /^Pass fits/);
  assert.match(await verdictOf({ [name]: { TLSA: other, authenticated } }), /^Fail does not fit/);
  assert.match(await verdictOf({ [name]: { TLSA: own } }), /^Warning DNSSEC does not vouch/);
  assert.match(await verdictOf({}), /^Info no record, and the zone is not signed/);
  assert.match(await verdictOf({ [name]: { fault: "SERVFAIL" } }), /^Fail .*heed DANE/);
});
