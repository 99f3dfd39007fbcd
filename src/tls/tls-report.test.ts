import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatTlsReport,
  parseTlsReport,
  parseTlsReportRecord,
  type TlsReport,
} from "./tls-report.ts";

for (const [why, records, want] of [
  [
    "mail and https",
    ["v=TLSRPTv1; rua=mailto:tls@contoso.test,https://contoso.test/v1"],
    { mail: ["tls@contoso.test"], https: ["https://contoso.test/v1"] },
  ],
  ["nothing", [], undefined],
  [
    "other records beside it",
    ["v=spf1 -all", "v=TLSRPTv1;rua=mailto:a@b.test"],
    { mail: ["a@b.test"], https: [] },
  ],
  ["two of them", ["v=TLSRPTv1;rua=mailto:a@b.test", "v=TLSRPTv1;rua=mailto:c@b.test"], undefined],
  ["another version", ["v=TLSRPTv2;rua=mailto:a@b.test"], undefined],
  ["no address", ["v=TLSRPTv1;"], undefined],
  ["a scheme that is none of ours", ["v=TLSRPTv1;rua=http://b.test/"], undefined],
  ["an encoded comma", ["v=TLSRPTv1;rua=mailto:a%2Cb@c.test"], { mail: ["a,b@c.test"], https: [] }],
  ["a line break in the address", ["v=TLSRPTv1;rua=mailto:a%0d%0a@c.test"], undefined],
  ["broken encoding", ["v=TLSRPTv1;rua=mailto:a%ZZ@c.test"], undefined],
] as const) {
  test(`parseTlsReportRecord: ${why}`, () => {
    assert.deepEqual(parseTlsReportRecord(records), want);
  });
}

const REPORT: TlsReport = {
  organizationName: "Contoso",
  startMs: Date.UTC(2026, 0, 1),
  endMs: Date.UTC(2026, 0, 1, 23, 59, 59),
  contactInfo: "postmaster@contoso.test",
  reportId: "2026-01-01T00:00:00Z_fabrikam.test",
  policies: [
    {
      type: "sts",
      text: ["version: STSv1", "mode: enforce"],
      domain: "fabrikam.test",
      mxHosts: ["*.fabrikam.test"],
      successCount: 5326,
      failureCount: 3,
      failures: [
        {
          resultType: "certificate-expired",
          sendingMtaIp: "192.0.2.1",
          receivingMxHostname: "mx1.fabrikam.test",
          receivingIp: "192.0.2.9",
          failedSessionCount: 3,
          reasonCode: "certificate has expired",
        },
      ],
    },
  ],
};

test("what is written is read again", () => {
  assert.deepEqual(parseTlsReport(formatTlsReport(REPORT)), { ok: true, value: REPORT });
});

test("the form of RFC 8460, appendix B", () => {
  const json = JSON.parse(formatTlsReport(REPORT));
  assert.equal(json["date-range"]["start-datetime"], "2026-01-01T00:00:00Z");
  assert.deepEqual(json.policies[0].policy["mx-host"], ["*.fabrikam.test"]);
  assert.equal(json.policies[0].summary["total-failure-session-count"], 3);
  assert.equal(json.policies[0]["failure-details"][0]["failed-session-count"], 3);
});

for (const [why, text, want] of [
  ["no JSON", "{", "is not JSON"],
  ["nothing in it", "{}", "has no date-range"],
  ["a list", "[]", "has no date-range"],
  [
    "no policies",
    JSON.stringify({
      "date-range": { "start-datetime": "2026-01-01T00:00Z", "end-datetime": "2026-01-02T00:00Z" },
    }),
    "names no policy",
  ],
] as const) {
  test(`parseTlsReport: ${why}`, () => {
    assert.deepEqual(parseTlsReport(text), { ok: false, fault: want });
  });
}

test("a report with odd values gives none of them on", () => {
  const json = JSON.parse(formatTlsReport(REPORT));
  json.policies[0].summary["total-failure-session-count"] = -1;
  json.policies[0].policy["mx-host"] = "one\r\ntwo";
  json["organization-name"] = { toString: "x" };
  const read = parseTlsReport(JSON.stringify(json));
  assert.ok(read.ok);
  assert.equal(read.value.organizationName, "");
  assert.equal(read.value.policies[0]?.failureCount, 0);
  assert.deepEqual(read.value.policies[0]?.mxHosts, ["one  two"]);
});

test("any JSON gives a report or a fault", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(typeof parseTlsReport(text).ok, "boolean");
    }),
  );
});
