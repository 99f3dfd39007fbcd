import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { textOf } from "../../base/text-of.fake.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { SAMPLE_STORY, sampleEvent } from "../../logs/sample-story.fake.ts";
import type { Waiting } from "../../logs/story.ts";
import { StoryLinks } from "../../logs/story-links.ts";
import { SAMPLE_MS } from "../../logs/tracking-lines.fake.ts";
import { fakeTrackingLog } from "../../logs/tracking-log.fake.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import { getMessageTrace } from "./message-trace.ts";
import { getMessageTraceDetail } from "./message-trace-detail.ts";
import {
  getMessageTraceLink,
  newMessageTraceLink,
  removeMessageTraceLink,
} from "./message-trace-link.ts";
import { getMessageTrackingIndex, updateMessageTrackingIndex } from "./message-tracking-index.ts";
import { getMessageTrackingLog } from "./message-tracking-log.ts";
import type { TrackingServices } from "./tracking-services.ts";

const CMDLETS = [
  getMessageTrace,
  getMessageTraceDetail,
  getMessageTrackingIndex,
  getMessageTrackingLog,
  getMessageTraceLink,
  newMessageTraceLink,
  removeMessageTraceLink,
  updateMessageTrackingIndex,
];
const CLOCK = fakeClock(SAMPLE_MS + 1_000_000);
const openLinks = () => StoryLinks.open(new MemoryRecordStore(), CLOCK);
const TRACE_ID = "00000000-0000-4000-8000-000000000017";

interface Bench {
  readonly events?: readonly TrackingRecord[];
  readonly waiting?: readonly Waiting[];
  readonly name?: string;
  readonly links?: StoryLinks;
  readonly role?: RoleGroup;
}

