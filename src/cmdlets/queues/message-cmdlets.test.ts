import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { HOUR } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import { FakeDesk, sampleLocated, sampleQueue } from "./queue-desk.fake.ts";

function openDesk(): FakeDesk {
  const desk = new FakeDesk();
  const receivedMs = desk.clock.nowMs() - HOUR;
  const queue = sampleQueue(3, "a.test", { status: "Retry" });
  const other = sampleQueue(4, "b.test");
  const submission = sampleQueue(0, "");
  desk.queues = [submission, queue, other];
  desk.located = [
    sampleLocated(queue, { id: 7, receivedMs, contentBytes: 100, subject: "first" }),
    sampleLocated(other, { id: 7, receivedMs, contentBytes: 100, subject: "first" }),
    sampleLocated(queue, { id: 8, receivedMs, contentBytes: 300, priority: "High" }),
    sampleLocated(
      queue,
      { id: 9, receivedMs, contentBytes: 200 },
      { status: "Suspended", recipient: { lastError: "451 Later", attemptCount: 2 } },
    ),
    sampleLocated(submission, { id: 10, receivedMs }, { status: "Active" }),
  ];
  return desk;
}

async function names(desk: FakeDesk, parameters: Readonly<Record<string, unknown>>) {
  return (await desk.run("Get-Message", parameters)).map(({ Identity }) => Identity);
}

test("Get-Message shows every property", async () => {
  const desk = openDesk();
  const [message] = await desk.run("Get-Message", {
    Identity: "mail\\3\\9",
    IncludeRecipientInfo: true,
    IncludeComponentLatencyInfo: true,
  });
  assert.deepEqual(message, {
    Identity: "mail\\3\\9",
    MessageIdentity: "mail\\3\\9",
    InternetMessageId: "<9@b.test>",
    Subject: "Grüße",
    FromAddress: "a@b.test",
    OriginalFromAddress: "a@b.test",
    Recipients: [
      {
        Address: "r0@contoso.test",
        Type: "External",
        FinalDestination: "a.test",
        Status: "Retry",
        LastError: "451 Later",
      },
    ],
    RecipientCount: 1,
    Status: "Suspended",
    Queue: "mail\\3",
    NextHopDomain: "a.test",
    Size: 200,
    SCL: null,
    Priority: "Normal",
    DateReceived: new Date(desk.clock.nowMs() - HOUR).toISOString(),
    ExpirationTime: message?.["ExpirationTime"],
    LastError: "451 Later",
    RetryCount: 2,
    MessageSourceName: "SMTP:Default",
    SourceIP: "127.0.0.1",
    MessageLatency: "01:00:00",
    ComponentLatency: [{ Component: "Total", Latency: "01:00:00" }],
    DeferReason: "None",
    Directionality: "Incoming",
    AccountForest: null,
    ExternalDirectoryOrganizationId: null,
    LockReason: null,
    TrafficType: "Email",
    TrafficSubType: null,
  });
});

const ALL = ["mail\\3\\7", "mail\\4\\7", "mail\\3\\8", "mail\\3\\9", "mail\\Submission\\10"];

