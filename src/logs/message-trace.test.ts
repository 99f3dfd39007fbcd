import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "./message-outcome.ts";
import { type TraceQuery, type TraceRow, traceMessages } from "./message-trace.ts";
import { SAMPLE_STORY, sampleEvent, sampleRecord } from "./sample-story.fake.ts";
import { addressPattern, partPattern, wildcardPattern } from "./text-pattern.ts";
import { SAMPLE_MS } from "./tracking-lines.fake.ts";
import { fakeTrackingLog } from "./tracking-log.fake.ts";
import type { TrackingRecord } from "./tracking-record.ts";

const ALL_TIME = { startMs: SAMPLE_MS, endMs: SAMPLE_MS + 10_000_000 };

async function trace(
  records: readonly TrackingRecord[],
  query: Partial<TraceQuery>,
): Promise<readonly TraceRow[]> {
  const rows: TraceRow[] = [];
  const log = fakeTrackingLog(records);
  const steps = traceMessages(log, { ...ALL_TIME, ...query }, new AbortController().signal);
  for await (const step of steps) if (step.kind === "row") rows.push(step.row);
  return rows;
}

const shown = (rows: readonly TraceRow[]) =>
  rows.map(({ recipient: one }) => `${one.recipient} ${one.status}`);

test("outcomeOf: one row for each recipient, by the last thing heard of it", () => {
  const outcome = outcomeOf(SAMPLE_STORY);
  assert.deepEqual(
    outcome?.recipients.map(({ recipient, status, via }) => [recipient, status, via]),
    [
      ["team@contoso.test", "Expanded", []],
      ["someone@fabrikam.test", "Delivered", ["team@contoso.test"]],
      ["bob@contoso.test", "Pending", ["team@contoso.test"]],
      ["alice@contoso.test", "Delivered", ["a.smith@contoso.test"]],
      ["dave@wingtip.test", "Failed", ["carol@contoso.test"]],
    ],
  );
  assert.equal(outcome?.receivedMs, SAMPLE_MS);
  assert.equal(outcome?.isWhole, true);
  assert.deepEqual(outcome?.internalMessageIds, ["17", "18"]);
  assert.equal(outcome?.fromIp, "192.0.2.9");
  const dave = outcome?.recipients.at(-1);
  assert.equal(dave?.detail, "550 5.1.1 No, nobody");
});

test("outcomeOf: who forwards and keeps a copy has a row of his own", () => {
  const outcome = outcomeOf([
    sampleRecord({ "recipient-address": "carol@contoso.test" }),
    sampleEvent("REDIRECT", "d@e.test", { "related-recipient-address": "carol@contoso.test" }, 1),
    sampleEvent("DELIVER", "carol@contoso.test", {}, 2),
  ]);
  const rows = outcome?.recipients.map(({ recipient, status }) => `${recipient} ${status}`);
  assert.deepEqual(rows, ["carol@contoso.test Delivered", "d@e.test Pending"]);
});

for (const [why, events, status] of [
  ["put off", ["DEFER"], "Pending"],
  ["put off, then sent", ["DEFER", "SEND"], "Delivered"],
  ["set aside", ["POISONMESSAGE"], "Pending"],
  ["failed, and the notice of it", ["FAIL", "DSN"], "Failed"],
  ["dropped", ["DROP"], "Failed"],
  ["held for approval", ["INITMESSAGECREATED"], "Pending"],
  ["approved and delivered", ["INITMESSAGECREATED", "MODERATORAPPROVE", "DELIVER"], "Delivered"],
  ["rejected", ["INITMESSAGECREATED", "FAIL", "MODERATORREJECT", "DSN"], "Failed"],
  ["nothing yet", [], "Pending"],
] as const) {
  test(`outcomeOf: ${why} is ${status}`, () => {
    const records = ["RECEIVE", ...events].map((event, at) =>
      sampleEvent(event, "b@c.test", {}, at),
    );
    assert.equal(outcomeOf(records)?.recipients[0]?.status, status);
  });
}

