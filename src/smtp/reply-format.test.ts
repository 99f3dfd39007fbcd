import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatReply, REPLY_LINE_OCTETS_MAX } from "./reply-format.ts";
import { REPLY } from "./reply-table.ts";

const ENHANCED = { enhanced: true };

for (const [why, reply, enhanced, want] of [
  ["one line", { code: 250, status: "2.0.0", lines: ["OK"] }, true, "250 2.0.0 OK\r\n"],
  ["not enhanced", { code: 250, status: "2.0.0", lines: ["OK"] }, false, "250 OK\r\n"],
  ["no status", { code: 220, status: "", lines: ["hi"] }, true, "220 hi\r\n"],
  [
    "lines",
    { code: 550, status: "5.1.1", lines: ["a", "b"] },
    true,
    "550-5.1.1 a\r\n550 5.1.1 b\r\n",
  ],
  [
    "an odd one among them",
    { code: 550, status: "", lines: ["a", "\t"] },
    true,
    "550-a\r\n550 ?\r\n",
  ],
  ["no text", { code: 250, status: "", lines: [] }, true, "250 \r\n"],
  ["forged", { code: 550, status: "", lines: ["a\r\n250 b\0ü"] }, true, "550 a??250 b??\r\n"],
] as const) {
  test(`formatReply: ${why}`, () => assert.equal(formatReply(reply, { enhanced }), want));
}

test("a text at the limit is one line, one past it two", () => {
  const room = REPLY_LINE_OCTETS_MAX - "550 5.1.1 \r\n".length;
  const lines = (count: number) =>
    formatReply({ code: 550, status: "5.1.1", lines: ["x".repeat(count)] }, ENHANCED).split("\r\n")
      .length - 1;
  assert.equal(lines(room), 1);
  assert.equal(lines(room + 1), 2);
});

test("every reply of the table is one that RFC 3463 allows, in lines that fit", () => {
  for (const [name, reply] of Object.entries(REPLY)) {
    const status: string = reply.status;
    assert.ok(status === "" || status.startsWith(`${Math.floor(reply.code / 100)}.`), name);
    const text = formatReply(reply, ENHANCED);
    assert.equal(text.split("\r\n").length - 1, reply.lines.length, name);
    assert.doesNotMatch(text, /\?/, name);
  }
});

test("whatever the text, the lines are well-formed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 1_200 }), { maxLength: 4 }),
      (lines) => {
        const text = formatReply({ code: 451, status: "4.3.0", lines }, ENHANCED);
        assert.match(text, /^(?:451-4\.3\.0 [ -~]*\r\n)*451 4\.3\.0 [ -~]*\r\n$/);
        for (const line of text.split("\r\n")) assert.ok(line.length + 2 <= REPLY_LINE_OCTETS_MAX);
      },
    ),
  );
});
