import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeEncodedWords } from "./encoded-word.ts";

for (const [why, text, want] of [
  ["plain text stays", "a = b?", "a = b?"],
  ["Q", "=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_K=c3=b6ln?=", "Grüße aus Köln"],
  ["B", "Re: =?UTF-8?B?R3LDvMOfZQ==?= an alle", "Re: Grüße an alle"],
  ["Latin 1", "=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"],
  ["ASCII", "=?us-ascii?q?a?= b", "a b"],
  ["a language", "=?utf-8*de?q?Gr=C3=BC?=", "Grü"],
  ["space between words goes", "=?utf-8?q?a?= \r\n =?utf-8?q?b?=", "ab"],
  ["space between charsets goes", "=?utf-8?q?a?= =?us-ascii?q?b?=", "ab"],
  ["text between words stays", "=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"],
  ["a character in two words", "=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"],
  ["unknown charset", "a =?x-nope?q?b?= =?utf-8?q?c?=", "a =?x-nope?q?b?= c"],
  ["bad hexadecimal", "=?utf-8?q?=ZZ=4?=", "=ZZ=4"],
  ["not closed", "=?utf-8?q?abc", "=?utf-8?q?abc"],
  ["invalid UTF-8", "=?utf-8?q?=ff?=", "\ufffd"],
  ["charset too long", `=?${"x".repeat(41)}?q?a?=`, `=?${"x".repeat(41)}?q?a?=`],
] as const) {
  test(`decodeEncodedWords: ${why}`, () => assert.equal(decodeEncodedWords(text), want));
}

test("what is encoded is decoded, however it is cut into words", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom("b", "q"),
      (text, size, encoding) => {
        const bytes = Buffer.from(text);
        const words: string[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          const piece = bytes.subarray(at, at + size);
          const body =
            encoding === "b"
              ? piece.toString("base64")
              : piece.toString("hex").toUpperCase().replace(/../g, "=$&");
          words.push(`=?utf-8?${encoding}?${body}?=`);
        }
        assert.equal(decodeEncodedWords(words.join("\r\n ")), text);
      },
    ),
  );
});

test("any text is decoded without a throw", () => {
  const piece = fc.oneof(
    fc.constantFrom("=?", "?=", "?q?", "?B?", "utf-8", "=", " ", "*"),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      assert.equal(typeof decodeEncodedWords(pieces.join("")), "string");
    }),
  );
});