for (const [why, parameters, want] of [
  ["all", {}, ALL],
  ["one in all of its queues", { Identity: "7" }, ALL.slice(0, 2)],
  ["one in one queue", { Identity: "b.test\\7" }, ["mail\\4\\7"]],
  ["one in any queue", { Identity: "*\\8" }, ["mail\\3\\8"]],
  ["a queue's", { Queue: "a.test" }, ["mail\\3\\7", "mail\\3\\8", "mail\\3\\9"]],
  ["by filter", { Filter: "Size -ge 200 -and Status -ne 'Suspended'" }, ["mail\\3\\8"]],
  ["a filter that wants one queue", { Filter: "Queue -eq 'mail\\4'" }, ["mail\\4\\7"]],
  ["a filter that wants a queue which is not there", { Filter: "Queue -eq 'mail\\99'" }, []],
  [
    "by recipient",
    { Filter: "Recipients -like '*r0@contoso*' -and Size -eq 100" },
    ALL.slice(0, 2),
  ],
  ["the first ones", { ResultSize: 2 }, ALL.slice(0, 2)],
  ["sorted and cut", { SortOrder: "-Size", ResultSize: 2 }, ["mail\\3\\8", "mail\\3\\9"]],
  [
    "sorted, equal ones by number",
    { SortOrder: "Size", ResultSize: 2 },
    ["mail\\Submission\\10", "mail\\3\\7"],
  ],
  ["from an index", { BookmarkIndex: 4 }, ALL.slice(3)],
  ["after a bookmark", { BookmarkObject: "MAIL\\3\\8", IncludeBookmark: false }, ALL.slice(3)],
  [
    "before a bookmark",
    { BookmarkObject: "mail\\3\\9", SearchForward: false, ResultSize: 2 },
    ALL.slice(2, 4),
  ],
  ["the last ones", { SearchForward: false, ResultSize: 2 }, ALL.slice(3)],
] as const) {
  test(`Get-Message: ${why}`, async () => {
    assert.deepEqual(await names(openDesk(), parameters), want);
  });
}

for (const [cmdlet, parameters, problem] of [
  ["Get-Message", { Identity: "99" }, /no message 99 in a queue now/],
  ["Get-Message", { Identity: "nowhere.test\\7" }, /no queue "nowhere.test"/],
  ["Get-Message", { Identity: "seven" }, /is no identity/],
  ["Get-Message", { BookmarkObject: "mail\\3\\99" }, /not among the results/],
  ["Remove-Message", { Identity: "10" }, /in Submission, where messages cannot be acted on/],
  ["Suspend-Message", {}, /say which message/],
  ["Export-Message", { Identity: "8" }, /message 8 is Retry; suspend it first/],
] as const) {
  test(`${cmdlet} refuses ${JSON.stringify(parameters)}`, async () => {
    await assert.rejects(openDesk().run(cmdlet, parameters), problem);
  });
}

test("more than was asked for is said", async () => {
  const records = await openDesk().records("Get-Message", { ResultSize: 1 });
  assert.match(JSON.stringify(records), /There are more than these 1 results/);
  const sorted = await openDesk().records("Get-Message", { ResultSize: 1, SortOrder: "Size" });
  assert.match(JSON.stringify(sorted), /There are more than these 1 results/);
});

for (const [cmdlet, parameters, act] of [
  ["Suspend-Message", {}, { kind: "suspend" }],
  ["Resume-Message", {}, { kind: "resume" }],
  ["Remove-Message", {}, { kind: "remove", withNdr: true }],
  ["Remove-Message", { WithNDR: false }, { kind: "remove", withNdr: false }],
  [
    "Redirect-Message",
    { NewRecipient: "new@b.test", Recipient: "r0@contoso.test" },
    { kind: "redirect", address: "new@b.test" as Address, from: "r0@contoso.test" as Address },
  ],
] as const) {
  test(`${cmdlet} ${JSON.stringify(parameters)} acts in each queue and is audited`, async () => {
    const desk = openDesk();
    await desk.run(cmdlet, { Identity: "7", ...parameters });
    const order = { messageIds: [7], by: "carol", act };
    assert.deepEqual(desk.orders, [
      { ...order, queue: desk.queues[1]?.key },
      { ...order, queue: desk.queues[2]?.key },
    ]);
    assert.equal(desk.audited[0]?.changes.length, 2);
  });
}

test("an act that has to wait for an attempt says so after a moment", async () => {
  const desk = openDesk();
  desk.isBusy = true;
  const running = desk.records("Suspend-Message", { Identity: "mail\\3\\8" });
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    desk.clock.advance(500);
  }
  const records = await running;
  assert.match(JSON.stringify(records), /is being delivered/);
  assert.match(JSON.stringify(records), /"State":"Pending"/);
});

