import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../../src/cmdlet/output-type.ts";
import { composeDmarcReportMail, packDmarcReport } from "../../../src/mail/dmarc-report-mail.ts";
import { formatDmarcReport } from "../../../src/mailauth/dmarc-report.ts";
import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import { tryCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import type { EveryBench } from "../../harness/every-bench.ts";
import { readMaildir } from "../../harness/maildir.ts";
import { submit } from "../../harness/transaction.ts";

type Row = CmdletRow<EveryBench>;

/** `Pass: accepted` of one step. */
function told(steps: readonly OutputObject[], like: RegExp): string {
  const step = steps.find((one) => like.test(textOf(one["Step"])));
  return `${textOf(step?.["Verdict"])}: ${textOf(step?.["Decision"])}`;
}

/** As others report on mail in the name of contoso.test. */
function dmarcReportMail(): string {
  const [startMs, endMs] = [Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 21) - 1000];
  const about = { domain: "contoso.test", reportId: "1@fabrikam.test", startMs, endMs };
  const xml = formatDmarcReport({
    ...{ ...about, organizationName: "Fabrikam", email: "dmarc@fabrikam.test", errors: [] },
    policy: {
      ...{ policy: "none", subdomainPolicy: undefined, nonexistentPolicy: undefined },
      ...{ adkim: "r", aspf: "r", isTesting: false, fo: "0" },
    },
    rows: [
      {
        ...{ sourceIp: "198.51.100.7", count: 3, disposition: "none", dkim: "fail", spf: "fail" },
        ...{ reasons: [], headerFrom: "contoso.test", envelopeFrom: "", dkimResults: [] },
        spfResult: undefined,
      },
    ],
  });
  const [from, to] = ["dmarc@fabrikam.test", "alice@contoso.test"];
  const mail = { from, to, submitter: "mx.fabrikam.test", messageId: "<1@b.test>", nowMs: endMs };
  return composeDmarcReportMail({ ...about, ...mail, packed: packDmarcReport(xml) }).toString();
}

/** Explanations and tests. */
export const DIAGNOSIS_ROWS: readonly Row[] = [
  {
    cmdlet: "Explain-Message",
    given: async ({ server }) => {
      const given = { MessageId: "waiting@contoso.test" };
      return eventually({ what: "the retry" }, async () => {
        const { objects } = await tryCmdlet(server, "Explain-Message", given);
        return objects.some((one) => one["Step"] === "Next retry") ? given : undefined;
      });
    },
    expect({ objects }) {
      assert.match(told(objects, /^Waits/), /^Warning: /);
      assert.match(told(objects, /^Last error/), /^Fail: .*Connection refused/);
    },
  },
  {
    cmdlet: "Test-MessageRoute",
    given: async ({ relayPort }) => ({
      Sender: "app@elsewhere.test",
      Recipients: ["one@hop.test", "team@contoso.test"],
      LocalAddress: `127.0.0.1:${relayPort}`,
      ClientAddress: "127.0.0.9",
    }),
    expect({ objects }) {
      assert.equal(told(objects, /^Receive connector/), "Pass: Application Relay");
      assert.match(told(objects, /^Route of one@hop\.test/), /^Pass: Smart.* by Hop/);
      assert.equal(told(objects, /^Recipient <team@/), "Pass: accepted");
    },
  },
  {
    cmdlet: "Test-OutboundConnectivity",
    given: { Domain: "hop.test" },
    expect({ objects }) {
      assert.match(told(objects, /^Banner/), /^Pass: 220 hop\.test/);
      assert.match(told(objects, /^Result/), /^Pass: mail for hop\.test can be handed over/);
    },
  },
  {
    cmdlet: "Test-SmtpConnectivity",
    given: { Identity: "Default Frontend" },
    count: 1,
    expect({ objects: [door], bench: { smtpPort } }) {
      assert.equal(door?.["StatusCode"], "Success");
      assert.equal(door["EndPoint"], `127.0.0.1:${smtpPort}`);
    },
  },
  {
    cmdlet: "Test-Mailflow",
    given: { TargetEmailAddress: "alice@contoso.test" },
    count: 1,
    async expect({ objects: [probe], bench: { server } }) {
      assert.equal(probe?.["TestMailflowResult"], "Success", textOf(probe?.["Detail"]));
      const mails = await readMaildir(server.dataFolder, "alice@contoso.test");
      assert.ok(mails.some((mail) => mail.includes(textOf(probe["Subject"]))));
    },
  },
  {
    cmdlet: "Test-DnsRecords",
    given: { Domain: "contoso.test" },
    expect({ objects }) {
      const verdicts = objects.map((one) => `${textOf(one["Record"])} ${textOf(one["Verdict"])}`);
      assert.ok(verdicts.includes("MX Pass"), verdicts.join());
      assert.ok(verdicts.includes("DMARC Warning"), verdicts.join());
    },
  },
  {
    cmdlet: "Test-SenderId",
    given: { IPAddress: "127.0.0.9", PurportedResponsibleDomain: "nowhere.test" },
    count: 1,
    expect({ objects: [result] }) {
      assert.equal(result?.["Status"], "None");
    },
  },
  {
    cmdlet: "Test-SenderAuthentication",
    given: {
      FileData: Buffer.from("From: a@nowhere.test\r\n\r\nHello\r\n").toString("base64"),
      IPAddress: "127.0.0.9",
      Sender: "a@nowhere.test",
    },
    expect({ objects }) {
      assert.equal(told(objects, /^SPF/), "Warning: none");
      assert.equal(told(objects, /^Author/), "Pass: a@nowhere.test");
    },
  },
  {
    cmdlet: "Get-DmarcReport",
    given: async ({ server, smtpPort }) => {
      const to = ["<alice@contoso.test>"];
      await submit(smtpPort, { from: "<dmarc@fabrikam.test>", to, content: dmarcReportMail() });
      const given = { Domain: "contoso.test", OwnAddress: ["198.51.100.7"] };
      return eventually({ what: "the DMARC report" }, async () => {
        const { objects } = await tryCmdlet(server, "Get-DmarcReport", given);
        return objects.length > 0 ? given : undefined;
      });
    },
    count: 1,
    expect({ objects: [source] }) {
      const told = ["SourceIP", "IsOurs", "MessageCount", "FailedCount"].map((of) => source?.[of]);
      assert.deepEqual(told, ["198.51.100.7", true, 3, 3]);
      assert.deepEqual(source?.["Reporters"], ["Fabrikam"]);
    },
  },
  {
    cmdlet: "Test-OpenRelay",
    expect({ objects }) {
      assert.equal(told(objects, /^Result/), "Pass: no open relay");
    },
  },
];
