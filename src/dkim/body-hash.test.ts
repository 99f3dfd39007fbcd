import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { RelaxedBodyHash } from "./body-hash.ts";

/** The relaxed form as RFC 6376 §3.4.4 says it, of a whole body. */
function relaxed(body: string): string {
  const lines = body.split("\r\n").map((line) => line.replace(/[ \t]+/g, " ").replace(/ $/, ""));
  const text = lines.join("\r\n").replace(/(?:\r\n)*$/, "");
  return text === "" ? "" : `${text}\r\n`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(Buffer.from(text, "latin1")).digest("base64");
}

function hashInPieces(body: string, cuts: readonly number[]): string {
  const hash = new RelaxedBodyHash();
  const bytes = Buffer.from(body, "latin1");
  let from = 0;
  for (const cut of [...cuts].sort((left, right) => left - right)) {
    const to = Math.min(cut, bytes.length);
    hash.push(bytes.subarray(from, to));
    from = to;
  }
  hash.push(bytes.subarray(from));
  return hash.end();
}

for (const [why, body, want] of [
  ["an empty body is empty", "", ""],
  ["blank lines alone are an empty body", "\r\n \t\r\n\r\n", ""],
  ["a last line without CRLF gets one", "a", "a\r\n"],
  ["white space at the end of all", "a \t", "a\r\n"],
  ["blank lines inside stay", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"],
  ["blank lines before the text stay", "\r\n\r\na\r\n", "\r\n\r\na\r\n"],
  ["a line of spaces is blank", "a\r\n \t \r\nb", "a\r\n\r\nb\r\n"],
  ["a CR alone and an LF alone are text", "a \rb\nc \n\r\n", "a \rb\nc \n\r\n"],
  ["two CRs before an LF", "a\r\r\n", "a\r\r\n"],
  ["a CR at the end", "a\r", "a\r\r\n"],
  ["every byte counts", "\0\xff\x7f\r\n", "\0\xff\x7f\r\n"],
] as const) {
  test(`relaxed body: ${why}`, () => {
    assert.equal(hashInPieces(body, []), hashOf(want));
    assert.equal(
      hashInPieces(
        body,
        [...body].map((_, index) => index),
      ),
      hashOf(want),
    );
  });
}

test("relaxed body: the hash is the same however the body is cut", () => {
  const text = fc
    .array(fc.constantFrom("a", "\xe9", " ", "\t", "\r\n", "\r\n\r\n", "\r", "\n", "\0", "bc d"), {
      maxLength: 60,
    })
    .map((parts) => parts.join(""));
  const cuts = fc.array(fc.nat(80), { maxLength: 12 });
  fc.assert(
    fc.property(text, cuts, (body, at) => {
      assert.equal(hashInPieces(body, at), hashOf(relaxed(body)));
    }),
    { numRuns: 2000 },
  );
});

test("relaxed body: blank lines beyond counting, written when something follows them", () => {
  const lines = "\r\n".repeat(100_000);
  const hash = new RelaxedBodyHash();
  hash.push(Buffer.from(`a${lines}`));
  hash.push(Buffer.from(lines));
  hash.push(Buffer.from("b"));
  assert.equal(hash.end(), hashOf(`a${lines}${lines}b\r\n`));
  assert.equal(hashInPieces(`a${lines}`, [7]), hashOf("a\r\n"));
});
