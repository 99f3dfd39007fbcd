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
