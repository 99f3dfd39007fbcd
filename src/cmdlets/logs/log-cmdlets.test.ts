import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { textOf } from "../../base/text-of.fake.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { ExecutionRecord } from "../../cmdlet/execution.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import type { LogQuery, LogRow } from "../../logs/log-search.ts";
import { sampleRecording } from "../../logs/session-recording.fake.ts";
import { formatRecording } from "../../logs/session-recording.ts";
import { matchesPattern } from "../../logs/text-pattern.ts";
import { QUEUE_LOG_FIELDS } from "../../transport/tracking/queue-line.ts";
import { getAgentLog } from "./agent-log.ts";
import { getConnectivityLog } from "./connectivity-log.ts";
import type { LogSearchServices, SearchedLog } from "./log-services.ts";
import { getProtocolLog } from "./protocol-log.ts";
import { getQueueLog } from "./queue-log.ts";
import { getRoutingTableLog } from "./routing-table-log.ts";
import { getSessionRecording } from "./session-recording.ts";

const CMDLETS = [
  getAgentLog,
  getConnectivityLog,
  getProtocolLog,
  getQueueLog,
  getRoutingTableLog,
  getSessionRecording,
];
const NOW_MS = Date.parse("2026-03-01T12:00:00Z");

const protocol = (atMs: number, session: string, sequence: number, event: string, data: string) => {
  const at = new Date(atMs).toISOString();
  const ends = ["127.0.0.1:25", session === "A" ? "192.0.2.7:4000" : "[2001:db8::7]:4000"];
  return { atMs, values: [at, "Default", session, String(sequence), ...ends, event, data, ""] };
};
const recording = (id: string) => {
  const sample = sampleRecording({ id });
  const { direction, connector, localEndpoint, remoteEndpoint, reason } = sample;
  const line = formatRecording(sample).trimEnd();
  const envelope = ["x@fabrikam.test", "nobody@contoso.test"];
  envelope.push(envelope.join("\n"));
  const ends = [localEndpoint, remoteEndpoint];
  const values = [id, direction, connector, ...ends, reason, ...envelope, line];
  return { atMs: NOW_MS - 1, values };
};
const agent =
  "T,S1,127.0.0.1:25,192.0.2.7:4,192.0.2.7,,x@y.test,,b@c.test,1,Recipient Filter Agent,";
const agentBack = "OnRcptCommand,RejectCommand,550 No,RelayDenied,Default,,,,Incoming";
const queueValues = QUEUE_LOG_FIELDS.map((name) => (name === "MessageCount" ? "7" : name));

const ROWS: Readonly<Record<SearchedLog, readonly LogRow[]>> = {
  smtpReceive: [
    protocol(NOW_MS - 10, "A", 2, "<", "QUIT"),
    protocol(NOW_MS - 10, "A", 1, ">", "220 x"),
    protocol(NOW_MS - 5000, "B", 0, "+", ""),
  ],
  smtpSend: [protocol(NOW_MS - 20, "C", 0, "+", "")],
  connectivity: [{ atMs: NOW_MS, values: ["T", "S1", "SMTP", "fabrikam.test", "+", "DNS"] }],
  agent: [{ atMs: NOW_MS, values: `${agent}${agentBack}`.split(",") }],
  queue: [{ atMs: NOW_MS, values: queueValues }],
  session: [recording("0000000000000001"), recording("0000000000000002")],
};

async function run(
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>> = {},
  role: RoleGroup = "Server Management",
) {
  const services: LogSearchServices = {
    logs: {
      async *search(log, query) {
        const rows = ROWS[log].filter((row) => isFound(row, query));
        yield { rows, doneBytes: 1, totalBytes: 1, finished: true };
      },
      routingTables: async () => [
        { name: "RoutingConfig#1@20260301T100000000Z.xml", version: 1, createdMs: 5, bytes: 9 },
        { name: "RoutingConfig#2@20260301T110000000Z.xml", version: 2, createdMs: 6, bytes: 9 },
      ],
      routingTable: async (name) => `<${name}>`,
    },
  };
  const execute = createExecute({
    table: createCmdletTable<LogSearchServices>(CMDLETS),
    services,
    clock: fakeClock(NOW_MS),
    diagnostics: silentDiagnostics,
    audit: async () => {},
  });
  const caller = { name: "tess", roleGroups: [role], via: "session", address: "" } as const;
  const { signal } = new AbortController();
  const records: ExecutionRecord[] = [];
  for await (const one of execute({ cmdlet, parameters, whatIf: false, caller, signal })) {
    records.push(one);
  }
  return {
    objects: records.flatMap((one) => (one.kind === "object" ? [one.value] : [])),
    warnings: records.flatMap((one) => (one.kind === "warning" ? [one.text] : [])),
    failure: records.find((one) => one.kind === "failed"),
  };
}

