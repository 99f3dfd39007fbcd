import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { base64Lines } from "../../mail/base64-lines.ts";
import { composeDmarcReportMail, packDmarcReport } from "../../mail/dmarc-report-mail.ts";
import { composeFailureReportMail } from "../../mail/failure-report-mail.ts";
import { parseDmarcRecord } from "../../mailauth/dmarc-record.ts";
import { type DmarcReport, formatDmarcReport } from "../../mailauth/dmarc-report.ts";
import { parseDmarcReport, parseFailureReport, readDmarcReport } from "./dmarc-report-reader.ts";

const POLICY = parseDmarcRecord("v=DMARC1; p=reject; sp=none; adkim=s");
assert.ok(POLICY !== undefined);
const { rua: _rua, ruf: _ruf, psd: _psd, ...policy } = POLICY;

const REPORT: DmarcReport = {
  organizationName: "Contoso & <Co>",
  email: "dmarc@contoso.test",
  reportId: "1@contoso.test",
  startMs: Date.UTC(2026, 10, 20),
  endMs: Date.UTC(2026, 10, 21) - 1000,
  errors: ["3 more"],
  domain: "fabrikam.test",
  policy,
  rows: [
    {
      sourceIp: "2001:db8::1",
      count: 7,
      disposition: "quarantine",
      dkim: "fail",
      spf: "pass",
      reasons: [{ type: "local_policy", comment: 'a "comment"' }],
      headerFrom: "news.fabrikam.test",
      envelopeFrom: "",
      dkimResults: [
        { domain: "a.test", selector: "s1", result: "pass" },
        { domain: "b.test", selector: "s2", result: "fail" },
      ],
      spfResult: { domain: "fabrikam.test", result: "pass" },
    },
    {
      sourceIp: "192.0.2.1",
      count: 1,
      disposition: "none",
      dkim: "pass",
      spf: "fail",
      reasons: [],
      headerFrom: "fabrikam.test",
      envelopeFrom: "x.test",
      dkimResults: [],
      spfResult: undefined,
    },
  ],
};

function mailOf(packed: Buffer): Buffer {
  return composeDmarcReportMail({
    from: "dmarc@contoso.test",
    to: "dmarc@fabrikam.test",
    domain: "fabrikam.test",
    submitter: "mail.contoso.test",
    reportId: "1@contoso.test",
    packed,
    startMs: REPORT.startMs,
    endMs: REPORT.endMs,
    messageId: "<1@contoso.test>",
    nowMs: REPORT.endMs,
  });
}

test("what we write is read as it was meant", async () => {
  const read = await readDmarcReport(mailOf(packDmarcReport(formatDmarcReport(REPORT))));
  assert.deepEqual(read, { ok: true, value: REPORT });
});

/** An archive with one file; `claimed` is how long it says that the file is. */
function zipOf(name: string, bytes: Buffer, claimed = bytes.length): Buffer {
  const packed = deflateRawSync(bytes);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(claimed, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed]);
  const tail = Buffer.alloc(14);
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\x00"),
    common,
    tail,
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

/** RFC 7489 App. C, as large providers write it. */
const OLD = `<?xml version="1.0"?>
<feedback><report_metadata><org_name>google.com</org_name><email>n@google.com</email>
<report_id>42</report_id><date_range><begin>1795132800</begin><end>1795219199</end></date_range>
</report_metadata><policy_published><domain>Contoso.test</domain><adkim>r</adkim><aspf>r</aspf>
<p>none</p><sp>none</sp><pct>100</pct></policy_published><record><row><source_ip>192.0.2.5
</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim>
<spf>pass</spf></policy_evaluated></row><identifiers><header_from>contoso.test</header_from>
</identifiers><auth_results><spf><domain>contoso.test</domain><result>pass</result></spf>
<spf><domain>helo.test</domain><result>none</result></spf></auth_results></record></feedback>`;

test("the older form is read too, without a namespace, packed or not", async () => {
  for (const file of [Buffer.from(OLD), gzipSync(OLD), zipOf("r.xml", Buffer.from(OLD))]) {
    const read = await readDmarcReport(mailOf(file));
    assert.ok(read?.ok);
    const { domain, organizationName, rows } = read.value;
    assert.deepEqual([domain, organizationName, rows.length], ["contoso.test", "google.com", 1]);
    const [row] = rows;
    assert.deepEqual([row?.sourceIp, row?.count, row?.spf], ["192.0.2.5", 3, "pass"]);
    assert.equal(row?.spfResult?.domain, "contoso.test");
  }
});

const namespaced = OLD.replaceAll("<", "<d:").replaceAll("<d:/", "</d:").replace("<d:?", "<?");