async function run(
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>> = {},
  bench: Bench = {},
) {
  const { events = SAMPLE_STORY, waiting = [], role = "Organization Management" } = bench;
  const { name = "tess", links = await openLinks() } = bench;
  const log = fakeTrackingLog(events);
  const audited: AuditEntry[] = [];
  const services: TrackingServices = {
    tracking: {
      log,
      serverName: () => "mail.contoso.test",
      waiting: async () => waiting,
      links,
      linkPath: (reference) => `/the/${reference}`,
    },
  };
  const execute = createExecute({
    table: createCmdletTable<TrackingServices>(CMDLETS),
    services,
    clock: CLOCK,
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const caller = { name, roleGroups: [role], via: "session", address: "" } as const;
  const signal = new AbortController().signal;
  const records: ExecutionRecord[] = [];
  for await (const record of execute({ cmdlet, parameters, whatIf: false, caller, signal })) {
    records.push(record);
  }
  const objects = records.flatMap((one) => (one.kind === "object" ? [one.value] : []));
  const warnings = records.flatMap((one) => (one.kind === "warning" ? [one.text] : []));
  const failure = records.find((one) => one.kind === "failed");
  const progress = records.filter((one) => one.kind === "progress");
  return { objects, warnings, failure, progress, audited, queries: log.queries };
}

const column = (objects: readonly OutputObject[], name: string) => objects.map((one) => one[name]);

test("every cmdlet puts out all properties of its type, in order", async () => {
  const links = await openLinks();
  for (const [name, parameters] of [
    ["Get-MessageTrackingLog", {}],
    ["Get-MessageTrace", {}],
    ["Get-MessageTraceDetail", { MessageTraceId: TRACE_ID }],
    ["Get-MessageTrackingIndex", {}],
    ["Update-MessageTrackingIndex", {}],
    ["New-MessageTraceLink", { MessageTraceId: TRACE_ID }],
    ["Get-MessageTraceLink", {}],
  ] as const) {
    const { objects } = await run(name, parameters, { links });
    const type = CMDLETS.find((cmdlet) => cmdlet.name === name)?.output;
    assert.ok(objects.length > 0 && type !== undefined, name);
    for (const one of objects) assert.deepEqual(Object.keys(one), Object.keys(type.properties));
    for (const shown of type.table) assert.ok(Object.hasOwn(type.properties, shown), shown);
  }
});

for (const [parameters, count] of [
  [{}, 10],
  [{ EventId: "fail" }, 1],
  [{ EventId: ["FAIL", "DSN"], Source: "smtp" }, 1],
  [{ Sender: "alice@contoso.test", Recipients: "dave@wingtip.test" }, 4],
  [{ Recipients: ["@fabrikam.test", "alice@*"] }, 5],
  [{ MessageId: "one@contoso.test", InternalMessageId: 18 }, 2],
  [{ NetworkMessageId: TRACE_ID, MessageSubject: "hello" }, 10],
  [{ Reference: "notice@mail.contoso.test" }, 1],
  [{ TransportTrafficType: "email", Server: "MAIL" }, 10],
  [{ Start: "2026-03-01T10:00:00.010Z", End: "2026-03-01T10:00:00.300Z" }, 4],
  [{ Start: "-200s" }, 2],
] as const) {
  test(`Get-MessageTrackingLog ${JSON.stringify(parameters)}`, async () => {
    const { objects, warnings, progress } = await run("Get-MessageTrackingLog", parameters);
    assert.equal(objects.length, count);
    assert.deepEqual(column(objects, "Timestamp"), column(objects, "Timestamp").toSorted());
    assert.deepEqual(warnings, []);
    assert.ok(progress.length > 0);
  });
}

test("Get-MessageTrackingLog: the latest that fit, by time, and a warning", async () => {
  const { objects, warnings } = await run("Get-MessageTrackingLog", { ResultSize: 2 });
  assert.deepEqual(column(objects, "EventId"), ["FAIL", "DSN"]);
  assert.match(warnings[0] ?? "", /more events than these 2, the latest/);
  const all = await run("Get-MessageTrackingLog", { ResultSize: "Unlimited" });
  assert.equal(all.objects.length, 10);
  assert.deepEqual(all.warnings, []);
});

test("Get-MessageTrackingLog: properties are Exchange's", async () => {
  const info = "2026-03-01T10:00:00.000Z";
  const { objects } = await run(
    "Get-MessageTrackingLog",
    {},
    {
      events: [
        sampleEvent(
          "SEND",
          "b@c.test",
          {
            "message-info": info,
            "custom-data": "S:TlsVersion=TLSv1.3;S:TlsCipher=X",
            reference: "<a@b.test>;<c@d.test>",
          },
          1500,
        ),
      ],
    },
  );
  const [event] = objects;
  assert.equal(event?.["MessageLatency"], "00:00:01.500");
  assert.equal(event["MessageLatencyType"], "EndToEnd");
  assert.deepEqual(event["EventData"], ["TlsVersion=TLSv1.3", "TlsCipher=X"]);
  assert.deepEqual(event["Reference"], ["<a@b.test>", "<c@d.test>"]);
  assert.equal(event["InternalMessageId"], 17);
});

for (const [cmdlet, parameters, code, message] of [
  ["Get-MessageTrackingLog", { Server: "other.test" }, "not-found", /this is mail\.contoso\.test/],
  ["Get-MessageTrackingLog", { Start: "now", End: "-1h" }, "bad-parameter", /nothing lies between/],
  ["Get-MessageTrackingLog", { EventId: "SENT" }, "bad-parameter", /SEND/],
  ["Get-MessageTrace", { StartDate: "now", EndDate: "-1h" }, "bad-parameter", /EndDate/],
  ["Get-MessageTraceDetail", {}, "bad-parameter", /Get-MessageTrace finds it/],
  ["Get-MessageTraceDetail", { MessageTraceId: "4711" }, "not-found", /has no message 4711/],
  ["Get-MessageTraceDetail", { MessageTraceId: "a\\b\\c\\17" }, "not-found", /has no message/],
  ["Get-MessageTraceDetail", { MessageId: "x@y.test" }, "not-found", /has no message x@y\.test/],
  [
    "Get-MessageTraceDetail",
    { MessageTraceId: TRACE_ID, RecipientAddress: "eve@contoso.test" },
    "not-found",
    /never for eve@contoso\.test; it is for team@contoso\.test/,
  ],
  ["New-MessageTraceLink", { MessageTraceId: "17" }, "bad-parameter", /is not a message's id/],
  [
    "New-MessageTraceLink",
    { MessageTraceId: TRACE_ID.replace("17", "18") },
    "not-found",
    /has no message/,
  ],
] as const) {
  test(`${cmdlet} ${JSON.stringify(parameters)} is ${code}`, async () => {
    const { failure } = await run(cmdlet, parameters);
    assert.equal(failure?.code, code);
    assert.match(failure.message, message);
  });
}

test("Get-MessageTrace: a row for each recipient, and the remote's words", async () => {
  const { objects } = await run("Get-MessageTrace", { RecipientAddress: "carol@contoso.test" });
  assert.equal(objects.length, 1);
  const { Received, Status, Detail, RecipientAddress, Via, Subject, FromIP } = objects[0] ?? {};
  assert.deepEqual(
    [Received, Status, Detail, RecipientAddress, Via, Subject, FromIP],
    [
      "2026-03-01T10:00:00.000Z",
      "Failed",
      "550 5.1.1 No, nobody",
      "dave@wingtip.test",
      ["carol@contoso.test"],
      "Hello, you",
      "192.0.2.9",
    ],
  );
});

test("Get-MessageTrace looks at 48 hours unless it is told, or knows the message", async () => {
  const nowMs = SAMPLE_MS + 1_000_000;
  const hours = 60 * 60 * 1000;
  for (const [parameters, startMs] of [
    [{}, nowMs - 48 * hours],
    [{ StartDate: "-1h" }, nowMs - hours],
    [{ MessageId: "<one@contoso.test>" }, 0],
  ] as const) {
    assert.equal((await run("Get-MessageTrace", parameters)).queries[0]?.startMs, startMs);
  }
});

for (const [type, subject, count] of [
  ["Contains", "ELLO", 5],
  ["StartsWith", "hello", 5],
  ["StartsWith", "you", 0],
  ["EndsWith", "you", 5],
  ["Contains", "h*you", 5],
] as const) {
  test(`Get-MessageTrace: subject ${type} ${subject}`, async () => {
    const parameters = { Subject: subject, SubjectFilterType: type };
    assert.equal((await run("Get-MessageTrace", parameters)).objects.length, count);
  });
}

test("help desks get no subjects, and cannot find out by asking for them", async () => {
  const desk = { role: "Help Desk" } as const;
  const { objects } = await run("Get-MessageTrace", {}, desk);
  assert.equal(objects.length, 5);
  assert.deepEqual(new Set(column(objects, "Subject")), new Set([null]));
  const { failure } = await run("Get-MessageTrace", { Subject: "hello" }, desk);
  assert.equal(failure?.code, "forbidden");
  const story = await run("Get-MessageTraceDetail", { MessageTraceId: TRACE_ID }, desk);
  assert.ok(story.objects.length > 0 && !JSON.stringify(story.objects).includes("Hello"));
  const link = { MessageTraceId: TRACE_ID, Anonymous: true };
  assert.equal((await run("New-MessageTraceLink", link, desk)).failure?.code, "forbidden");
  assert.equal((await run("Get-MessageTrackingLog", {}, desk)).failure?.code, "forbidden");
});

for (const name of [
  TRACE_ID,
  TRACE_ID.toUpperCase(),
  "17",
  "mail\\3\\17",
  "3\\17",
  "one@contoso.test",
  "<one@contoso.test>",
]) {
  test(`Get-MessageTraceDetail ${name}`, async () => {
    const { objects, failure } = await run("Get-MessageTraceDetail", { MessageTraceId: name });
    assert.equal(failure, undefined);
    assert.deepEqual(new Set(column(objects, "MessageTraceId")), new Set([TRACE_ID]));
    assert.equal(objects[0]?.["Event"], "Receive");
  });
}

test("Get-MessageTraceDetail tells the story, and where it waits", async () => {
  const waiting = [
    {
      recipient: "bob@contoso.test",
      internalMessageId: "17",
      queue: "Mailboxes",
      nextAttemptMs: SAMPLE_MS + 2_000_000,
      isSuspended: false,
      lastError: "",
    },
  ];
  const parameters = { MessageId: "one@contoso.test", RecipientAddress: "bob@contoso.test" };
  const { objects } = await run("Get-MessageTraceDetail", parameters, { waiting });
  assert.deepEqual(column(objects, "Event"), ["Receive", "Expand", "Wait"]);
  assert.equal(
    objects.at(-1)?.["Detail"],
    "It waits in queue Mailboxes for bob@contoso.test; next try at 2026-03-01T10:33:20.000Z.",
  );
  assert.equal(objects.at(-1)?.["Queue"], "Mailboxes");
  assert.equal(objects.at(-1)?.["NextRetry"], "2026-03-01T10:33:20.000Z");
  assert.equal(objects.at(-1)?.["InternalMessageId"], 17);
});

test("Get-MessageTraceDetail has the words of the other side by themselves", async () => {
  const parameters = { MessageTraceId: TRACE_ID, RecipientAddress: "dave@wingtip.test" };
  const { objects } = await run("Get-MessageTraceDetail", parameters);
  const failed = objects.find(({ Event }) => Event === "Fail");
  assert.equal(failed?.["Response"], "550 5.1.1 No, nobody");
  assert.match(textOf(failed?.["Host"]), /\[/);
  assert.equal(objects[0]?.["Host"], "client.example [192.0.2.9]");
  assert.equal(objects[0]?.["Response"], null);
});

test("a link to a story: made, listed without its address, called back", async () => {
  const links = await openLinks();
  const parameters = { MessageTraceId: TRACE_ID, RecipientAddress: "bob@contoso.test" };
  const made = await run("New-MessageTraceLink", parameters, { links });
  const [{ Path, ...link } = {}] = made.objects;
  const [, , reference = ""] = textOf(Path).split("/");
  assert.equal(links.find(reference)?.recipient, "bob@contoso.test");
  assert.equal(made.audited.length, 1);
  assert.ok(!JSON.stringify(made.audited).includes(reference));
  assert.equal(link["CreatedBy"], "tess");
  const { objects } = await run("Get-MessageTraceLink", {}, { links, role: "Help Desk" });
  assert.deepEqual(objects, [link]);

  const Identity = [textOf(link["Identity"])];
  const desk = { links, name: "helen", role: "Help Desk" } as const;
  const forbidden = await run("Remove-MessageTraceLink", { Identity }, desk);
  assert.equal(forbidden.failure?.code, "forbidden");
  const missing = await run("Remove-MessageTraceLink", { Identity: ["x"] }, { links });
  assert.equal(missing.failure?.code, "not-found");
  assert.ok(links.find(reference));
  const removed = await run("Remove-MessageTraceLink", { Identity }, { ...desk, name: "tess" });
  assert.equal(removed.failure, undefined);
  assert.deepEqual(removed.audited[0]?.changes, [
    { object: `MessageTraceLink ${TRACE_ID}`, before: link },
  ]);
  assert.equal(links.find(reference), undefined);
  await run("New-MessageTraceLink", parameters, { links });
  const others = { links, name: "hugh", role: "Records Management" } as const;
  const all = links.all().map(({ id }) => id);
  assert.equal(
    (await run("Remove-MessageTraceLink", { Identity: all }, others)).failure,
    undefined,
  );
  assert.deepEqual(links.all(), []);
});

test("Update-MessageTrackingIndex tells how far it is and what came of it", async () => {
  const { objects, audited } = await run("Update-MessageTrackingIndex", { Rebuild: true });
  assert.equal(objects[0]?.["IndexedEvents"], 10);
  assert.equal(audited[0]?.changes[0]?.object, "MessageTrackingIndex");
});
