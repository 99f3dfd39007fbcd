import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { DAY, SECOND } from "../../base/units.ts";
import { composeDmarcReportMail, packDmarcReport } from "../../mail/dmarc-report-mail.ts";
import { composeTlsReportMail } from "../../mail/tls-report-mail.ts";
import { parseDmarcRecord } from "../../mailauth/dmarc-record.ts";
import { formatDmarcReport } from "../../mailauth/dmarc-report.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import { formatTlsReport, type TlsReport } from "../../tls/tls-report.ts";
import type { Courier, Delivery, Lane } from "../queue/courier.ts";
import { readDmarcReport } from "./dmarc-report-reader.ts";
import type { KeptDmarcReport } from "./kept-dmarc-report.ts";
import { KEPT_OF_DAY_MAX, type KeptTlsReport, withReportIntake } from "./report-intake.ts";

const ORGANIZATION = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
`);

function report(...domains: readonly string[]): TlsReport {
  return {
    organizationName: "Fabrikam",
    startMs: 0,
    endMs: 86_399_000,
    contactInfo: "tls@fabrikam.test",
    reportId: "1",
    policies: domains.map((domain) => ({
      type: "sts",
      text: [],
      domain,
      mxHosts: [],
      successCount: 7,
      failureCount: 0,
      failures: [],
    })),
  };
}

function mailWith(json: string): Buffer {
  return composeTlsReportMail({
    from: "tls@fabrikam.test",
    to: "tls@contoso.test",
    domain: "contoso.test",
    submitter: "mail.fabrikam.test",
    reportId: "1",
    json,
    startMs: 0,
    endMs: 86_399_000,
    messageId: "<1@fabrikam.test>",
    nowMs: 0,
  });
}

async function deliver(
  content: Uint8Array,
  options: {
    readonly subject?: string;
    readonly outcome?: "delivered" | "failed";
    readonly kind?: string;
  } = {},
): Promise<readonly KeptTlsReport[]> {
  const { subject = "Report Domain: contoso.test Submitter: x", outcome = "delivered" } = options;
  const delivery = {
    message: {
      id: 1,
      subject,
      headerFrom: "tls@fabrikam.test",
      contentBytes: content.length,
      edits: [],
    },
    recipients: [],
    content: {
      bytes: content.length,
      read: async (index: number) => (index === 0 ? content : undefined),
      peek: () => undefined,
    },
  } as unknown as Delivery;
  const waiting = [delivery];
  const settled: unknown[] = [];
  const lane = {
    take: () => waiting.shift(),
    settle: (...parts: unknown[]) => void settled.push(parts),
  } as unknown as Lane;
  const courier: Courier = {
    async run(watched) {
      const taken = watched.take();
      assert.ok(taken);
      const fault = { status: "5.0.0", diagnostic: "550 no", hop: undefined, source: "SMTP" };
      const of =
        outcome === "failed"
          ? { kind: outcome, fault }
          : { kind: outcome, hop: undefined, reply: "250" };
      watched.settle(taken, [{ position: 0, outcome: of } as never]);
      return { kind: "done" };
    },
  };
  const records = new MemoryRecordStore();
  const clock = fakeClock();
  // The reader rests after each report, whatever came of it: then all of it is done.
  const rested = Promise.withResolvers<void>();
  const parts = {
    records,
    clock: {
      ...clock,
      startTimer: (delayMs: number, run: () => void) => {
        rested.resolve();
        return clock.startTimer(delayMs, run);
      },
    },
    diagnostics: silentDiagnostics,
    organization: () => ORGANIZATION,
    readDmarcReport,
  };
  await withReportIntake(courier, parts).run(lane);
  assert.equal(settled.length, 1);
  if (outcome === "delivered" && subject.startsWith("Report Domain")) await rested.promise;
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const found = await records.list(options.kind ?? "tls-report", { after: "", limit: 10 });
  return found.map(({ json }) => JSON.parse(json));
}

test("a report about a domain of ours is kept", async () => {
  const json = formatTlsReport(report("contoso.test", "fabrikam.test"));
  const [kept, ...others] = await deliver(mailWith(json));
  assert.deepEqual(others, []);
  assert.equal(kept?.headerFrom, "tls@fabrikam.test");
  assert.deepEqual(
    kept?.report.policies.map(({ domain, successCount }) => [domain, successCount]),
    [["contoso.test", 7]],
  );
});

for (const [why, content, options] of [
  ["about others only", mailWith(formatTlsReport(report("fabrikam.test"))), {}],
  ["that cannot be read", mailWith("{}"), {}],
  [
    "that was not delivered",
    mailWith(formatTlsReport(report("contoso.test"))),
    { outcome: "failed" },
  ],
  [
    "in a mail of lines without end",
    Buffer.concat([
      mailWith(formatTlsReport(report("contoso.test"))),
      Buffer.from("\r\n".repeat(30_000)),
    ]),
    {},
  ],
  [
    "in a mail with a very long line",
    Buffer.concat([mailWith(formatTlsReport(report("contoso.test"))), Buffer.alloc(5000, "x")]),
    {},
  ],
  ["of another subject", mailWith(formatTlsReport(report("contoso.test"))), { subject: "hello" }],
] as const) {
  test(`no report is kept ${why}`, async () => {
    assert.deepEqual(await deliver(content, options), []);
  });
}

test("of a report that is too long only as much is kept as fits, the sums first", async () => {
  const failure = {
    resultType: "certificate-expired",
    sendingMtaIp: "192.0.2.1",
    receivingMxHostname: "mx.contoso.test",
    receivingIp: "192.0.2.2",
    failedSessionCount: 1,
    reasonCode: "",
  };
  const whole = report(...Array<string>(900).fill("contoso.test"));
  const policies = whole.policies.map((policy) => ({
    ...policy,
    text: Array<string>(90).fill("x".repeat(900)),
    failures: Array<typeof failure>(50).fill(failure),
  }));
  const content = mailWith(formatTlsReport({ ...whole, policies: policies.slice(0, 30) }));
  const [kept] = await deliver(content);
  assert.ok(JSON.stringify(kept).length < 16 * 1024);
  assert.equal(kept?.report.policies.length, 30);
  assert.equal(kept?.report.policies[0]?.successCount, 7);
  const [one] = await deliver(
    mailWith(
      formatTlsReport({ ...report("contoso.test"), policies: [{ ...policies[0] }] as never }),
    ),
  );
  assert.ok(JSON.stringify(one).length < 16 * 1024);
});

test("reports that come too many at once are delivered, and not looked into", async () => {
  const content = mailWith(formatTlsReport(report("contoso.test")));
  let readCount = 0;
  const message = (id: number) => ({
    id,
    subject: "Report Domain: contoso.test",
    contentBytes: content.length,
    edits: [],
  });
  const waiting = Array.from({ length: 50 }, (_, id) => ({
    message: message(id),
    content: {
      bytes: content.length,
      read: async (index: number) => {
        if (index === 0) readCount += 1;
        return index === 0 ? content : undefined;
      },
      peek: () => undefined,
    },
  })) as unknown as Delivery[];
  const clock = fakeClock();
  const records = new MemoryRecordStore();
  const diagnostics = silentDiagnostics;
  const parts = { records, clock, diagnostics, organization: () => ORGANIZATION };
  let settledCount = 0;
  const lane = {
    take: () => waiting.shift(),
    settle: () => {
      settledCount += 1;
    },
  } as unknown as Lane;
  const courier: Courier = {
    async run(watched) {
      for (let one = watched.take(); one !== undefined; one = watched.take()) {
        const outcome = { kind: "delivered", hop: undefined, reply: "250" } as const;
        watched.settle(one, [{ position: 0, outcome }]);
      }
      return { kind: "done" };
    },
  };
  await withReportIntake(courier, parts).run(lane);
  assert.equal(settledCount, 50);
  assert.equal(readCount, 20);
});

test("of one day no more reports are kept than there are honest senders of them", async () => {
  const clock = fakeClock();
  let keptCount = 0;
  let readCount = 0;
  const parts = {
    records: {
      write: async () => {
        keptCount += 1;
      },
    },
    clock,
    diagnostics: silentDiagnostics,
    organization: () => ORGANIZATION,
  };
  const content = mailWith(formatTlsReport(report("contoso.test")));
  const delivery = () =>
    ({
      message: { subject: "Report Domain: contoso.test", contentBytes: content.length, edits: [] },
      content: {
        bytes: content.length,
        read: async (index: number) => {
          if (index > 0) return undefined;
          readCount += 1;
          return content;
        },
        peek: () => undefined,
      },
    }) as unknown as Delivery;
  const courier: Courier = {
    async run(watched) {
      const taken = watched.take();
      assert.ok(taken);
      const outcome = { kind: "delivered", hop: undefined, reply: "250" } as const;
      watched.settle(taken, [{ position: 0, outcome }]);
      return { kind: "done" };
    },
  };
  const intake = withReportIntake(courier, parts);
  const turns = async (count: number, until = () => false) => {
    for (let turn = 0; turn < count && !until(); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const deliverOne = async () => {
    await intake.run({ take: delivery, settle: () => {} } as unknown as Lane);
    await turns(5);
    // Unpacking is done by another thread, which takes its time.
    await turns(1_000_000, () => keptCount === readCount);
    await turns(5);
    clock.advance(SECOND);
    await turns(1);
  };
  for (let count = 0; count < KEPT_OF_DAY_MAX + 5; count += 1) await deliverOne();
  assert.deepEqual([readCount, keptCount], [KEPT_OF_DAY_MAX, KEPT_OF_DAY_MAX]);
  clock.advance(DAY);
  await deliverOne();
  assert.equal(keptCount, KEPT_OF_DAY_MAX + 1);
});

function dmarcMail(domain: string, sourceCount = 1): Buffer {
  const policy = parseDmarcRecord("v=DMARC1; p=none");
  assert.ok(policy !== undefined);
  const rows = Array.from({ length: sourceCount }, (_, index) => ({
    sourceIp: `192.0.${index >> 8}.${index & 255}`,
    count: index === 3 ? 50 : 2,
    disposition: "none" as const,
    dkim: "fail" as const,
    spf: "fail" as const,
    reasons: [],
    headerFrom: domain,
    envelopeFrom: domain,
    dkimResults: [{ domain: "signer.test", selector: "s", result: "pass" }],
    spfResult: { domain, result: "fail" },
  }));
  const [startMs, endMs] = [0, 86_399_000];
  const about = { reportId: "1", startMs, endMs, domain };
  const xml = formatDmarcReport({
    ...{ ...about, organizationName: "Fabrikam", email: "d@fabrikam.test", errors: [] },
    policy,
    rows: [...rows, ...rows.slice(0, 1)],
  });
  const packed = packDmarcReport(xml);
  const [from, to] = ["d@fabrikam.test", "d@contoso.test"];
  const how = { from, to, submitter: "mail.fabrikam.test", messageId: "<1@b.test>", nowMs: 0 };
  return composeDmarcReportMail({ ...about, ...how, packed });
}

test("a DMARC report about a domain of ours is kept, its sources summed", async () => {
  const found: unknown = await deliver(dmarcMail("contoso.test"), { kind: "dmarc-report" });
  const [kept] = found as readonly KeptDmarcReport[];
  assert.deepEqual(
    [kept?.domain, kept?.organizationName, kept?.headerFrom, kept?.omittedCount],
    ["contoso.test", "Fabrikam", "tls@fabrikam.test", 0],
  );
  const row = { sourceIp: "192.0.0.0", headerFrom: "contoso.test", disposition: "none", count: 4 };
  const results = { dkim: "fail", spf: "fail", signedBy: ["signer.test"], sentBy: [] };
  assert.deepEqual(kept?.rows, [{ ...row, ...results }]);
});

test("of a DMARC report with many sources the largest are kept, others counted", async () => {
  const found: unknown = await deliver(dmarcMail("contoso.test", 2000), { kind: "dmarc-report" });
  const [kept] = found as readonly KeptDmarcReport[];
  assert.equal(kept?.rows[0]?.count, 50);
  const sum = kept?.rows.reduce((all, { count }) => all + count, 0) ?? 0;
  assert.equal(sum + kept.omittedCount, 2000 * 2 + 48 + 2);
  assert.ok(JSON.stringify(kept).length < 40_000);
});

test("a DMARC report about others is not kept", async () => {
  assert.deepEqual(await deliver(dmarcMail("fabrikam.test"), { kind: "dmarc-report" }), []);
});
