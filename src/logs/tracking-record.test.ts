import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvField } from "../transport/tracking/csv.ts";
import { splitCsvLine } from "./csv-line.ts";
import { sampleLine } from "./tracking-lines.fake.ts";
import { parseTrackingLine } from "./tracking-record.ts";

for (const [line, values] of [
  ["", [""]],
  ["a,b", ["a", "b"]],
  [`a,"b,c",d`, ["a", "b,c", "d"]],
  [`"say ""hi""",`, [`say "hi"`, ""]],
  [`"",""`, ["", ""]],
  [`"never closed, it goes on`, ["never closed, it goes on"]],
  [`"closed"and more,b`, [`closed"and more`, "b"]],
] as const) {
  test(`splitCsvLine: ${line}`, () => {
    assert.deepEqual(splitCsvLine(line), values);
  });
}

test("splitCsvLine reads back what csvField has written (property)", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (values) => {
      const clean = values.map((value) => value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "));
      assert.deepEqual(splitCsvLine(values.map(csvField).join(",")), clean);
    }),
  );
});

test("parseTrackingLine never throws, and reads nothing but whole lines (fuzz)", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(600), (text, cut) => {
      assert.equal(parseTrackingLine(text), undefined);
      const line = sampleLine({ "message-subject": text }).trimEnd();
      const part = line.slice(0, cut);
      if (part !== line) parseTrackingLine(part);
      assert.ok(parseTrackingLine(line) !== undefined);
    }),
  );
});

test("parseTrackingLine: recipients and their answers are lists, one keeps its semicolon", () => {
  const two = parseTrackingLine(
    sampleLine({
      "recipient-address": `"x,y"@b.test;c@d.test`,
      "recipient-status": "250 OK;550 5.1.1 No, nobody",
      "recipient-count": "2",
    }).trimEnd(),
  );
  assert.deepEqual(two?.recipients, [`"x,y"@b.test`, "c@d.test"]);
  assert.deepEqual(two?.recipientStatuses, ["250 OK", "550 5.1.1 No, nobody"]);
  const one = parseTrackingLine(
    sampleLine({ "recipient-address": `"x;y"@b.test`, "recipient-status": "550 a;b" }).trimEnd(),
  );
  assert.deepEqual(one?.recipients, [`"x;y"@b.test`]);
  assert.deepEqual(one?.recipientStatuses, ["550 a;b"]);
});

for (const [why, line] of [
  ["a comment", "#Fields: date-time,client-ip"],
  ["too few fields", "2026-03-01T10:00:00.000Z,a,b"],
  ["too many fields", `${sampleLine({}).trimEnd()},more`],
  [
    "no time",
    sampleLine({})
      .trimEnd()
      .replace(/^[^,]*/, "yesterday"),
  ],
] as const) {
  test(`parseTrackingLine: ${why} is no event`, () => {
    assert.equal(parseTrackingLine(line), undefined);
  });
}
