import assert from "node:assert/strict";
import { test } from "node:test";
import { fromConfigJson } from "../org/config-value.ts";
import { SAMPLE_QUEUE, SAMPLE_TYPE } from "./filter-sample.fake.ts";
import { sortOrderType } from "./filter-type.ts";
import type { OutputObject } from "./output-type.ts";
import { selectPage } from "./paging.ts";
import { parseSortOrder } from "./sort-order.ts";

const QUEUES: readonly OutputObject[] = [
  { ...SAMPLE_QUEUE, Identity: "b", MessageCount: 2, DateReceived: null, Size: 5 },
  { ...SAMPLE_QUEUE, Identity: "C", MessageCount: 10, DateReceived: "2026-01-02T00:00:00Z" },
  { ...SAMPLE_QUEUE, Identity: "a", MessageCount: 2, DateReceived: "2026-01-01T00:00:00Z" },
];

function namesBy(text: string): string {
  const sortOrder = parseSortOrder(text, SAMPLE_TYPE);
  assert.ok(sortOrder.ok);
  const paging = { filter: undefined, sortOrder: sortOrder.value, resultSize: 10 };
  const { items } = selectPage(QUEUES, paging, { nowMs: 0 });
  return items.map(({ Identity }) => (typeof Identity === "string" ? Identity : "?")).join("");
}

for (const [text, names] of [
  ["Identity", "abC"],
  ["-Identity", "Cba"],
  ["messagecount", "baC"],
  ["-MessageCount,+Identity", "Cab"],
  ["DateReceived", "baC"],
  [" -DateReceived ", "Cab"],
] as const) {
  test(`sort order: ${text} gives ${names}`, () => assert.equal(namesBy(text), names));
}

for (const [text, at, problem] of [
  ["", 0, /no property ""/],
  ["Status,MesageCount", 7, /did you mean "MessageCount"/],
  ["Recipients", 0, /is a list and has no order/],
  [",".repeat(20), 0, /at most 10/],
] as const) {
  test(`sort order: ${JSON.stringify(text)} is wrong at ${at}`, () => {
    const sortOrder = parseSortOrder(text, SAMPLE_TYPE);
    assert.ok(!sortOrder.ok);
    assert.equal(sortOrder.fault.at, at);
    assert.match(sortOrder.fault.problem, problem);
  });
}

test("sort order: a list is joined, as PowerShell would give it", () => {
  const type = sortOrderType(SAMPLE_TYPE);
  const value = type.read(fromConfigJson(["-Status", "Size"]), () => assert.fail());
  assert.deepEqual(
    value?.keys.map(({ property, direction }) => [property, direction]),
    [
      ["Status", "descending"],
      ["Size", "ascending"],
    ],
  );
});

test("page: the size cuts, says that there is more, and Infinity cuts nothing", () => {
  const cut = (resultSize: number) =>
    selectPage(QUEUES, { filter: undefined, sortOrder: undefined, resultSize }, { nowMs: 0 });
  assert.deepEqual([cut(2).items.length, cut(2).hasMore], [2, true]);
  assert.deepEqual([cut(3).items.length, cut(3).hasMore], [3, false]);
  assert.deepEqual([cut(Infinity).items.length, cut(Infinity).hasMore], [3, false]);
});
