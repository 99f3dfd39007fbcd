import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { DAY, HOUR } from "../../base/units.ts";
import { readDmarcReportMail } from "../../mail/dmarc-report-mail.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import type { Submission } from "../queue/submission.ts";
import { DmarcDayCounts, type JudgedMessage } from "./dmarc-counts.ts";
import { createDmarcReporter } from "./dmarc-reporter.ts";

const DAY_START_MS = Date.UTC(2026, 10, 20);

function judged(rua: string): JudgedMessage {
  return {
    published: { domain: "fabrikam.test", record: `v=DMARC1; p=reject; ${rua}` },
    row: {
      sourceIp: "192.0.2.1",
      disposition: "reject",
      dkim: "fail",
      spf: "fail",
      reasons: [],
      headerFrom: "fabrikam.test",
      envelopeFrom: "evil.test",
      dkimResults: [],
      spfResult: { domain: "evil.test", result: "pass" },
    },
  };
}

async function run(
  rua: string,
  options: {
    readonly zone?: Readonly<Record<string, readonly string[] | "failed">>;
    readonly reporting?: string;
  } = {},
) {
  const { zone = {}, reporting = "{}" } = options;
  const clock = fakeClock();
  clock.advance(DAY_START_MS + 9 * HOUR - clock.nowMs());
  const records = new MemoryRecordStore();
  const submitted: Submission[] = [];
  const organization = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
transportConfig: { dmarcReporting: ${reporting} }
`);
  const counts = [new DmarcDayCounts(), new DmarcDayCounts()];
  const reporters = counts.map((one, index) =>
    createDmarcReporter({
      counts: one,
      records,
      clock,
      diagnostics: silentDiagnostics,
      organization: () => organization,
      lookUpText: async (name) => {
        const found = zone[name];
        return found === "failed" ? { kind: "failed" } : { kind: "texts", texts: found ?? [] };
      },
      queue: {
        submit: async (submission) => void submitted.push(submission),
        nextMessageId: () => submitted.length + 1,
      },
      composes: index === 0,
    }),
  );
  for (const one of counts) one.add(judged(rua), clock.nowMs());
  for (const one of reporters) await one.work();
  assert.equal(submitted.length, 0, "the day is not over");
  clock.advance(DAY + 4 * HOUR);
  await reporters[0]?.work();
  const kept = await records.list("dmarc-counts", { after: "", limit: 10 });
  return { submitted, keptCount: kept.length };
}

test("after the day one report, of all threads' counts, from an address of ours", async () => {
  const { submitted, keptCount } = await run("rua=mailto:dmarc@fabrikam.test");
  assert.equal(keptCount, 0);
  const [submission, ...others] = submitted;
  assert.ok(submission !== undefined && others.length === 0);
  const { message, recipients, content } = submission;
  assert.deepEqual(
    [message.envelope.sender, message.origin.isReport, recipients[0]?.address],
    ["", true, "dmarc@fabrikam.test"],
  );
  assert.match(message.subject, /^Report Domain: fabrikam\.test Submitter: mail\.contoso\.test /);
  const text = Buffer.concat(content).toString("latin1");
  assert.match(text, /^From: <postmaster@contoso\.test>\r$/m);
  assert.match(text, /filename="mail\.contoso\.test!fabrikam\.test!\d+!\d+\.xml\.gz"/);
  assert.ok(text.split("\r\n").every((line) => line.length <= 200));
  const found = await readDmarcReportMail(Buffer.concat(content));
  const xml = found?.kind === "aggregate" ? found.xml : "";
  assert.match(xml, /<count>2<\/count>/);
  assert.match(xml, /<disposition>reject<\/disposition>/);
});

const ELSEWHERE = "rua=mailto:a@reader.test";
const AGREED = { "fabrikam.test._report._dmarc.reader.test": ["v=DMARC1"] };

for (const [why, rua, options, wantMail, wantKept] of [
  ["nobody asks", "", {}, 0, 0],
  ["switched off", "rua=mailto:a@fabrikam.test", { reporting: "{ enabled: false }" }, 0, 0],
  ["another domain that has not agreed", ELSEWHERE, {}, 0, 0],
  ["another domain that has", ELSEWHERE, { zone: AGREED }, 1, 0],
  [
    "a name server that does not answer",
    ELSEWHERE,
    { zone: { "_dmarc.reader.test": "failed" } },
    0,
    2,
  ],
  ["a destination that wants less", "rua=mailto:a@fabrikam.test!10", {}, 0, 0],
  ["two destinations", "rua=mailto:a@fabrikam.test,mailto:b@fabrikam.test", {}, 2, 0],
] as const) {
  test(`${why}: ${wantMail} by mail, ${wantKept} kept for later`, async () => {
    const { submitted, keptCount } = await run(rua, options);
    assert.deepEqual([submitted.length, keptCount], [wantMail, wantKept]);
  });
}
