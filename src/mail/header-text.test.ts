import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeEncodedWords } from "./encoded-word.ts";
import { encodeHeaderText, formatField } from "./header-text.ts";

for (const [why, text, encoded] of [
  ["ASCII stays", "Offer for Bob", "Offer for Bob"],
  ["beyond ASCII becomes an encoded word", "Grüße", "=?utf-8?B?R3LDvMOfZQ==?="],
  ["what looks like an encoded word is one", "=?x?", "=?utf-8?B?PT94Pw==?="],
  ["controls become spaces", "a\r\nBcc: b", "a Bcc: b"],
  ["nothing stays nothing", "", ""],
] as const) {
  test(`encodeHeaderText: ${why}`, () => assert.equal(encodeHeaderText(text), encoded));
}

test("encoded text is read back as it was, in words of at most 75 characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      const encoded = encodeHeaderText(text);
      const clean = text
        .toWellFormed()
        .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
        .trim();
      assert.equal(decodeEncodedWords(encoded.replaceAll("\r\n", "")), clean);
      if (encoded.startsWith("=?")) {
        for (const word of encoded.split("\r\n ")) assert.ok(word.length <= 75, word);
      }
    }),
  );
});

test("a field unfolds to what it was, in lines that servers take", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "é", "😀", "-"), maxLength: 2500 });
  const words = fc.array(fc.oneof(word, fc.string({ unit: fc.constantFrom("x"), maxLength: 9 })));
  fc.assert(
    fc.property(words, (list) => {
      const value = list.join(" ");
      const field = formatField("Diagnostic-Code", value);
      assert.ok(field.endsWith("\r\n"));
      const lines = field.slice(0, -2).split("\r\n");
      for (const [index, line] of lines.entries()) {
        assert.ok(Buffer.byteLength(line) <= 998);
        if (index > 0) assert.match(line, /^ .*\S/);
      }
      // A word past the limit gets a space; nothing else changes.
      const unfolded = lines.join("").replaceAll(" ", "");
      assert.equal(unfolded, `Diagnostic-Code:${value.replaceAll(" ", "")}`);
    }),
  );
});

test("a short value is not folded, and a long one at its spaces", () => {
  assert.equal(formatField("To", "<a@b.test>"), "To: <a@b.test>\r\n");
  const value = Array.from({ length: 12 }, () => "twelve chars").join(" ");
  const lines = formatField("X", value).split("\r\n");
  assert.ok(lines.every((line) => line.length <= 76));
  assert.equal(lines.join("").slice(3), value);
});
