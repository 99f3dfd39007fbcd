import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatServerReply,
  REPLY_BYTES_MAX,
  REPLY_LINE_BYTES_MAX,
  REPLY_LINES_MAX,
  REPLY_TEXT_MAX,
  type ReplyItem,
  ReplyParser,
  safeText,
  statusOfReply,
} from "./reply-parser.ts";

function read(text: string | Uint8Array, cuts: readonly number[] = []): ReplyItem[] {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const parser = new ReplyParser();
  const items: ReplyItem[] = [];
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  let start = 0;
  for (const end of ends.sort((left, right) => left - right)) {
    // A copy per piece, overwritten afterwards: the parser must not keep what it was lent.
    const piece = Buffer.from(bytes.subarray(start, end));
    parser.push(piece);
    for (let item = parser.next(); item !== undefined; item = parser.next()) {
      items.push(item);
      if (item.kind === "fault") return items;
    }
    piece.fill(0);
    start = end;
  }
  return items;
}

const brief = (item: ReplyItem) =>
  item.kind === "fault" ? item.text : formatServerReply(item.reply);

for (const [why, text, want] of [
  ["one line", "250 2.1.0 Sender OK\r\n", ["250 2.1.0 Sender OK"]],
  ["two replies at once", "250 a\r\n354 b\r\n", ["250 a", "354 b"]],
  ["several lines", "250-one\r\n250-two\r\n250 three\r\n", ["250 one two three"]],
  ["repeated status", "550-5.1.1 No such\r\n550 5.1.1 user\r\n", ["550 5.1.1 No such user"]],
  ["no text", "250\r\n", ["250"]],
  ["no text, with separator", "250 \r\n", ["250"]],
  ["hyphen without text", "250-\r\n250 x\r\n", ["250 x"]],
  ["bare LF", "250 a\n250 b\n", ["250 a", "250 b"]],
  ["last code counts within a class", "550-a\r\n554 b\r\n", ["554 a b"]],
  ["codes of two classes", "250-a\r\n550 b\r\n", ["codes 250 and 550 in one reply"]],
  ["controls", "550 a\u0000b\rc\tdé\u0085\r\n", ["550 a?b?c dé?"]],
  ["broken UTF-8 is replaced", Buffer.from([0x32, 0x35, 0x30, 0x20, 0xff, 13, 10]), ["250 \ufffd"]],
  ["not a reply", "HTTP/1.1 400 Bad Request\r\n", ["not a reply: HTTP/1.1 400 Bad Request"]],
  ["code out of range", "199 x\r\n", ["not a reply: 199 x"]],
  ["code past the range", "600 x\r\n", ["not a reply: 600 x"]],
  ["four digits", "2500 x\r\n", ["not a reply: 2500 x"]],
  ["empty line", "\r\n", ["not a reply: "]],
  ["incomplete", "250 a\r\n250 b", ["250 a"]],
] as const) {
  test(`reply: ${why}`, () => assert.deepEqual(read(text).map(brief), want));
}

test("reply: line at the limit and one past it, in one piece and byte by byte", () => {
  for (const cuts of [[], Array.from({ length: REPLY_LINE_BYTES_MAX + 1 }, (_, index) => index)]) {
    const fits = `250 ${"x".repeat(REPLY_LINE_BYTES_MAX - 6)}\r\n`;
    assert.equal(read(fits, cuts)[0]?.kind, "reply");
    assert.deepEqual(read(`250 x${fits.slice(4)}`, cuts).map(brief), ["reply line too long"]);
  }
});

test("reply: a line that never ends is given up, not kept", () => {
  const parser = new ReplyParser();
  parser.push(Buffer.alloc(REPLY_LINE_BYTES_MAX, "2"));
  assert.equal(parser.next(), undefined);
  parser.push(Buffer.from("2"));
  assert.equal(parser.next()?.kind, "fault");
  parser.push(Buffer.from("250 late\r\n"));
  assert.equal(parser.next()?.kind, "fault");
});

test("reply: number of lines and of octets at the limit and one past it", () => {
  const lines = "250-x\r\n".repeat(REPLY_LINES_MAX - 1);
  assert.equal(read(`${lines}250 x\r\n`)[0]?.kind, "reply");
  assert.deepEqual(read(`${lines}250-x\r\n250 x\r\n`).map(brief), ["reply too long"]);
  const big = `250-${"x".repeat(1020)}\r\n`.repeat(REPLY_BYTES_MAX / 1024 - 1);
  assert.equal(read(`${big}250 ${"x".repeat(1020)}\r\n`)[0]?.kind, "reply");
  assert.deepEqual(read(`${big}250 ${"x".repeat(1021)}\r\n`).map(brief), ["reply too long"]);
});

test("reply: the formatted text is bounded", () => {
  const reply = { code: 550, lines: Array.from({ length: 20 }, () => "y".repeat(500)) };
  assert.equal(formatServerReply(reply).length, REPLY_TEXT_MAX);
});

for (const [code, line, want] of [
  [550, "5.1.1 x", "5.1.1"],
  [550, "5.1.1", "5.1.1"],
  [550, "5.1.1x", ""],
  [450, "5.1.1 x", ""],
  [250, "2.1.5", "2.1.5"],
  [550, "5.1.1234 x", ""],
  [550, "no such user 5.1.1", ""],
] as const) {
  test(`status of "${code} ${line}"`, () => {
    assert.equal(statusOfReply({ code, lines: [line] }), want);
  });
}

test("reply: isEmpty sees a part of a line and an unfinished reply", () => {
  for (const [text, want] of [
    ["220 go\r\n", true],
    ["220 go\r\n2", false],
    ["220-go\r\n", false],
  ] as const) {
    const parser = new ReplyParser();
    parser.push(Buffer.from(text));
    while (parser.next() !== undefined);
    assert.equal(parser.isEmpty(), want, text);
  }
  const parser = new ReplyParser();
  parser.push(Buffer.from("220 go\r\n250 more\r\n"));
  assert.equal(parser.next()?.kind, "reply");
  assert.equal(parser.isEmpty(), false);
});

const replyish = fc.array(
  fc.oneof(
    fc.constantFrom(
      "250 ok\r\n",
      "250-more\r\n",
      "550 5.1.1 no\r\n",
      "\n",
      "\r",
      "2",
      "421\r\n",
      "250",
    ),
    fc.string({ maxLength: 8 }),
  ),
  { maxLength: 30 },
);

test("property: the cuts make no difference", () => {
  fc.assert(
    fc.property(replyish, fc.array(fc.nat(), { maxLength: 20 }), (parts, cuts) => {
      const text = parts.join("");
      assert.deepEqual(read(text, cuts), read(text));
    }),
  );
});

test("fuzz: any bytes give clean replies or a fault, and never a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), replyish, (noise, parts) => {
      const bytes = Buffer.concat([Buffer.from(parts.join("")), noise]);
      for (const item of read(bytes)) {
        const text = brief(item);
        assert.equal(safeText(text), text);
        assert.ok(!/[\r\n\0]/.test(text));
      }
    }),
    { numRuns: 500 },
  );
});
