import assert from "node:assert/strict";
import { test } from "node:test";
import { selectColumns } from "./fitting-columns.ts";

const COLUMNS = [
  { key: "name", width: "minmax(100px, 2fr)", priority: 1 },
  { key: "state", width: "92px" },
  { key: "detail", width: "minmax(92px, 1fr)", priority: 3 },
  { key: "size", width: "92px", priority: 2 },
  { key: "rest", width: "1fr", priority: 3 },
] as const;

for (const [why, width, keys] of [
  ["room for all", 416, "name state detail size rest"],
  ["a pixel less: the last of the least important goes", 415, "name state detail size"],
  ["no room for what is least important", 320, "name state size"],
  ["only room for two", 210, "name state"],
  ["what matters most stays, however narrow", 10, "name"],
] as const) {
  test(`columns: ${why}`, () => {
    const shown = selectColumns(COLUMNS, width).map(({ key }) => key);
    assert.equal(shown.join(" "), keys);
  });
}

test("columns that stay and do not fit: those in fractions give way", () => {
  const columns = [
    { width: "minmax(100px, 2fr)", priority: 1 },
    { width: "92px", priority: 1 },
  ] as const;
  const widthsIn = (width: number) => selectColumns(columns, width).map((column) => column.width);
  assert.deepEqual(widthsIn(208), ["minmax(100px, 2fr)", "92px"]);
  assert.deepEqual(widthsIn(207), ["minmax(0, 2fr)", "92px"]);
});
