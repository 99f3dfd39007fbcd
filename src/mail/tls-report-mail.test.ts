import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  composeTlsReportMail,
  looksLikeReport,
  packTlsReport,
  readTlsReportMail,
  type TlsReportMail,
  tlsReportSubject,
} from "./tls-report-mail.ts";

const MAIL: TlsReportMail = {
  from: "postmaster@contoso.test",
  to: "tls@fabrikam.test",
  domain: "fabrikam.test",
  submitter: "mail.contoso.test",
  reportId: "2026-11-20_fabrikam.test",
  json: '{"report-id":"1"}',
  startMs: Date.UTC(2026, 10, 20),
  endMs: Date.UTC(2026, 10, 21) - 1,
  messageId: "<1@contoso.test>",
  nowMs: Date.UTC(2026, 10, 21, 2),
};

test("the report can be read from the mail that it was put in", async () => {
  const content = composeTlsReportMail(MAIL);
  assert.equal(await readTlsReportMail(content), MAIL.json);
});

test("the mail has the fields of RFC 8460 §5.3, and short lines", () => {
  const text = composeTlsReportMail({ ...MAIL, json: "x".repeat(100_000) }).toString("latin1");
  assert.match(text, /^TLS-Report-Domain: fabrikam\.test\r$/m);
  assert.match(text, /^TLS-Report-Submitter: mail\.contoso\.test\r$/m);
  assert.match(text, /^Content-Type: multipart\/report; report-type="tlsrpt";\r$/m);
  assert.match(text, /^TLS-Required: No\r$/m);
  assert.ok(text.split("\r\n").every((line) => line.length <= 998 && !/[\r\n]/.test(line)));
  assert.ok(looksLikeReport(tlsReportSubject(MAIL)));
});

test("the file is named by who, about whom and when", () => {
  const { bytes, fileName } = packTlsReport(MAIL);
  assert.equal(fileName, "mail.contoso.test!fabrikam.test!1795132800!1795219199.json.gz");
  assert.equal(gunzipSync(bytes).toString(), MAIL.json);
});

const packed = composeTlsReportMail(MAIL).toString("latin1");
for (const [why, content] of [
  ["nothing", ""],
  ["a mail without a report", "Subject: Report Domain: x\r\n\r\nhello\r\n"],
  ["bytes that are not packed", packed.replace(/H4sI[A-Za-z0-9+/=]+/, "AAAA")],
  [
    "a report that would fill the memory",
    packed.replace(
      /H4sI[A-Za-z0-9+/=\r\n]+/,
      `${gzipSync(Buffer.alloc(20 * 1024 * 1024)).toString("base64")}\r\n`,
    ),
  ],
] as const) {
  test(`readTlsReportMail: none in ${why}`, async () => {
    assert.equal(await readTlsReportMail(Buffer.from(content, "latin1")), undefined);
  });
}