for (const [why, xml, want] of [
  ["with a prefix", namespaced, undefined],
  ["that declares entities", OLD.replace("?>", '?><!DOCTYPE f [<!ENTITY a "b">]>'), undefined],
  ["without records", OLD.replace(/<record>.*<\/record>/s, ""), "has no records"],
  ["without a time", OLD.replace(/<date_range>.*<\/date_range>/s, ""), "has no date_range"],
  ["without a domain", OLD.replace("<domain>Contoso.test</domain>", ""), "names no domain"],
  ["with a count that is none", OLD.replace("<count>3", "<count>-3"), "has no records"],
  ["cut off", OLD.slice(0, 400), "has no records"],
] as const) {
  test(`a report ${why}`, () => {
    const read = parseDmarcReport(xml);
    assert.equal(read.ok ? undefined : read.fault, want);
  });
}

test("entities are not expanded, and nothing that a report says is longer than a line", () => {
  const bomb = `<!DOCTYPE f [<!ENTITY a "${"x".repeat(50)}">]>`;
  const hostile = OLD.replace("?>", `?>${bomb}`).replace(
    "google.com<",
    `&a;\r\n${"y".repeat(9000)}<`,
  );
  const read = parseDmarcReport(hostile);
  assert.ok(read.ok);
  assert.ok(read.value.organizationName.length <= 500);
  assert.doesNotMatch(read.value.organizationName, /xxxx|\n/);
});

for (const [why, file] of [
  ["a gzip bomb", gzipSync(Buffer.alloc(64 * 1024 * 1024, 60))],
  ["an archive of something else", zipOf("a.txt", Buffer.from(OLD))],
  ["an archive that is cut off", zipOf("r.xml", Buffer.from(OLD)).subarray(0, 60)],
  ["a large file in an archive", zipOf("r.xml", Buffer.alloc(64 * 1024 * 1024, 60))],
  ["one that says it is small", zipOf("r.xml", Buffer.alloc(64 * 1024 * 1024, 60), 100)],
  ["something else", Buffer.from("Hello")],
] as const) {
  test(`${why} is no report`, async () => {
    assert.equal(await readDmarcReport(mailOf(file)), undefined);
  });
}

test("a million open tags cost no more than their length", () => {
  const deep = `<feedback>${"<a>".repeat(300_000)}${"</a>".repeat(300_000)}</feedback>`;
  assert.equal(parseDmarcReport(deep).ok, false);
});

test("whatever comes is read or refused", async () => {
  const piece = fc.oneof(
    fc.constantFrom("<feedback>", "</record>", "<record>", "<row>", "<count>9</count>", "</row>"),
    fc.constantFrom("&lt;", "<![CDATA[", "]]>", "<!--", "-->", "<a b='c", "&#x0;", "&#99999999;"),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const text = pieces.join("");
      parseDmarcReport(text);
      await readDmarcReport(mailOf(Buffer.from(text)));
      await readDmarcReport(Buffer.from(`${text}\r\n\r\n${base64Lines(Buffer.from(text))}`));
    }),
    { numRuns: 300 },
  );
});

const FAILURE = {
  ...{ domain: "contoso.test", sourceIp: "192.0.2.9", arrivalMs: Date.UTC(2026, 10, 20) },
  ...{ results: "Authentication-Results: a.test; dmarc=fail\r\n", fields: "From: x@contoso.test" },
  ...{ unaligned: ["dkim", "spf"] as const, signature: undefined },
};

test("a report on one failure is read as one that counts no message", async () => {
  const content = composeFailureReportMail({
    ...{ from: "dmarc@fabrikam.test", to: "dmarc@contoso.test", submitter: "mx.fabrikam.test" },
    ...{ messageId: "<f1@fabrikam.test>", nowMs: FAILURE.arrivalMs, spfDns: undefined },
    failure: FAILURE,
  });
  const read = await readDmarcReport(content);
  assert.ok(read?.ok, JSON.stringify(read));
  const { domain, organizationName, endMs, rows } = read.value;
  assert.deepEqual(
    [domain, organizationName, endMs],
    ["contoso.test", "fabrikam.test", FAILURE.arrivalMs],
  );
  const [row] = rows;
  assert.deepEqual(
    [row?.sourceIp, row?.count, row?.failureCount, row?.dkim, row?.spf],
    ["192.0.2.9", 0, 1, "fail", "fail"],
  );
});

for (const [why, fields] of [
  ["of abuse", "Feedback-Type: abuse\r\nReported-Domain: contoso.test\r\nSource-IP: 192.0.2.1"],
  ["without a source", "Feedback-Type: auth-failure\r\nReported-Domain: contoso.test"],
  [
    "without a date",
    "Feedback-Type: auth-failure\r\nReported-Domain: contoso.test\r\nSource-IP: 192.0.2.1",
  ],
  ["of nothing", "\r\n:::\r\n \0"],
] as const) {
  test(`no failure report: ${why}`, () => {
    assert.equal(parseFailureReport({ fields, from: "", messageId: "" }).ok, false);
  });
}
