import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { fault, ok } from "../base/result.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import type { FetchPolicy } from "../transport/send/sts-source.ts";
import {
  checkDmarc,
  checkSpf,
  checkSts,
  checkTlsReporting,
  type PolicyFacts,
} from "./mail-policies.ts";

const DOMAIN = "contoso.test";

function factsOf(zone: Zone, fetchPolicy: FetchPolicy = noPolicy): PolicyFacts {
  const all: Zone = {
    "mail.contoso.test": { A: ["192.0.2.1"], AAAA: ["2001:db8::1"] },
    ...zone,
  };
  return {
    domain: DOMAIN,
    hosts: ["mail.contoso.test"],
    outgoingAddresses: ["192.0.2.1", "2001:db8::1"],
    resolver: fakeResolver(all, fakeClock()),
    fetchPolicy,
  };
}

const noPolicy: FetchPolicy = async () =>
  fault({ type: "sts-policy-fetch-error", detail: "status 404" });

const MX = { MX: [[10, "mail.contoso.test"]] } as const;

for (const [why, TXT, want] of [
  ["none", [], /^Fail no record/],
  ["another record only", ["v=spf10 all", "google-verification=1"], /^Fail no record/],
  ["two", ["v=spf1 mx -all", "v=spf1 a -all"], /^Fail more than one/],
  ["mx", ["v=spf1 mx -all"], /^Pass covers 192\.0\.2\.1, 2001:db8::1$/],
  ["a of another name", ["v=spf1 a:mail.contoso.test ~all"], /^Pass/],
  ["networks", ["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"], /^Pass/],
  ["one family only", ["v=spf1 ip4:192.0.2.1 -all"], /^Fail 2001:db8::1 is not named$/],
  ["another network", ["v=spf1 ip4:198.51.100.0/24 -all"], /^Fail 192\.0\.2\.1, 2001:db8::1 is/],
  ["an include", ["v=spf1 include:example.net -all"], /^Warning .* was not followed$/],
  ["everybody", ["v=spf1 mx +all"], /^Fail \+all/],
  ["a mechanism that refuses", ["v=spf1 -mx -all"], /^Fail/],
] as const) {
  test(`SPF: ${why}`, async () => {
    const check = await checkSpf(factsOf({ [DOMAIN]: { ...MX, TXT } }));
    assert.match(`${check.verdict} ${check.detail}`, want);
    assert.equal(check.expected.length === 0, check.verdict === "Pass");
  });
}

test("what should be there names the addresses that we send from", async () => {
  const check = await checkSpf(factsOf({ [DOMAIN]: MX }));
  assert.deepEqual(check.expected, [
    'contoso.test. IN TXT "v=spf1 mx ip4:192.0.2.1 ip6:2001:db8::1 -all"',
  ]);
});

test("a name server that fails is no missing record", async () => {
  const facts = factsOf({
    [DOMAIN]: { fault: "SERVFAIL" },
    "_dmarc.contoso.test": { fault: "SERVFAIL" },
  });
  for (const check of [await checkSpf(facts), await checkDmarc(facts)]) {
    assert.match(`${check.verdict} ${check.detail}`, /^Warning the name servers do not answer/);
  }
});

for (const [TXT, want] of [
  [[], /^Warning no record/],
  [["v=DMARC1; p=none; rua=mailto:a@b.test"], /^Info p=none/],
  [["v=DMARC1;p=reject"], /^Pass p=reject/],
  [["v=DMARC1; p=quarantine; sp=none"], /^Pass p=quarantine/],
  [["v=DMARC1; p=maybe"], /^Fail it has no policy/],
  [["v=DMARC1; p=reject", "v=DMARC1; p=none"], /^Fail more than one/],
] as const) {
  test(`DMARC: ${JSON.stringify(TXT)}`, async () => {
    const check = await checkDmarc(factsOf({ "_dmarc.contoso.test": { TXT } }));
    assert.match(`${check.verdict} ${check.detail}`, want);
  });
}

const policy = (mode: string, mx: string): FetchPolicy => {
  return async () => ok(`version: STSv1\nmode: ${mode}\nmx: ${mx}\nmax_age: 86400\n`);
};

for (const [why, TXT, fetchPolicy, want] of [
  ["no record", [], noPolicy, /^Warning no record/],
  ["a broken record", ["v=STSv1"], noPolicy, /^Fail not exactly one valid/],
  ["no policy", ["v=STSv1; id=1"], noPolicy, /^Fail sts-policy-fetch-error: status 404; their/],
  ["nonsense", ["v=STSv1; id=1"], async () => ok("x"), /^Fail the policy cannot be read/],
  ["in force", ["v=STSv1; id=1"], policy("enforce", "*.contoso.test"), /^Pass mode enforce/],
  ["a test", ["v=STSv1; id=1"], policy("testing", "mail.contoso.test"), /^Info mode testing/],
  ["for others", ["v=STSv1; id=1"], policy("enforce", "mx.test"), /^Fail .*mail\.contoso\.test/],
] as const) {
  test(`MTA-STS: ${why}`, async () => {
    const zone = { [DOMAIN]: MX, "_mta-sts.contoso.test": { TXT } };
    const check = await checkSts(factsOf(zone, fetchPolicy));
    assert.match(`${check.verdict} ${check.detail}`, want);
  });
}

test("TLS-RPT: where reports go, or that nobody gets any", async () => {
  const TXT = ["v=TLSRPTv1; rua=mailto:tls@contoso.test"];
  const there = await checkTlsReporting(factsOf({ "_smtp._tls.contoso.test": { TXT } }));
  assert.deepEqual([there.verdict, there.detail], ["Pass", "reports go to tls@contoso.test"]);
  const missing = await checkTlsReporting(factsOf({}));
  assert.deepEqual(missing.expected, [
    '_smtp._tls.contoso.test. IN TXT "v=TLSRPTv1; rua=mailto:postmaster@contoso.test"',
  ]);
});
