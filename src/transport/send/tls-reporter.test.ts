import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { fault, ok, type Result } from "../../base/result.ts";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { readTlsReportMail } from "../../mail/tls-report-mail.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import { parseTlsReport } from "../../tls/tls-report.ts";
import type { TextLookup } from "../queue/report-submission.ts";
import type { Submission } from "../queue/submission.ts";
import type { TlsAttempt } from "./tls-attempt.ts";
import { TlsReportCounts } from "./tls-report-counts.ts";
import { createTlsReporter, type TlsReporterParts } from "./tls-reporter.ts";

const DAY_START_MS = Date.UTC(2026, 10, 20);

const ATTEMPT: TlsAttempt = {
  domain: "fabrikam.test",
  policy: { type: "sts", text: ["mode: enforce"], mxHosts: ["mx.fabrikam.test"] },
  host: "mx.fabrikam.test",
  address: "192.0.2.9",
  localAddress: "192.0.2.1",
  tls: undefined,
  failure: undefined,
};

function setUp(
  texts: Readonly<Record<string, readonly string[] | "failed">>,
  tlsReporting = "{}",
  post?: TlsReporterParts["post"],
) {
  const clock = fakeClock();
  clock.advance(DAY_START_MS + 9 * HOUR - clock.nowMs());
  const records = new MemoryRecordStore();
  const submitted: Submission[] = [];
  const posted: string[] = [];
  const organization = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
transportConfig: { tlsReporting: ${tlsReporting} }
`);
  const lookUpText: TextLookup = async (name) => {
    const found = texts[name];
    return found === "failed" ? { kind: "failed" } : { kind: "texts", texts: found ?? [] };
  };
  const reporter = (counts: TlsReportCounts) =>
    createTlsReporter({
      counts,
      records,
      clock,
      diagnostics: silentDiagnostics,
      organization: () => organization,
      lookUpText,
      queue: {
        submit: async (submission) => void submitted.push(submission),
        nextMessageId: () => submitted.length + 1,
      },
      post: async (url, body, signal) => {
        posted.push(url);
        if (post !== undefined) return post(url, body, signal);
        return url.includes("good") ? ok(undefined) : fault("refused");
      },
      composes: true,
    });
  const kept = () => records.list("tls-counts", { after: "", limit: 1000 });
  return { clock, reporter, submitted, posted, kept, texts };
}

async function readReport({ content }: Submission) {
  const json = await readTlsReportMail(Buffer.concat(content));
  const read = parseTlsReport(json ?? "");
  assert.ok(read.ok);
  return read.value;
}

test("after the day one report, of all threads' and runs' counts", async () => {
  const { clock, reporter, submitted, kept } = setUp({
    "_smtp._tls.fabrikam.test": ["v=TLSRPTv1; rua=mailto:tls@fabrikam.test"],
  });
  const counts = [new TlsReportCounts(), new TlsReportCounts()];
  const reporters = counts.map(reporter);
  for (const one of counts) one.add(ATTEMPT, clock.nowMs());
  for (const one of reporters) await one.work();
  assert.equal((await kept()).length, 2);
  assert.equal(submitted.slice().length, 0);
  clock.advance(DAY + 4 * HOUR);
  await reporters[0]?.work();
  assert.equal(submitted.length, 1);
  const [submission] = submitted;
  assert.ok(submission);
  assert.equal(submission.message.envelope.sender, "");
  assert.equal(submission.message.origin.isReport, true);
  assert.equal(submission.message.tlsNotRequired, true);
  assert.equal(submission.recipients[0]?.address, "tls@fabrikam.test");
  const report = await readReport(submission);
  assert.equal(report.policies[0]?.successCount, 2);
  assert.equal(report.startMs, DAY_START_MS);
  assert.equal(report.contactInfo, "postmaster@contoso.test");
  assert.deepEqual(await kept(), []);
  await reporters[0]?.work();
  assert.equal(submitted.length, 1);
});

for (const [why, record, tlsReporting, wantMail, wantKept] of [
  ["a domain that asks for none", [], "{}", 0, 0],
  ["reports switched off", ["v=TLSRPTv1; rua=mailto:a@b.test"], "{ enabled: false }", 0, 0],
  ["a name server that does not answer", "failed", "{}", 0, 1],
  ["a report that nobody took", ["v=TLSRPTv1; rua=https://bad.test/"], "{}", 0, 1],
  ["a report posted", ["v=TLSRPTv1; rua=https://good.test/"], "{}", 0, 0],
  ["both ways", ["v=TLSRPTv1; rua=mailto:a@b.test,https://bad.test/"], "{}", 1, 0],
] as const) {
  test(`${why}: ${wantMail} by mail, ${wantKept} kept for later`, async () => {
    const { clock, reporter, submitted, kept } = setUp(
      { "_smtp._tls.fabrikam.test": record },
      tlsReporting,
    );
    const counts = new TlsReportCounts();
    const one = reporter(counts);
    counts.add(ATTEMPT, clock.nowMs());
    await one.work();
    clock.advance(DAY + 4 * HOUR);
    await one.work();
    assert.equal(submitted.length, wantMail);
    assert.equal((await kept()).length, wantKept);
  });
}

test("what was counted last is written when the server stops", async () => {
  const { clock, reporter, kept } = setUp({});
  const counts = new TlsReportCounts();
  const one = reporter(counts);
  one.start();
  counts.add(ATTEMPT, clock.nowMs());
  await one.stop();
  assert.equal((await kept()).length, 1);
});

test("what nobody took is not offered again before half an hour has passed", async () => {
  const { clock, reporter, posted } = setUp({
    "_smtp._tls.fabrikam.test": ["v=TLSRPTv1; rua=https://bad.test/"],
  });
  const counts = new TlsReportCounts();
  const one = reporter(counts);
  counts.add(ATTEMPT, clock.nowMs());
  await one.work();
  clock.advance(DAY + 4 * HOUR);
  for (let minute = 0; minute < 29; minute += 1) {
    await one.work();
    clock.advance(MINUTE);
  }
  assert.equal(posted.length, 1);
  clock.advance(MINUTE);
  await one.work();
  assert.equal(posted.length, 2);
});

test("a slow server holds up neither the other domains nor the stop", async () => {
  const slow = (_url: string, _body: Uint8Array, signal: AbortSignal) =>
    new Promise<Result<undefined, string>>((resolve) => {
      signal.addEventListener("abort", () => resolve(fault("stopped")));
    });
  const { clock, reporter, submitted } = setUp(
    {
      "_smtp._tls.a.test": ["v=TLSRPTv1; rua=https://slow.test/"],
      "_smtp._tls.b.test": ["v=TLSRPTv1; rua=mailto:tls@b.test"],
    },
    "{}",
    slow,
  );
  const counts = new TlsReportCounts();
  const one = reporter(counts);
  for (const domain of ["a.test", "b.test"]) counts.add({ ...ATTEMPT, domain }, clock.nowMs());
  await one.work();
  clock.advance(DAY + 4 * HOUR);
  const working = one.work();
  while (submitted.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await one.stop();
  await working;
});
