import assert from "node:assert/strict";
import { test } from "node:test";
import { findUndocumented } from "./exports.ts";
import { formatFindings, readSource, readSources } from "./source.ts";

test("every export says what it promises", () => {
  const sources = readSources("src/**/*.ts", "web/src/**/*.{ts,tsx}").filter(
    ({ path }) => !path.endsWith(".test.ts"),
  );
  assert.equal(formatFindings(sources.flatMap(findUndocumented)), "");
});

for (const [text, count] of [
  ["/** Promises. */\nexport function f() {}", 0],
  ["export function f() {}", 1],
  ["// only a remark\nexport function f() {}", 1],
  ["/* only a remark */\nexport const x = 1;", 1],
  ["/** Promises. */\n// biome-ignore lint: because\nexport const x = 1;", 0],
  ["/** Of g. */\nfunction g() {}\nexport function f() {}", 1],
  ["export interface I {}", 1],
  ["/** Promises. */\nexport type T = 1;", 0],
  ["export class C {}", 1],
  ["export default class {}", 1],
  ["function f() {}", 0],
  [
    "/** All. */\nexport function f(x: 1): 1;\nexport function f(x: 2): 2;\n" +
      "export function f(x: 1 | 2) { return x; }",
    0,
  ],
] as const) {
  test(`exports: ${text.replaceAll("\n", " ")}`, () => {
    assert.equal(findUndocumented(readSource("src/mail/a.ts", text)).length, count);
  });
}