test("outcomeOf: what waits for approval says so, and no more once it is approved", () => {
  const about = { source: "APPROVAL", "source-context": "board@contoso.test" };
  const held = sampleEvent("INITMESSAGECREATED", "b@c.test", about);
  const detail = outcomeOf([held])?.recipients[0]?.detail;
  assert.equal(detail, "waits for approval, because of board@contoso.test");
  const by = { source: "APPROVAL", "source-context": "Approve-ModeratedMessage;by=carol" };
  const approved = outcomeOf([held, sampleEvent("MODERATORAPPROVE", "b@c.test", by, 1)]);
  assert.equal(approved?.recipients[0]?.detail, "Approve-ModeratedMessage;by=carol");
});

for (const [why, query, rows] of [
  ["all of it", {}, 5],
  ["by sender", { sender: addressPattern("alice@contoso.test") }, 5],
  ["by another sender", { sender: addressPattern("eve@contoso.test") }, 0],
  ["by a recipient as it was written", { recipients: [addressPattern("a.smith@contoso.test")] }, 1],
  ["by a member: the group is none of it", { recipients: [addressPattern("someone@*")] }, 1],
  ["by group: all its members", { recipients: [addressPattern("team@contoso.test")] }, 3],
  ["by status", { statuses: ["Delivered"] }, 2],
  ["by status and its event", { statuses: ["Failed"] }, 1],
  ["by subject", { subject: partPattern("hello") }, 5],
  ["by another subject", { subject: partPattern("goodbye") }, 0],
  ["by message id", { messageId: wildcardPattern("<one@contoso.test>") }, 5],
  ["by connector", { connector: wildcardPattern("internet") }, 1],
  ["by where it went", { toIp: wildcardPattern("198.51.100.7") }, 1],
  ["by an address that sent it", { participants: [addressPattern("alice@contoso.test")] }, 5],
  ["by an address that got it", { participants: [addressPattern("someone@fabrikam.test")] }, 1],
  ["by a domain that sent or got it", { participants: [addressPattern("@fabrikam.test")] }, 1],
  [
    "by two that have to do with it",
    { participants: [addressPattern("@fabrikam.test"), addressPattern("alice@contoso.test")] },
    1,
  ],
  [
    "by two, of which one has nothing to do with it",
    { participants: [addressPattern("@fabrikam.test"), addressPattern("e@f.test")] },
    0,
  ],
  [
    "by an address that has nothing to do with it",
    { participants: [addressPattern("e@f.test")] },
    0,
  ],
  ["by an IP address: the client's", { anyIp: wildcardPattern("192.0.2.9") }, 5],
  ["by an IP address: the hop's", { anyIp: wildcardPattern("198.51.100.7") }, 1],
  ["by number", { internalMessageId: "17" }, 5],
  [
    "by alias and the connector that it left by",
    {
      recipients: [addressPattern("team@contoso.test")],
      connector: wildcardPattern("Internet"),
    },
    1,
  ],
  ["received before", { startMs: SAMPLE_MS + 1 }, 0],
  ["received after", { endMs: SAMPLE_MS }, 0],
] as const satisfies readonly (readonly [string, Partial<TraceQuery>, number])[]) {
  test(`traceMessages: ${why}`, async () => {
    const found = await trace(SAMPLE_STORY, query);
    assert.equal(found.length, rows, shown(found).join(", "));
  });
}

test("traceMessages: many messages, newest first, each once", async () => {
  const records = Array.from({ length: 250 }, (_, at) =>
    ["RECEIVE", "SEND"].map((event) =>
      sampleEvent(event, "b@c.test", { "network-message-id": `id-${at}` }, at * 10),
    ),
  ).flat();
  const rows = await trace(records, {});
  const ids = rows.map(({ message }) => message.networkMessageId);
  assert.deepEqual(
    ids,
    Array.from({ length: 250 }, (_, at) => `id-${249 - at}`),
  );
  assert.ok(rows.every(({ recipient }) => recipient.status === "Delivered"));
});
