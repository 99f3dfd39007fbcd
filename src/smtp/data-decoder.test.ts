import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ChunkScanner, DataDecoder } from "./data-decoder.ts";

interface Decoded {
  readonly content: string;
  readonly fault: string | undefined;
  readonly rest: string | undefined;
}

/** Decodes a stream cut into pieces of the given lengths, used in turn. */
function decode(text: string, lengths: readonly number[]): Decoded {
  const decoder = new DataDecoder({ bareLineFeed: "reject" });
  const stream = Buffer.from(text, "latin1");
  let content = "";
  for (let start = 0, turn = 0; start < stream.length; turn += 1) {
    const end = Math.min(stream.length, start + (lengths[turn % lengths.length] ?? 1));
    const piece = Buffer.from(stream.subarray(start, end));
    const read = decoder.decode(piece, 0);
    content += piece.toString("latin1", 0, decoder.contentEnd);
    start += read;
    if (decoder.ended) return { content, fault: decoder.fault, rest: text.slice(start) };
  }
  return { content, fault: decoder.fault, rest: undefined };
}

/** What RFC 5321 says, in the plainest way, for content without faults. */
function stuff(content: string): string {
  return `${content.replace(/^\./gm, "..")}.\r\n`;
}

const lines = fc
  .array(fc.stringMatching(/^[.a\xff ]{0,6}$/), { maxLength: 30 })
  .map((all) => all.map((line) => `${line}\r\n`).join(""));
const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });

test("what a client stuffs comes out as it was, however it is cut", () => {
  fc.assert(
    fc.property(lines, lengths, (content, cuts) => {
      assert.deepEqual(decode(`${stuff(content)}NOOP\r\n`, cuts), {
        content,
        fault: undefined,
        rest: "NOOP\r\n",
      });
    }),
    { numRuns: 1_000 },
  );
});

test("any bytes in any cut are read as when they come all at once", () => {
  const bytes = fc
    .array(fc.constantFrom("\r", "\n", ".", "\0", "a", "\r\n", "\r\n.\r\n"), { maxLength: 40 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(bytes, lengths, (text, cuts) => {
      const whole = decode(text, [text.length + 1]);
      assert.deepEqual(decode(text, cuts), whole);
      // The end is the first CRLF.CRLF, the CRLF before the first byte included, fault or not.
      const end = `\r\n${text}`.indexOf("\r\n.\r\n");
      assert.equal(whole.rest, end < 0 ? undefined : text.slice(end + 3));
    }),
    { numRuns: 3_000 },
  );
});

test("content after a fault is dropped, content before it is not", () => {
  assert.deepEqual(decode("one\r\ntwo\nthree\r\n.\r\n", [100]), {
    content: "one\r\ntwo",
    fault: "bare-line-feed",
    rest: "",
  });
});

test("ordinary content is not copied", () => {
  const piece = Buffer.from("a line\r\nanother\r\n");
  const before = Buffer.from(piece);
  const decoder = new DataDecoder({ bareLineFeed: "reject" });
  assert.equal(decoder.decode(piece, 0), piece.length);
  assert.equal(decoder.contentEnd, piece.length);
  assert.deepEqual(piece, before);
});

for (const [why, pieces, want] of [
  ["nothing wrong", ["a\r\n\r\nb"], undefined],
  ["CRLF across pieces", ["a\r", "\nb"], undefined],
  ["LF", ["a\r\nb", "\nc"], { fault: "bare-line-feed", offset: 0 }],
  ["CR", ["a\r", "b"], { fault: "bare-carriage-return", offset: 0 }],
  ["CR CR", ["a\r\r\n"], { fault: "bare-carriage-return", offset: 2 }],
  ["NUL", ["ab\0"], { fault: "nul", offset: 2 }],
] as const) {
  test(`chunks: ${why}`, () => {
    const scanner = new ChunkScanner({ bareLineFeed: "reject" });
    const found = pieces.map((piece) => scanner.scan(Buffer.from(piece)));
    assert.deepEqual(found.at(-1), want);
  });
}

test("a CR at the end of the content is bare", () => {
  const scanner = new ChunkScanner({ bareLineFeed: "reject" });
  scanner.scan(Buffer.from("a\r"));
  assert.equal(scanner.end(), "bare-carriage-return");
});
