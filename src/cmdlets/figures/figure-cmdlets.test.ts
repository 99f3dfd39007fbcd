import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { ExecutionRecord } from "../../cmdlet/execution.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import type { HealthFacts } from "../../diagnosis/health-sets.ts";
import type { FigureRow } from "../../figures/figures.ts";
import type { FigureServices, OverviewFacts } from "./services.ts";
import { FIGURE_CMDLETS } from "./table.ts";

const NOW_MS = Date.parse("2026-06-01T12:00:00Z");

const HEALTH: HealthFacts = {
  storeFault: undefined,
  threads: { ready: 2, wanted: 2 },
  listenerProblems: [],
  takesMail: false,
  sendsMail: true,
  levels: { disk: "Low", memory: "Medium", submission_queue: "Low", event_loop: "Low" },
  queues: { submission: 0, delivery: 7, retry: 4, unreachable: 0, poison: 1, stalledMs: 0 },
  nameServers: [{ server: "127.0.0.1:53", answer: { ms: 3 } }],
  certificates: { near: [], faults: [] },
  clock: { jumpMs: 0, isSynchronized: true },
  logs: { failures: 0, dropped: 0 },
  failingAgents: [],
};

const OVERVIEW: OverviewFacts = {
  serverName: "mail.contoso.test",
  levels: {
    depth: 8,
    oldestSeconds: 90,
    "queue.submission": 0,
    "queue.delivery": 7,
    "queue.retry": 4,
    "queue.unreachable": 0,
    "queue.poison": 1,
    "queue.quarantine": 3,
    connectionsIn: 5,
    connectionsOut: 2,
  },
  rate: (names) => names.length,
  oldestMs: NOW_MS - 90_500,
  health: HEALTH,
  endingCertificates: [
    {
      certificate: { file: "mail.crt", names: ["mail.contoso.test"], validToMs: NOW_MS + 3 * DAY },
      level: "urgent",
      daysLeft: 3,
    },
  ],
  componentRequests: [
    {
      component: "HubTransport",
      requester: "Maintenance",
      state: "Draining",
      atMs: NOW_MS,
      by: "alice",
    },
  ],
};

function openRoom(rows: readonly FigureRow[] = []) {
  const asked: object[] = [];
  const services: FigureServices = {
    figures: {
      async rows(span) {
        asked.push(span);
        return rows;
      },
      async days(span) {
        asked.push(span);
        return rows;
      },
      async tops(wanted) {
        asked.push(wanted);
        const list = [
          { name: "one", count: 5, excess: 0 },
          { name: "two", count: 4, excess: 1 },
        ];
        return [list, [{ name: "two", count: 3, excess: 0 }]];
      },
      overview: async () => OVERVIEW,
    },
  };
  const execute = createExecute({
    table: createCmdletTable(FIGURE_CMDLETS),
    services,
    clock: fakeClock(NOW_MS),
    diagnostics: silentDiagnostics,
    audit: async () => assert.fail("a reading is not recorded"),
  });
  const run = async (cmdlet: string, parameters: object = {}, role: RoleGroup = "Help Desk") => {
    const { signal } = new AbortController();
    const caller = { name: "x", roleGroups: [role], via: "session", address: "" } as const;
    const request = { cmdlet, parameters: { ...parameters }, whatIf: false, caller, signal };
    const all: ExecutionRecord[] = [];
    for await (const record of execute(request)) all.push(record);
    return all;
  };
  const objects = async (...call: Parameters<typeof run>) =>
    (await run(...call)).flatMap((record) => (record.kind === "object" ? [record.value] : []));
  return { asked, run, objects };
}

const ROW: FigureRow = {
  startMs: NOW_MS - HOUR,
  endMs: NOW_MS - HOUR + MINUTE,
  figures: {
    samples: 2,
    counts: {
      "received.SMTP": 5,
      "received.PICKUP": 1,
      receivedBytes: 4096,
      recipients: 7,
      "refused.relay": 2,
      "outcome.relayed": 4,
      "outcome.failed": 1,
      "outcome.expired": 2,
      "failed.5.1.1": 1,
      "secured.in_tls": 3,
      "quarantined.Spam": 1,
    },
    levels: {
      depth: { sum: 5, max: 4 },
      "queue.delivery": { sum: 5, max: 4 },
      oldestSeconds: { sum: 61, max: 61 },
    },
  },
};

test("a row has sums, means, and what they are made of", async () => {
  const { objects, asked } = openRoom([ROW]);
  const [row] = await objects("Get-MailTrafficReport", { StartDate: "-1h" });
  assert.deepEqual(asked, [{ resolution: "Minute", fromMs: NOW_MS - HOUR, toMs: NOW_MS }]);
  assert.deepEqual(row, {
    StartDate: "2026-06-01T11:00:00.000Z",
    EndDate: "2026-06-01T11:01:00.000Z",
    RecordedMinutes: 2,
    Received: 6,
    Recipients: 7,
    Refused: 2,
    Delivered: 0,
    Relayed: 4,
    Deferred: 0,
    Failed: 3,
    Expired: 2,
    Quarantined: 1,
    ReceivedBytes: 4096,
    SentBytes: 0,
    QueueDepth: 2.5,
    QueueDepthMaximum: 4,
    OldestMessageAge: "00:01:01",
    Details: {
      Source: { SMTP: 5, PICKUP: 1 },
      Refused: { relay: 2 },
      Failed: { "5.1.1": 1, expired: 2 },
      Encryption: { in_tls: 3 },
      Authentication: {},
      Logon: {},
      Quarantine: { Spam: 1 },
      Queue: { delivery: 2.5 },
    },
  });
});