test("an act on what a filter picks says how many, without Submission, and is a job", async () => {
  const desk = openDesk();
  const parameters = { Filter: "Size -gt 0", WithNDR: false };
  const [plan] = await desk.records("Remove-Message", parameters, "whatIf");
  assert.equal(plan?.kind === "plan" && plan.plan.count, 4);
  assert.deepEqual(desk.orders, []);
  const [job] = await desk.run("Remove-Message", parameters);
  assert.equal(job?.["Act"], "Remove-Message -WithNDR:$false");
  assert.equal(job?.["Expected"], 4);
});

test("an exported message is its envelope and its content, with its edits", async () => {
  const desk = openDesk();
  const [, , , suspended] = desk.located;
  assert(suspended !== undefined);
  const message = {
    ...suspended.message,
    edits: [{ kind: "prepend", text: "Received: by us\r\n" }] as const,
    envelope: {
      ...suspended.message.envelope,
      body: "8BITMIME",
      ret: "HDRS",
      envid: "a b",
    } as const,
  };
  desk.located = [{ ...suspended, message }];
  desk.text = `Subject: x\r\n\r\n${"line\r\n".repeat(100_000)}`;
  const parts = await desk.run("Export-Message", { Identity: "9" });
  assert.ok(parts.length > 3);
  const bytes = Buffer.concat(parts.map((one) => Buffer.from(textOf(one["Content"]), "base64")));
  assert.equal(
    bytes.toString(),
    "X-Sender: <a@b.test> BODY=8BITMIME RET=HDRS ENVID=a+20b\r\n" +
      "X-Receiver: <r0@contoso.test>\r\n" +
      "X-CreatedBy: MSExchange15\r\nX-HeloDomain: b.test\r\nX-Source: Default\r\n" +
      "X-SourceIPAddress: 127.0.0.1\r\nX-EndOfInjectedXHeaders: 0\r\n" +
      `Received: by us\r\n${desk.text}`,
  );
});

test("Get-MessageHeader shows the header alone, and no more than it may", async () => {
  const desk = openDesk();
  desk.text = `Subject: x\u202ey\r\nX-Long: ${"z".repeat(100_000)}\r\n\r\nsecret body\r\n`;
  const [shown] = await desk.run("Get-MessageHeader", { Identity: "7" });
  assert.match(textOf(shown?.["Header"]), /^(?:Received: .*\n)?Subject: x\ufffdy\nX-Long: z+$/);
  assert.equal(shown?.["IsTruncated"], false);
  desk.text = `X-Long: ${"z\r\n ".repeat(200_000)}\r\n\r\n`;
  const [long] = await desk.run("Get-MessageHeader", { Identity: "7" });
  assert.equal(long?.["IsTruncated"], true);
  assert.equal(desk.audited.length, 2);
  await assert.rejects(desk.run("Get-MessageHeader", { Identity: "99" }), /no message 99/);
});

test("all mail is redirected to another server, and every delivery queue is tried", async () => {
  const desk = openDesk();
  const [info] = await desk.run("Redirect-Message", { Target: ["mx2.contoso.test"] });
  assert.deepEqual(desk.redirectedTo, ["mx2.contoso.test"]);
  assert.equal(info?.["Done"], 2);
  assert.deepEqual(desk.audited[0]?.changes[0]?.after, { RedirectedTo: ["mx2.contoso.test"] });
  await desk.run("Redirect-Message", { Stop: true });
  assert.equal(desk.redirectedTo, undefined);
  await assert.rejects(desk.run("Redirect-Message", { Target: ["bad"] }), /no target/);
  await assert.rejects(desk.run("Redirect-Message"), /say where to/);
  await assert.rejects(desk.run("Redirect-Message", { Identity: "7" }), /-NewRecipient/);
});

