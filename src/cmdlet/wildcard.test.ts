import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileWildcard, toLikePattern } from "./wildcard.ts";

for (const [pattern, text, isMatch] of [
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["*.test", "Fabrikam.TEST", true],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["*a?c*", "xxabcxx", true],
  ["*ab*abc", "ababc", true],
  ["*ab*abc", "abxabxabc", true],
  ["[192.0.2.1]", "[192.0.2.1]", true],
  ["[ab]", "a", false],
  ["a.c", "abc", false],
] as const) {
  test(`wildcard: ${pattern} ${isMatch ? "matches" : "does not match"} ${text}`, () => {
    assert.equal(compileWildcard(pattern)(text), isMatch);
  });
}

test("wildcard: the same as a regular expression that means it", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  const texts = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
  fc.assert(
    fc.property(letters, texts, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      assert.equal(compileWildcard(pattern)(text), expression.test(text));
    }),
    { numRuns: 3000 },
  );
});

test("wildcard: a pattern that sends a regular expression backtracking for years", () => {
  const matches = compileWildcard(`${"*a".repeat(500)}b*c`);
  assert.equal(matches("a".repeat(100_000)), false);
});

test("wildcard: signs of SQL's LIKE are no signs in a pattern", () => {
  assert.equal(toLikePattern("50%_\\*?X"), "50\\%\\_\\\\%_x");
});
