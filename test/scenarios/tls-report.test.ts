import assert from "node:assert/strict";
import { test } from "node:test";
import { composeTlsReportMail } from "../../src/mail/tls-report-mail.ts";
import { formatTlsReport } from "../../src/tls/tls-report.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

test("a TLS report of somebody else, mailed to a mailbox, is told and kept", async (t) => {
  const smtpPort = await freePort();
  const server = await startServer(t, { configuration: contoso({ smtpPort }) });
  const json = formatTlsReport({
    organizationName: "Fabrikam",
    startMs: Date.UTC(2026, 10, 20),
    endMs: Date.UTC(2026, 10, 21) - 1,
    contactInfo: "tls@fabrikam.test",
    reportId: "1",
    policies: [
      {
        type: "no-policy-found",
        text: [],
        domain: "contoso.test",
        mxHosts: [],
        successCount: 41,
        failureCount: 1,
        failures: [],
      },
    ],
  });
  const content = composeTlsReportMail({
    from: "tls@fabrikam.test",
    to: "alice@contoso.test",
    domain: "contoso.test",
    submitter: "mail.fabrikam.test",
    reportId: "1",
    json,
    startMs: Date.UTC(2026, 10, 20),
    endMs: Date.UTC(2026, 10, 21) - 1,
    messageId: "<1@fabrikam.test>",
    nowMs: Date.UTC(2026, 10, 21, 2),
  });
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO mail.fabrikam.test", 250);
  const reply = await client.sendMessage({
    from: "tls@fabrikam.test",
    to: ["alice@contoso.test"],
    content,
  });
  assert.equal(reply.code, 250);
  await client.quit();
  const told = await eventually({ what: "the report" }, () =>
    server.output.split("\n").find((line) => line.includes("tls-report-received")),
  );
  assert.match(told, /Fabrikam/);
  assert.match(told, /41/);
});
