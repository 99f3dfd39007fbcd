import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTraceCsv } from "./trace-csv.ts";
import { sortMessages, statusCounts, TraceCollection, type TraceRow } from "./traced-message.ts";

function row(fields: Partial<TraceRow>): TraceRow {
  return {
    Received: "2026-03-01T10:00:00.000Z",
    SenderAddress: "alice@contoso.test",
    RecipientAddress: "bob@fabrikam.test",
    Status: "Delivered",
    Size: 100,
    MessageId: "<1@contoso.test>",
    MessageTraceId: "1",
    ...fields,
  } as TraceRow;
}

test("rows of one message are put together, and the worst of them stands for it", () => {
  const collection = new TraceCollection();
  collection.add([row({}), row({ RecipientAddress: "c@d.test", Status: "Failed" })]);
  collection.add([row({ MessageTraceId: "2", Subject: "hi" }), row({ Status: "Pending" })]);
  const [first, second, third] = collection.messages();
  assert.equal(collection.rowCount, 4);
  assert.equal(third, undefined);
  assert.equal(first?.status, "Failed");
  assert.equal(first?.rows.length, 3);
  assert.equal(first?.subject, undefined);
  assert.equal(second?.subject, "hi");
  assert.deepEqual(statusCounts(first?.rows ?? []), [
    { status: "Failed", count: 1 },
    { status: "Pending", count: 1 },
    { status: "Delivered", count: 1 },
  ]);
});

for (const [key, isAscending, order] of [
  ["received", false, "3 2 1"],
  ["received", true, "1 2 3"],
  ["sender", true, "2 3 1"],
  ["size", false, "3 1 2"],
  ["status", true, "2 3 1"],
  ["subject", true, "3 1 2"],
  ["recipient", true, "3 2 1"],
] as const) {
  test(`sortMessages: by ${key}, ${isAscending ? "up" : "down"}`, () => {
    const collection = new TraceCollection();
    const at = (minute: number) => `2026-03-01T10:0${minute}:00.000Z`;
    collection.add([
      row({ MessageTraceId: "1", Received: at(1), SenderAddress: "Z@x.test", Subject: "b" }),
      row({ MessageTraceId: "2", Received: at(2), Status: "Failed", Size: 5, Subject: "C" }),
      row({ MessageTraceId: "3", Received: at(3), SenderAddress: "b@x.test", Size: 900 }),
    ]);
    const sorted = sortMessages(collection.messages(), { key, isAscending });
    assert.equal(sorted.map(({ id }) => id).join(" "), order);
  });
}

for (const [subject, field] of [
  ["plain", "plain"],
  ['He said "no", twice', '"He said ""no"", twice"'],
  ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@sum", "'@sum"],
  ["two\r\nlines", '"two\r\nlines"'],
] as const) {
  test(`formatTraceCsv: ${JSON.stringify(subject)}`, () => {
    const [names = "", line = ""] = formatTraceCsv([row({ Subject: subject })]).split(
      /\r\n(?=2)|\r\n$/,
    );
    assert.match(names, /^Received,SenderAddress,RecipientAddress,Subject,/);
    assert.ok(line.includes(`fabrikam.test,${field},Delivered`), line);
  });
}

test("formatTraceCsv: no column of what the server keeps back", () => {
  assert.ok(!formatTraceCsv([row({ Subject: null })]).includes("Subject"));
  assert.ok(formatTraceCsv([]).includes("Subject"));
});