test("pages of one order are parts of the same whole, until somebody acts", async () => {
  const desk = openDesk();
  let searches = 0;
  const { messages, places } = desk;
  desk.messages = (scope) => {
    // Whole searches take long here; reading a page again does not.
    if (scope.ids === undefined) {
      searches += 1;
      desk.clock.advance(1_000);
    }
    return messages.call(desk, scope);
  };
  const page = (BookmarkIndex: number, more: object = {}) =>
    names(desk, { BookmarkIndex, ResultSize: 2, SortOrder: "-Size", ...more });
  assert.deepEqual(await page(1), ["mail\\3\\8", "mail\\3\\9"]);
  assert.deepEqual(await page(3), ["mail\\3\\7", "mail\\4\\7"]);
  assert.equal(searches, 1);
  await page(1, { Filter: "Size -gt 1" });
  assert.equal(searches, 2, "another filter is another whole");
  await desk.run("Remove-Message", { Identity: "mail\\3\\8" });
  await page(1);
  assert.equal(searches, 3);
  desk.clock.advance(30_000);
  await page(1);
  assert.equal(searches, 4);
  desk.places = (scope) => {
    desk.clock.advance(1_000);
    return places(scope);
  };
  const plain = { BookmarkIndex: 2, ResultSize: 3 };
  assert.deepEqual(await names(desk, plain), ["mail\\4\\7", "mail\\3\\8", "mail\\3\\9"]);
  assert.equal(searches, 4, "without filter and order nothing has to be read for the whole");
});

test("-ReturnPageInfo says how many there are in all, for people and for programs", async () => {
  const desk = openDesk();
  for (const [cmdlet, more, total] of [
    ["Get-Message", { Filter: "Size -gt 150" }, 2],
    ["Get-Message", {}, 5],
    ["Get-Queue", { Filter: "NextHopDomain -like '*.test'" }, 2],
  ] as const) {
    const asked = { ResultSize: 1, ReturnPageInfo: true, ...more };
    const records = await desk.records(cmdlet, asked);
    const progress = records.findLast((one) => one.kind === "progress");
    assert.ok(progress?.kind === "progress");
    assert.equal(progress.progress.total, total, cmdlet);
    assert.equal(progress.progress.done, 1);
    const warning = records.find((one) => one.kind === "warning");
    assert.ok(warning?.kind === "warning" && warning.text === `Results 1 to 1 of ${total}.`);
  }
});

test("several messages are acted on by one cmdlet; those that are gone are told", async () => {
  const desk = openDesk();
  const Identity = ["mail\\3\\8", "mail\\3\\9", "mail\\3\\99", "mail\\77\\8"];
  const planned = await desk.records("Suspend-Message", { Identity }, "whatIf");
  const plan = planned.find((one) => one.kind === "plan");
  assert.equal(plan?.kind === "plan" && plan.plan.count, 2);
  const records = await desk.records("Suspend-Message", { Identity });
  assert.deepEqual(
    desk.orders.map((order) => ("messageIds" in order ? order.messageIds : [])),
    [[8], [9]],
  );
  const warnings = records.flatMap((one) => (one.kind === "warning" ? [one.text] : []));
  assert.match(warnings.join("\n"), /no message mail\\3\\99.*\n.*no queue "77"/);
  const progress = records.findLast((one) => one.kind === "progress");
  assert.ok(progress?.kind === "progress" && progress.progress.total === 2);
  await assert.rejects(desk.run("Remove-Message", { Identity: ["98", "99"] }), /98, 99/);
  await assert.rejects(desk.run("Remove-Message", { Identity: ["8", "x\\y\\z\\8"] }), /identity/);
  assert.equal(desk.orders.length, 2);
});

test("several messages are one archive; one that is not suspended stops it", async () => {
  const desk = openDesk();
  const [third, fourth] = desk.queues.slice(1);
  assert.ok(third !== undefined && fourth !== undefined);
  const suspended = { status: "Suspended" } as const;
  desk.located = [
    sampleLocated(third, { id: 21 }, suspended),
    sampleLocated(fourth, { id: 22 }, suspended),
    sampleLocated(third, { id: 23 }),
  ];
  const parts = await desk.run("Export-Message", { Identity: ["21", "22"] });
  const file = Buffer.concat(parts.map((one) => Buffer.from(textOf(one["Content"]), "base64")));
  assert.equal(file.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");
  const names = file.toString("latin1").match(/\d+\.eml/g);
  assert.deepEqual(names, ["21.eml", "22.eml", "21.eml", "22.eml"]);
  const moving = desk.run("Export-Message", { Identity: ["21", "23"] });
  await assert.rejects(moving, /23 is Retry/);
});
