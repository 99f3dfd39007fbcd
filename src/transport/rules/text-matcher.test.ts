import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileMatcher } from "./text-matcher.ts";

for (const [word, text, isFound] of [
  ["secret", "It is secret.", true],
  ["secret", "SECRET", true],
  ["secret", "secrets", false],
  ["secret", "top-secret", true],
  ["secret", "top_secret", false],
  ["secret", "secret2", false],
  ["secret", "secrets and secret", true],
  ["C++", "a C++ book", true],
  ["C++", "C++11", true],
  [".com", "example.com", true],
  [".com", "example.community", false],
  ["top secret", "top\r\n  secret", true],
  ["top secret", "top\u00a0secret", true],
  ["größe", "GRÖSSE", false],
  ["größe", "Größe", true],
  ["gr", "größe", false],
  ["ßе", "größе", false],
  ["*", "a * b", true],
  ["sa*e", "sale", false],
  ["日本", "日本語", false],
  ["😀", "a😀b", true],
  ["b", "😀b", true],
  ["𝒶", "x𝒶", false],
] as const) {
  test(`the word ${word} is ${isFound ? "" : "not "}in ${JSON.stringify(text)}`, () => {
    assert.equal(compileMatcher("words", [word]).find(text), isFound ? word : undefined);
  });
}

test("patterns are found anywhere, in any case, and say which one it was", () => {
  const matcher = compileMatcher("patterns", ["^x", "s[ea]cret$"]);
  assert.equal(matcher.find("Top SACRET"), "s[ea]cret$");
  assert.equal(matcher.find("secret things"), undefined);
});

test("a pattern that makes others run away is matched in linear time", () => {
  const matcher = compileMatcher("patterns", ["^(a+)+$", "(x|xx|xxx)*y"]);
  // Others would need more steps than there are atoms.
  assert.equal(matcher.find(`${"a".repeat(50_000)}b`), undefined);
  assert.equal(matcher.find("x".repeat(50_000)), undefined);
});

test("a word that stands alone is found wherever it is", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, behind) => {
      assert.equal(
        compileMatcher("words", ["needle"]).find(`${before} needle ${behind}`),
        "needle",
      );
    }),
  );
});

test("what is found as a word is in the text, whatever both are", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), fc.string(), (word, text) => {
      const found = compileMatcher("words", [word]).find(text);
      if (found !== undefined) {
        const fold = (one: string) => one.toLowerCase().replace(/\s+/g, " ");
        assert.ok(fold(text).includes(fold(word)));
      }
    }),
  );
});