function isFound({ atMs, values }: LogRow, query: LogQuery): boolean {
  const isLike = query.conditions.every((one) =>
    matchesPattern(one.pattern, values[one.field] ?? ""),
  );
  if (query.pattern && !matchesPattern(query.pattern, values.join())) return false;
  return isLike && atMs >= (query.startMs ?? 0) && atMs < (query.endMs ?? Infinity);
}

test("every cmdlet puts out all properties of its type, in order", async () => {
  for (const { name, output } of CMDLETS) {
    const { objects, failure } = await run(name);
    assert.equal(failure, undefined);
    assert.ok(objects.length > 0, name);
    for (const one of objects) assert.deepEqual(Object.keys(one), Object.keys(output.properties));
    for (const shown of output.table) assert.ok(Object.hasOwn(output.properties, shown), shown);
  }
});

for (const [parameters, want] of [
  [{}, "B0 C0 A1 A2"],
  [{ Direction: "Send" }, "C0"],
  [{ Direction: "Receive", SessionId: "a" }, "A1 A2"],
  [{ RemoteAddress: "192.0.2.7" }, "A1 A2"],
  [{ RemoteAddress: "2001:db8::7" }, "B0 C0"],
  [{ RemoteAddress: "[2001:db8::7]:4000" }, "B0 C0"],
  [{ RemoteAddress: "192.0.2.7:25" }, ""],
  [{ Start: "-1s" }, "C0 A1 A2"],
  [{ End: "-1s" }, "B0"],
  [{ Pattern: "quit" }, "A2"],
  [{ ResultSize: 1 }, "A2"],
] as const) {
  test(`Get-ProtocolLog ${JSON.stringify(parameters)}`, async () => {
    const { objects, warnings } = await run("Get-ProtocolLog", parameters);
    const told = objects.map(
      (one) => `${textOf(one["SessionId"])}${textOf(one["SequenceNumber"])}`,
    );
    assert.equal(told.join(" "), want);
    assert.equal(warnings.length, "ResultSize" in parameters ? 1 : 0);
  });
}

test("a span of time must be one", async () => {
  const { failure } = await run("Get-AgentLog", { StartDate: "-1h", EndDate: "-2h" });
  assert.equal(failure?.code, "bad-parameter");
});

test("the agent log is found by what it decided", async () => {
  const found = { Recipient: "B@c.test", RemoteAddress: "192.0.2.7", Reason: "relay*" };
  const [one] = (await run("Get-AgentLog", found, "Hygiene Management")).objects;
  assert.equal(one?.["Agent"], "Recipient Filter Agent");
  assert.equal(one?.["NumRecipients"], 1);
  assert.equal((await run("Get-AgentLog", { Agent: "Content*" })).objects.length, 0);
});

test("numbers of the queue log are numbers", async () => {
  const [one] = (await run("Get-QueueLog", { Identity: "identity" })).objects;
  assert.equal(one?.["MessageCount"], 7);
  assert.deepEqual(one?.["MessageCountsPerPriority"], ["MessageCountsPerPriority"]);
});

test("a recording's conversation is shown when it is asked for", async () => {
  const all = (await run("Get-SessionRecording", { RemoteAddress: "192.0.2.1" })).objects;
  assert.deepEqual(
    all.map((one) => one["Conversation"]),
    [null, null],
  );
  const id = "0000000000000002";
  const [one] = (await run("Get-SessionRecording", { Identity: id })).objects;
  assert.equal(one?.["Duration"], "00:00:00.200");
  assert.match(JSON.stringify(one?.["Conversation"]), /EHLO client\.test/);
  const { failure } = await run("Get-SessionRecording", { Identity: "0000000000000003" });
  assert.equal(failure?.code, "not-found");
});

for (const [given, count] of [
  [{ SenderAddress: "X@fabrikam.test" }, 2],
  [{ SenderAddress: "@fabrikam.test", RecipientAddress: "nobody" }, 2],
  [{ RecipientAddress: "*@contoso.test" }, 2],
  [{ SenderAddress: "nobody@contoso.test" }, 0],
] as const) {
  test(`recordings by their envelope: ${JSON.stringify(given)}`, async () => {
    assert.equal((await run("Get-SessionRecording", given)).objects.length, count);
  });
}

test("a snapshot of the routing table, by its name or the beginning of it", async () => {
  const [one] = (await run("Get-RoutingTableLog", { Identity: "routingconfig#2@*" })).objects;
  assert.equal(one?.["Version"], 2);
  assert.match(textOf(one?.["Content"]), /RoutingConfig#2/);
  const { failure } = await run("Get-RoutingTableLog", { Identity: "RoutingConfig" });
  assert.equal(failure?.code, "not-found");
});

test("help desks don't read transport logs", async () => {
  for (const { name } of CMDLETS) {
    assert.equal((await run(name, {}, "Help Desk")).failure?.code, "forbidden", name);
  }
});
