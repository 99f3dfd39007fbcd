import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDesk, sampleQueue } from "./queue-desk.fake.ts";

function openDesk(): FakeDesk {
  const desk = new FakeDesk();
  desk.queues = [
    sampleQueue(-2, "", { status: "Suspended", messages: { High: 0, Normal: 1, Low: 0 } }),
    sampleQueue(0, ""),
    sampleQueue(3, "a.test", {
      status: "Retry",
      messages: { High: 2, Normal: 20, Low: 1 },
      deferred: { High: 0, Normal: 5, Low: 0 },
      incomingRate: 1.5,
      outgoingRate: 0.25,
      state: {
        suspended: false,
        failureCount: 4,
        firstRetryMs: 1_000,
        lastRetryMs: 61_000,
        nextRetryMs: 121_000,
        lastError: "451 4.4.1 Connection refused",
      },
    }),
    sampleQueue(12, "b.test", { messages: { High: 0, Normal: 3, Low: 0 } }),
    sampleQueue(13, "contoso.test", {
      key: {
        deliveryType: "SmtpDeliveryToMailbox",
        nextHopDomain: "contoso.test",
        nextHopConnector: "",
      },
    }),
  ];
  return desk;
}

async function names(desk: FakeDesk, parameters: Readonly<Record<string, unknown>>) {
  return (await desk.run("Get-Queue", parameters)).map(({ Identity }) => Identity);
}

test("Get-Queue shows every property", async () => {
  const [queue] = await openDesk().run("Get-Queue", { Identity: "3" });
  assert.deepEqual(queue, {
    Identity: "mail\\3",
    QueueIdentity: "mail\\3",
    DeliveryType: "DnsConnectorDelivery",
    NextHopCategory: "External",
    NextHopDomain: "a.test",
    NextHopConnector: "Out",
    TlsDomain: null,
    Status: "Retry",
    MessageCount: 23,
    DeferredMessageCount: 5,
    MessageCountsPerPriority: ["2", "20", "1", "0"],
    DeferredMessageCountsPerPriority: ["0", "5", "0", "0"],
    PriorityDescriptions: ["High", "Normal", "Low", "None"],
    LockedMessageCount: 0,
    IncomingRate: 1.5,
    OutgoingRate: 0.25,
    Velocity: -1.25,
    RetryCount: 4,
    LastError: "451 4.4.1 Connection refused",
    FirstRetryTime: "1970-01-01T00:00:01.000Z",
    LastRetryTime: "1970-01-01T00:01:01.000Z",
    NextRetryTime: "1970-01-01T00:02:01.000Z",
    SuspendedBy: null,
    SuspendedTime: null,
    RiskLevel: "Normal",
    OutboundIPPool: 0,
    OverrideSource: null,
    IsValid: true,
    ObjectState: "Unchanged",
  });
});

for (const [why, parameters, want] of [
  ["all", {}, ["mail\\Poison", "mail\\Submission", "mail\\3", "mail\\12", "mail\\13"]],
  ["by next hop", { Identity: "A.TEST" }, ["mail\\3"]],
  ["by pattern", { Identity: "mail.contoso.test\\?.test" }, ["mail\\3", "mail\\12"]],
  ["by pattern with a star", { Identity: "MAIL\\b*" }, ["mail\\12"]],
  ["a fixed one", { Identity: "mail\\poison" }, ["mail\\Poison"]],
  ["one that is empty and not there", { Identity: "Unreachable" }, []],
  [
    "by filter",
    { Filter: "MessageCount -gt 5 -or Status -eq 'suspended'" },
    ["mail\\Poison", "mail\\3"],
  ],
  ["internal ones that are empty", { Include: "Internal", Exclude: "Undefined" }, ["mail\\13"]],
  ["without the empty ones", { Exclude: ["Empty", "Undefined"] }, ["mail\\3", "mail\\12"]],
  ["sorted and cut", { SortOrder: "-MessageCount", ResultSize: 2 }, ["mail\\3", "mail\\12"]],
  ["from an index", { BookmarkIndex: 2, ResultSize: 2 }, ["mail\\Submission", "mail\\3"]],
  [
    "after a bookmark",
    { BookmarkObject: "mail\\3", IncludeBookmark: false },
    ["mail\\12", "mail\\13"],
  ],
  [
    "backwards",
    { BookmarkObject: "mail\\12", SearchForward: false, ResultSize: 2 },
    ["mail\\3", "mail\\12"],
  ],
  ["the last ones", { SearchForward: false, ResultSize: 1 }, ["mail\\13"]],
] as const) {
  test(`Get-Queue: ${why}`, async () => {
    const desk = openDesk();
    assert.deepEqual(await names(desk, parameters), want);
  });
}

for (const [parameters, problem] of [
  [{ Identity: "nowhere.test" }, /there is no queue "nowhere.test" now/],
  [{ Identity: "other\\3" }, /this server is "mail.contoso.test", not "other"/],
  [{ Identity: "a\\b\\3" }, /is no identity; write Server\\Queue/],
  [{ Server: "mx2" }, /not "mx2"/],
  [{ BookmarkObject: "mail\\99" }, /not among the results/],
  [{ Identity: "3", Filter: "Status -eq 'Retry'" }, /exclude/],
] as const) {
  test(`Get-Queue refuses ${JSON.stringify(parameters)}`, async () => {
    await assert.rejects(openDesk().run("Get-Queue", parameters), problem);
  });
}

test("Get-Queue says what the page is of", async () => {
  const records = await openDesk().records("Get-Queue", { ReturnPageInfo: true, ResultSize: 2 });
  assert.deepEqual(
    records.filter(({ kind }) => kind === "warning"),
    [{ kind: "warning", text: "Results 1 to 2 of 5." }],
  );
});

