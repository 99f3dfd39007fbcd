import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressPattern,
  literalOf,
  matchesPattern,
  partPattern,
  type TextPattern,
  wildcardPattern,
} from "./text-pattern.ts";

for (const [pattern, text, matches] of [
  [addressPattern("Alice@Contoso.test"), "alice@contoso.TEST", true],
  [addressPattern("alice@contoso.test"), "malice@contoso.test", false],
  [addressPattern("@contoso.test"), "bob@contoso.test", true],
  [addressPattern("@contoso.test"), "bob@contoso.test.example", false],
  [addressPattern("*@*.test"), "bob@contoso.test", true],
  [addressPattern("b?b@contoso.test"), "bob@contoso.test", true],
  [addressPattern("b?b@contoso.test"), "bb@contoso.test", false],
  [addressPattern("bob"), "Bobby@contoso.test", true],
  [addressPattern("<>"), "<>", true],
  [addressPattern("<>"), "<>x", false],
  [wildcardPattern("report"), "the report", false],
  [wildcardPattern("*report"), "the Report", true],
  [partPattern("report"), "the Report of May", true],
  [{ kind: "startsWith", text: "Re:" }, "re: hello", true],
  [{ kind: "startsWith", text: "Re:" }, "more re: hello", false],
  [{ kind: "endsWith", text: "Grüße" }, "viele GRÜSSE", false],
  [{ kind: "endsWith", text: "Grüße" }, "viele GRÜßE", true],
] as const satisfies readonly (readonly [TextPattern, string, boolean])[]) {
  test(`${pattern.kind} ${pattern.text}: ${text}`, () => {
    assert.equal(matchesPattern(pattern, text), matches);
  });
}

for (const [pattern, literal] of [
  [wildcardPattern("*@contoso.test"), "@contoso.test"],
  [wildcardPattern("a*longer?b"), "longer"],
  [partPattern("report"), "report"],
  [wildcardPattern("***"), ""],
] as const) {
  test(`literalOf ${pattern.text}`, () => {
    assert.equal(literalOf(pattern), literal);
  });
}
