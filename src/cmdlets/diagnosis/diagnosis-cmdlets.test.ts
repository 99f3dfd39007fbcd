import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { textOf } from "../../base/text-of.fake.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import type { DiagnosisQuestion } from "../../diagnosis/questions.ts";
import type { SenderCheck } from "../../diagnosis/sender-check.ts";
import { step } from "../../diagnosis/step.ts";
import { SAMPLE_STORY, sampleEvent } from "../../logs/sample-story.fake.ts";
import { SAMPLE_MS } from "../../logs/tracking-lines.fake.ts";
import { fakeTrackingLog } from "../../logs/tracking-log.fake.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { address } from "../../mail/address.fake.ts";
import { readAuthor } from "../../mailauth/message-author.ts";
import { unknownAuthentication } from "../../mailauth/sender-authentication.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import type { KeptDmarcReport } from "../../transport/deliver/kept-dmarc-report.ts";
import type { LocatedMessage } from "../../transport/queue/queue-listing.ts";
import type { DiagnosisServices } from "./services.ts";
import { DIAGNOSIS_CMDLETS } from "./table.ts";

const ORGANIZATION = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test, default: true }]
receiveConnectors: [{ name: Internet, bindings: ["0.0.0.0:25"] }]
sendConnectors: [{ name: Out, addressSpaces: ["*"] }]
`);

const PROBE = { messageId: 99, networkMessageId: "probe-id", subject: "Test-Mailflow x" };

const KEY = {
  deliveryType: "DnsConnectorDelivery",
  nextHopDomain: "fabrikam.test",
  nextHopConnector: "Out",
} as const;

const SENDER_CHECK: SenderCheck = {
  found: {
    ...unknownAuthentication({ clientAddress: "", helo: "", sender: "", serverName: "" }),
    spf: { result: "softfail", identity: "mailfrom", domain: "fabrikam.test" },
  },
  author: readAuthor(Buffer.from("From: ceo@bank.test <x@evil.test>\r\n\r\n")),
  suspicions: ["AmbiguousFrom"],
  override: undefined,
  connector: "Internet",
  decision: "quarantine",
  reason: "AmbiguousFrom",
};

function dmarcReport(endMs: number, organizationName: string): KeptDmarcReport {
  const row = {
    headerFrom: "contoso.test",
    disposition: "none",
    signedBy: [],
    sentBy: [],
  } as const;
  return {
    ...{ headerFrom: "", receivedMs: 0, reportId: "1", omittedCount: 1, domain: "contoso.test" },
    ...{ organizationName, startMs: endMs - 86_400_000, endMs },
    rows: [
      { ...row, sourceIp: "192.0.2.1", count: 5, dkim: "pass", spf: "fail", signedBy: ["a.test"] },
      { ...row, sourceIp: "192.0.2.9", count: 2, dkim: "fail", spf: "fail", disposition: "reject" },
    ],
  };
}

const DMARC_REPORTS = [
  dmarcReport(Date.UTC(2026, 10, 10), "Old"),
  dmarcReport(Date.UTC(2026, 10, 19), "Fabrikam"),
  dmarcReport(Date.UTC(2026, 10, 20), "Litware"),
];

/** Message 17, which waits for fabrikam.test. */
const WAITING: LocatedMessage = {
  message: sampleMessage(17),
  queue: { id: 7, key: KEY },
  status: "Retry",
  recipients: [
    {
      recipient: sampleRecipient(0, { address: address("bob@fabrikam.test") }),
      status: "Retry",
      dueMs: 1,
    },
  ],
  recipientCount: 1,
};

interface Bench {
  readonly events?: readonly TrackingRecord[];
  readonly waiting?: readonly LocatedMessage[];
}

async function run(
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>> = {},
  { events = SAMPLE_STORY, waiting = [] }: Bench = {},
) {
  const asked: DiagnosisQuestion[] = [];
  const audited: AuditEntry[] = [];
  const services: DiagnosisServices = {
    diagnosis: {
      organization: () => ORGANIZATION,
      async *ask(question) {
        asked.push(question);
        const answer =
          question.kind === "sender"
            ? SENDER_CHECK
            : question.kind === "doors"
              ? { connector: "Internet", binding: "0.0.0.0:25", endpoint: "127.0.0.1:25" }
              : step(0, "Answer", { verdict: "Pass", decision: question.kind });
        yield { ...answer, status: "Success", details: "", elapsedMs: 5 } as never;
      },
      submitProbe: async () => PROBE,
      log: fakeTrackingLog(events),
      queued: async (ids) => waiting.filter(({ message }) => ids.includes(message.id)),
      queues: async () => [],
      stateRequests: () => [],
      dmarcReports: async function* () {
        yield* DMARC_REPORTS;
      },
      ownAddresses: () => ["192.0.2.1"],
    },
  };
  const execute = createExecute({
    table: createCmdletTable<DiagnosisServices>(DIAGNOSIS_CMDLETS),
    services,
    clock: fakeClock(SAMPLE_MS + 1_000_000),
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const roleGroups = ["Organization Management"] as const;
  const caller = { name: "tess", roleGroups, via: "session", address: "" } as const;
  const { signal } = new AbortController();
  const records: ExecutionRecord[] = [];
  for await (const record of execute({ cmdlet, parameters, whatIf: false, caller, signal })) {
    records.push(record);
  }
  const objects = records.flatMap((one) => (one.kind === "object" ? [one.value] : []));
  const failure = records.find((one) => one.kind === "failed");
  const warnings = records.flatMap((one) => (one.kind === "warning" ? one.text : []));
  return { objects, warnings, failure, asked, audited };
}

test("a route is asked for with its defaults, and put out step by step", async () => {
  const { objects, asked } = await run("Test-MessageRoute", {
    Sender: "<>",
    Recipients: "bob@fabrikam.test",
    LocalAddress: "192.0.2.1:587",
  });
  assert.deepEqual(asked, [
    {
      kind: "route",
      inquiry: {
        sender: "",
        recipients: ["bob@fabrikam.test"],
        messageBytes: 10 * 1024,
        clientAddress: "203.0.113.1",
        local: { address: "192.0.2.1", port: 587 },
        authenticatedAs: undefined,
        tls: false,
        resolveDns: true,
      },
    },
  ]);
  assert.deepEqual(objects, [
    {
      ...{ Step: "Answer", Depth: 0, Verdict: "Pass", Decision: "route" },
      ...{ Why: null, Source: null, Cure: null, Date: null, ElapsedTime: "00:00:00.005" },
    },
  ]);
});

test("Test-SenderId asks about an envelope alone", async () => {
  const { asked, objects } = await run("Test-SenderId", {
    IPAddress: "192.0.2.7",
    PurportedResponsibleDomain: "fabrikam.test",
  });
  const [question] = asked;
  assert.ok(question?.kind === "sender");
  assert.equal(question.inquiry.sender, "postmaster@fabrikam.test");
  assert.deepEqual([question.inquiry.helo, question.inquiry.content], ["fabrikam.test", undefined]);
  const [object] = objects;
  assert.deepEqual([object?.["Status"], object?.["Action"]], ["SoftFail", "quarantine"]);
});

test("Test-SenderAuthentication explains a saved message; without one it says how", async () => {
  const message = Buffer.from("From: x@evil.test\r\n\r\nHello\r\n");
  const given = { IPAddress: "192.0.2.7", Sender: "<>", ReceiveConnector: "internet" };
  const { asked, objects } = await run("Test-SenderAuthentication", {
    ...given,
    FileData: message.toString("base64"),
  });
  const [question] = asked;
  assert.ok(question?.kind === "sender");
  assert.deepEqual(Buffer.from(question.inquiry.content ?? []), message);
  assert.equal(question.inquiry.connector, "Internet");
  const told = objects.map((one) => `${textOf(one["Step"])}: ${textOf(one["Decision"])}`);
  assert.ok(told.includes("SPF: softfail") && told.includes("Author: x@evil.test"), told.join());
  assert.equal(told.at(-1), "Result: quarantine");
  const without = await run("Test-SenderAuthentication", given);
  assert.match(without.failure?.message ?? "", /FileData/);
  const wrong = { ...given, FileData: "YQ==", ReceiveConnector: "Nowhere" };
  const { failure } = await run("Test-SenderAuthentication", wrong);
  assert.match(failure?.message ?? "", /no receive connector Nowhere/);
});

test("Get-DmarcReport sums up who sends as us, those that fail first", async () => {
  const { objects, warnings } = await run("Get-DmarcReport", { StartDate: "2026-11-15" });
  const told = objects.map((one) =>
    ["SourceIP", "IsOurs", "MessageCount", "AlignedCount", "RejectedCount"].map((of) => one[of]),
  );
  assert.deepEqual(told, [
    ["192.0.2.9", false, 4, 0, 4],
    ["192.0.2.1", true, 10, 10, 0],
  ]);
  assert.deepEqual(objects[1]?.["Reporters"], ["Fabrikam", "Litware"]);
  assert.deepEqual(objects[1]?.["SignedBy"], ["a.test"]);
  assert.match(warnings.join(), /^2 messages/);
  const aligned = await run("Get-DmarcReport", { Aligned: true });
  assert.deepEqual(
    aligned.objects.map((one) => one["MessageCount"]),
    [15],
  );
  const own = await run("Get-DmarcReport", { Aligned: false, OwnAddress: "192.0.2.9" });
  assert.equal(own.objects[0]?.["IsOurs"], true);
});

test("the way out: an envelope only with a recipient, a connector by its own name", async () => {
  const { asked } = await run("Test-OutboundConnectivity", {
    Domain: "fabrikam.test",
    SendConnector: "out",
    RcptTo: "bob@fabrikam.test",
  });
  const envelope = { sender: "", recipient: "bob@fabrikam.test" };
  const inquiry = { domain: "fabrikam.test", connector: "Out", envelope, allHosts: false };
  assert.deepEqual(asked, [{ kind: "outbound", inquiry }]);
  const wrong = await run("Test-OutboundConnectivity", { Domain: "a.test", SendConnector: "Ouch" });
  assert.match(wrong.failure?.message ?? "", /no send connector "Ouch"/);
});

test("doors, relay and records", async () => {
  const doors = await run("Test-SmtpConnectivity", { Identity: "mail\\internet" });
  assert.deepEqual(doors.asked, [{ kind: "doors", connector: "internet" }]);
  assert.equal(doors.objects[0]?.["StatusCode"], "Success");
  const unknown = await run("Test-SmtpConnectivity", { Identity: "Intranet" });
  assert.match(unknown.failure?.message ?? "", /no receive connector "Intranet"/);
  const relay = await run("Test-OpenRelay", { ClientAddress: "192.0.2.9" });
  assert.deepEqual(relay.asked, [{ kind: "relay", clientAddress: "192.0.2.9" }]);
  const records = await run("Test-DnsRecords", { Domain: "elsewhere.test" });
  assert.match(records.failure?.message ?? "", /these are: contoso\.test/);
});

test("a message that has gone: its story, and where it would go now", async () => {
  const { objects, asked } = await run("Explain-Message", { Identity: "17" });
  const steps = objects.map(({ Step }) => textOf(Step));
  assert.deepEqual(steps.slice(0, 2), ["Message", "What has happened"]);
  assert.ok(steps.some((name) => name.startsWith("Send someone@fabrikam.test")));
  assert.ok(!steps.includes("Waits"));
  assert.deepEqual(
    asked.map((question) =>
      question.kind === "onward" ? question.inquiry.recipients.map((one) => one.address) : [],
    ),
    [["team@contoso.test", "a.smith@contoso.test", "carol@contoso.test"]],
  );
  assert.equal(objects.at(-1)?.["Depth"], 1);
});

test("one that waits: by its number, also when the log knows nothing of it", async () => {
  const { objects, asked } = await run(
    "Explain-Message",
    { Identity: "mail\\7\\17", ResolveDns: false },
    { events: [], waiting: [WAITING] },
  );
  const steps = objects.map(({ Step }) => Step);
  assert.ok(steps.includes("Waits") && steps.includes("bob@fabrikam.test"), JSON.stringify(steps));
  const [question] = asked;
  assert.ok(question?.kind === "onward" && !question.inquiry.resolveDns);
});

for (const [parameters, want] of [
  [{}, /-Identity, -MessageTraceId or -MessageId says which message/],
  [{ Identity: "seventeen" }, /"seventeen" is no message/],
  [{ Identity: "4711" }, /message 4711 neither waits here/],
  [{ MessageTraceId: "no-such-id" }, /message no-such-id neither waits here/],
] as const) {
  test(`no message: ${JSON.stringify(parameters)}`, async () => {
    const { failure } = await run("Explain-Message", parameters);
    assert.match(failure?.message ?? "", want);
  });
}

const probeEvent = (event: string, afterMs: number) =>
  sampleEvent(event, "postmaster@contoso.test", { "network-message-id": "probe-id" }, afterMs);

for (const [why, events, want] of [
  ["delivered", [probeEvent("DELIVER", 1_002_000)], { TestMailflowResult: "Success" }],
  [
    "too late",
    [probeEvent("DELIVER", 1_020_000)],
    { TestMailflowResult: "*FAILURE*", MessageLatencyTime: "00:00:20" },
  ],
  [
    "in time for another server",
    [probeEvent("SEND", 1_020_000)],
    { TestMailflowResult: "Success", IsRemoteTest: true },
  ],
  ["failed", [probeEvent("FAIL", 1_001_000)], { TestMailflowResult: "*FAILURE*" }],
] as const) {
  test(`a probe: ${why}`, async () => {
    const { objects, audited } = await run("Test-Mailflow", {}, { events });
    const [result = {}] = objects;
    assert.deepEqual({ ...result, ...want }, result);
    assert.equal(result["TargetAddress"], "postmaster@contoso.test");
    assert.equal(audited.length, 1);
  });
}