test("of several queues, one that is gone leaves the others to be acted on", async () => {
  const desk = openDesk();
  const Identity = ["a.test", "mail\\77"];
  const [warned, plan] = await desk.records("Suspend-Queue", { Identity }, "whatIf");
  assert.match(JSON.stringify(warned), /there is no queue .*77.* now/);
  assert.match(JSON.stringify(plan), /"count":1/);
  const done = await desk.run("Suspend-Queue", { Identity });
  assert.deepEqual(
    done.map((one) => one["Identity"]),
    ["mail\\3"],
  );
  await assert.rejects(
    desk.run("Suspend-Queue", { Identity: ["mail\\77", "mail\\78"] }),
    /nothing in/,
  );
});

test("acts on a queue reach the threads with who and what, and are audited", async () => {
  const desk = openDesk();
  for (const [cmdlet, parameters, act] of [
    ["Suspend-Queue", { Identity: "a.test" }, "suspend"],
    ["Resume-Queue", { Identity: "mail\\3" }, "resume"],
    ["Retry-Queue", { Identity: "3" }, "retry"],
    ["Retry-Queue", { Identity: "3", Resubmit: true }, "resubmit"],
  ] as const) {
    const [info] = await desk.run(cmdlet, parameters);
    assert.equal(info?.["State"], "Completed");
    assert.deepEqual(desk.orders.pop(), { act, key: desk.queues[2]?.key, by: "carol" });
    assert.equal(desk.audited.pop()?.changes[0]?.object, "Queue mail\\3 (a.test)");
  }
});

for (const [result, cmdlet, problem] of [
  ["suspended", "Retry-Queue", /is suspended; Resume-Queue lets it go on/],
  ["not-in-retry", "Retry-Queue", /-Resubmit routes the mail of Unreachable anew/],
  ["unknown", "Resume-Queue", /not there any more/],
] as const) {
  test(`${cmdlet} says why not: ${result}`, async () => {
    const desk = openDesk();
    desk.queueResult = result;
    await assert.rejects(desk.run(cmdlet, { Identity: "3" }), problem);
  });
}

test("an act on what a filter picks is planned, and then a job", async () => {
  const desk = openDesk();
  const parameters = { Filter: "MessageCount -ge 3" };
  const [plan] = await desk.records("Suspend-Queue", parameters, "whatIf");
  assert.deepEqual(plan, {
    kind: "plan",
    plan: {
      actions: ["Suspend-Queue mail\\3 (a.test)", "Suspend-Queue mail\\12 (b.test)"],
      count: 2,
    },
  });
  assert.equal(desk.jobsStarted.length, 0);
  const [job] = await desk.run("Suspend-Queue", parameters);
  assert.equal(job?.["Expected"], 2);
  assert.deepEqual(desk.jobsStarted[0]?.task, {
    target: "queues",
    act: "suspend",
    filter: "MessageCount -ge 3",
  });
  assert.equal((await desk.run("Get-QueueJob"))[0]?.["Act"], "Suspend-Queue");
  assert.equal((await desk.run("Stop-QueueJob", { Identity: "JOB-1" }))[0]?.["By"], "carol");
  await assert.rejects(desk.run("Stop-QueueJob", { Identity: "job-9" }), /no job "job-9"/);
  await assert.rejects(desk.run("Suspend-Queue"), /say which queue/);
});

test("Get-QueueDigest groups the long queues of all servers", async () => {
  const desk = openDesk();
  desk.others.set("mx2.contoso.test", [
    { Identity: "mx2\\1", NextHopDomain: "a.test", MessageCount: 100, Status: "Active" },
    { Identity: "mx2\\2", NextHopDomain: "c.test", MessageCount: 9, Velocity: "not a number" },
  ]);
  desk.others.set("mx3.contoso.test", []);
  const records = await desk.records("Get-QueueDigest", { DetailsLevel: "Verbose" });
  const digests = records.flatMap((record) => (record.kind === "object" ? [record.value] : []));
  assert.deepEqual(
    digests.map((one) => [one["GroupByValue"], one["MessageCount"], one["QueueCount"]]),
    [["a.test", 123, 2]],
  );
  assert.deepEqual(digests[0]?.["Details"], [
    "mx2\\1 a.test: Active, 100",
    "mail\\3 a.test: Retry, 23, 451 4.4.1 Connection refused",
  ]);
  assert.deepEqual(records[0], { kind: "warning", text: "mx3.contoso.test: connection refused" });
  const byServer = { GroupBy: "ServerName", Threshold: 0, Server: ["mx2", "mail"] };
  const servers = await desk.run("Get-QueueDigest", byServer);
  assert.deepEqual(
    servers.map(({ GroupByValue }) => GroupByValue),
    ["mx2.contoso.test", "mail.contoso.test"],
  );
});

test("several queues are acted on by one cmdlet, each of them once", async () => {
  const desk = new FakeDesk();
  desk.queues = [sampleQueue(0, ""), sampleQueue(3, "a.test"), sampleQueue(4, "b.test")];
  const Identity = ["mail\\3", "b.test", "*.test"];
  const planned = await desk.records("Suspend-Queue", { Identity }, "whatIf");
  const plan = planned.find((one) => one.kind === "plan");
  assert.equal(plan?.kind === "plan" && plan.plan.count, 2);
  const done = await desk.run("Suspend-Queue", { Identity });
  assert.deepEqual(
    done.map((one) => one["Identity"]),
    ["mail\\3", "mail\\4"],
  );
  assert.equal(desk.orders.length, 2);
});
