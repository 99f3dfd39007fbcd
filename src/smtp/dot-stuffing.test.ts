import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DotStuffer } from "./dot-stuffing.ts";

function stuff(pieces: readonly string[]): string {
  const stuffer = new DotStuffer();
  const out = pieces.map((piece) => Buffer.from(stuffer.stuff(Buffer.from(piece))).toString());
  return out.join("") + stuffer.end();
}

for (const [why, pieces, want] of [
  ["nothing to do", ["a\r\nb\r\n"], "a\r\nb\r\n.\r\n"],
  ["no content", [], ".\r\n"],
  ["empty piece", [""], ".\r\n"],
  ["first line", [".a\r\n"], "..a\r\n.\r\n"],
  ["each line", [".\r\n..\r\n.\r\n"], "..\r\n...\r\n..\r\n.\r\n"],
  ["no line end at the end", ["a"], "a\r\n.\r\n"],
  ["CR alone at the end", ["a\r"], "a\r\r\n.\r\n"],
  ["LF alone at the end", ["a\n"], "a\n\r\n.\r\n"],
  ["CRLF cut through", ["a\r", "\n"], "a\r\n.\r\n"],
  ["dot behind a cut", ["a\r\n", ".b\r\n"], "a\r\n..b\r\n.\r\n"],
  ["dot behind a cut in CRLF", ["a\r", "\n.b\r\n"], "a\r\n..b\r\n.\r\n"],
  ["dot in a line", ["a.b", ".c\r\n"], "a.b.c\r\n.\r\n"],
  ["bare LF and dot (smuggling)", ["a\n.\r\nMAIL\r\n"], "a\n..\r\nMAIL\r\n.\r\n"],
] as const) {
  test(`dot-stuffing: ${why}`, () => assert.equal(stuff(pieces), want));
}

test("content without a leading dot is passed on uncopied", () => {
  const piece = Buffer.from("a.\r\nb\r\n");
  assert.equal(new DotStuffer().stuff(piece), piece);
});

/** What a server does (RFC 5321 §4.5.2). */
function unstuff(text: string): string {
  const end = text.indexOf("\r\n.\r\n");
  const body = text.startsWith(".\r\n") ? "" : text.slice(0, end + 2);
  assert.equal(text.length, text.startsWith(".\r\n") ? 3 : end + 5, "one end of data, at the end");
  return body.replace(/^\./, "").replaceAll("\r\n.", "\r\n");
}

test("property: a server gets back what was sent, however it is cut, and one end of data", () => {
  const line = fc.constantFrom(".", "..", "a", "", ".a", "a.b").map((text) => `${text}\r\n`);
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 10 }), (lines, cuts) => {
      const text = lines.join("");
      const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length];
      const pieces: string[] = [];
      let start = 0;
      for (const end of ends.sort((left, right) => left - right)) {
        pieces.push(text.slice(start, end));
        start = end;
      }
      assert.equal(unstuff(stuff(pieces)), text);
    }),
  );
});
