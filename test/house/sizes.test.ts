import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  findLongFile,
  findLongFunctions,
  findWideLines,
  LINE_WIDTH_MAX,
} from "./sizes.ts";
import { formatFindings, readProject, readSource } from "./source.ts";

const sources = readProject();

test("no file is longer than 400 lines", () => {
  assert.equal(formatFindings(sources.flatMap(findLongFile)), "");
});

test("no function is longer than 70 lines", () => {
  assert.equal(formatFindings(sources.flatMap(findLongFunctions)), "");
});

test("no line is wider than 100 characters", () => {
  assert.equal(formatFindings(sources.flatMap(findWideLines)), "");
});

test("sizes: a file at the limit passes, one line more does not", () => {
  const file = (lines: number) => readSource("src/mail/a.ts", "void 0;\n".repeat(lines));
  assert.equal(findLongFile(file(FILE_LINES_MAX)).length, 0);
  assert.equal(findLongFile(file(FILE_LINES_MAX + 1)).length, 1);
});

for (const [why, head, tail] of [
  ["function", "export function f() {\n", "}\n"],
  ["arrow", "export const f = () => {\n", "};\n"],
  ["method", "export class C { f() {\n", "} }\n"],
  ["callback", "test('x', () => {\n", "});\n"],
] as const) {
  test(`sizes: a ${why} at the limit passes, one line more does not`, () => {
    const file = (lines: number) =>
      readSource("src/mail/a.ts", head + "void 0;\n".repeat(lines - 2) + tail);
    assert.equal(findLongFunctions(file(FUNCTION_LINES_MAX)).length, 0);
    assert.equal(findLongFunctions(file(FUNCTION_LINES_MAX + 1)).length, 1);
  });
}

test("sizes: a line at the limit passes, one character more does not", () => {
  const file = (width: number) => readSource("src/mail/a.ts", `//${"x".repeat(width - 2)}`);
  assert.equal(findWideLines(file(LINE_WIDTH_MAX)).length, 0);
  assert.equal(findWideLines(file(LINE_WIDTH_MAX + 1)).length, 1);
});