test("days are those of a time zone; details are those that were asked for", async () => {
  const startMs = Date.parse("2026-05-31T22:00Z");
  const { objects, asked, run } = openRoom([{ ...ROW, startMs, endMs: startMs + DAY }]);
  const given = { StartDate: "-30d", AggregateBy: "Day", Category: "Refused" };
  const days = await objects("Get-MailTrafficReport", { ...given, TimeZone: "Europe/Berlin" });
  const fromMs = NOW_MS - 30 * DAY;
  assert.deepEqual(asked, [{ timeZone: "Europe/Berlin", fromMs, toMs: NOW_MS }]);
  assert.deepEqual(
    days.map((day) => [day["StartDate"], day["EndDate"], day["Received"], day["Details"]]),
    [["2026-05-31T22:00:00.000Z", "2026-06-01T22:00:00.000Z", 6, { Refused: { relay: 2 } }]],
  );
  const wrong = await run("Get-MailTrafficReport", { ...given, TimeZone: "Atlantis" });
  assert.match(JSON.stringify(wrong.at(-1)), /is no time zone; write one like Europe/);
});

test("what was kept no longer is told, and what would be too much is refused", async () => {
  const { run } = openRoom();
  const old = await run("Get-MailTrafficReport", {
    ...{ StartDate: "-4d", EndDate: "-3d", AggregateBy: "Minute" },
  });
  assert.match(JSON.stringify(old), /Rows by Minute are kept for 2 days/);
  const much = await run("Get-MailTrafficReport", { StartDate: "-21d", AggregateBy: "Minute" });
  assert.match(JSON.stringify(much.at(-1)), /20000 rows; choose a longer -AggregateBy/);
  const empty = await run("Get-MailTrafficReport", { StartDate: "-1h", EndDate: "-2h" });
  assert.match(JSON.stringify(empty.at(-1)), /nothing lies between them/);
});

test("top names: lists added up, by hours for a short span, by days for a long one", async () => {
  const { objects, asked } = openRoom();
  const top = await objects("Get-MailTrafficTopReport", { Category: "TopDestination" });
  assert.deepEqual(
    top.map((one) => [
      one["Domain"],
      one["Sender"],
      one["MessageCount"],
      one["MessageCountExcess"],
    ]),
    [
      ["two", null, 7, 1],
      ["one", null, 5, 0],
    ],
  );
  const given = { Category: "TopDestination", StartDate: "-8d", ResultSize: 1 };
  assert.equal((await objects("Get-MailTrafficTopReport", given)).length, 1);
  const category = "TopDestination";
  assert.deepEqual(asked, [
    { category, span: "Hour", fromMs: NOW_MS - DAY, toMs: NOW_MS },
    {
      ...{ category, span: "Day" },
      fromMs: Date.parse("2026-05-24T00:00:00Z"),
      toMs: Date.parse("2026-06-02T00:00:00Z"),
    },
  ]);
});

test("help desks get no senders; others do", async () => {
  const { objects } = openRoom();
  const given = { Category: "TopSender" };
  const hidden = await objects("Get-MailTrafficTopReport", given);
  assert.deepEqual(
    hidden.map((one) => one["Sender"]),
    [null, null],
  );
  const shown = await objects("Get-MailTrafficTopReport", given, "Server Management");
  assert.deepEqual(
    shown.map((one) => one["Sender"]),
    ["two", "one"],
  );
});

test("the overview says what there is, how fast it moves, and what is wrong", async () => {
  const { objects } = openRoom();
  const [overview] = await objects("Get-TransportOverview", {}, "Server Management");
  assert.deepEqual(overview?.["Queues"], {
    ...{ Submission: 0, Delivery: 7, Retry: 4, Unreachable: 0, Poison: 1, Quarantine: 3 },
  });
  assert.equal(overview["QueueDepth"], 8);
  assert.equal(overview["Velocity"], 3);
  assert.equal(overview["OldestMessageAge"], "00:01:30");
  assert.deepEqual(overview["ComponentsNotActive"], ["HubTransport: Draining"]);
  assert.deepEqual(overview["CertificatesNearExpiry"], [
    {
      ...{ File: "mail.crt", Names: ["mail.contoso.test"], DaysLeft: 3 },
      NotAfter: "2026-06-04T12:00:00.000Z",
    },
  ]);
  const sets = JSON.stringify(overview["HealthSets"]);
  assert.match(sets, /"Name":"Queues","AlertValue":"Degraded"/);
  assert.match(JSON.stringify(overview["Findings"]), /Resources: Memory: pressure is Medium/);
  const [other] = await objects("Get-TransportOverview", {}, "Recipient Management");
  assert.equal(other?.["Findings"], null);
});

test("minutes of a report begin with a whole one", async () => {
  const { objects, asked } = openRoom();
  await objects("Get-MailTrafficReport", { StartDate: "2026-06-01T11:59:30Z" });
  assert.deepEqual(asked, [{ resolution: "Minute", fromMs: NOW_MS - MINUTE, toMs: NOW_MS }]);
});
