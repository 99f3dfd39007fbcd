import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LineEndNormalizer } from "./line-ends.ts";

function normalize(text: string, size = 1000): string {
  const normalizer = new LineEndNormalizer();
  const bytes = Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(Buffer.from(normalizer.write(bytes.subarray(at, at + size))));
  }
  pieces.push(normalizer.end());
  return Buffer.concat(pieces).toString();
}

for (const [text, want] of [
  ["", ""],
  ["a\r\nb\r\n", "a\r\nb\r\n"],
  ["a\nb\n", "a\r\nb\r\n"],
  ["a\rb\r", "a\r\nb\r\n"],
  ["a\r\r\nb", "a\r\n\r\nb\r\n"],
  ["a\n\n\r\n", "a\r\n\r\n\r\n"],
  ["a\n\rb", "a\r\n\r\nb\r\n"],
  ["\n", "\r\n"],
] as const) {
  test(`LineEndNormalizer: ${JSON.stringify(text)}`, () => {
    for (const size of [1, 2, 3, 1000]) assert.equal(normalize(text, size), want);
  });
}

test("it keeps all else, and leaves no bare CR or LF, however the text is cut", () => {
  const text = fc
    .array(fc.constantFrom("\r", "\n", "\r\n", "a", "ü", "\0"), { maxLength: 30 })
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 10 }), (input, size) => {
      const output = normalize(input, size);
      assert.equal(output, normalize(input));
      assert.equal(output.replace(/[\r\n]/g, ""), input.replace(/[\r\n]/g, ""));
      assert.doesNotMatch(output, /\r(?!\n)|(?<!\r)\n/);
    }),
  );
});

test("it tells of 8-bit octets and NUL", () => {
  const plain = new LineEndNormalizer();
  plain.write(Buffer.from("abc\r\n\x7f"));
  assert.deepEqual([plain.has8Bit, plain.hasNul], [false, false]);
  plain.write(Buffer.from("ü"));
  assert.deepEqual([plain.has8Bit, plain.hasNul], [true, false]);
  plain.write(Buffer.from("\0"));
  assert.deepEqual([plain.has8Bit, plain.hasNul], [true, true]);
});
