import assert from "node:assert/strict";
import { test } from "node:test";
import { formatComparison, formatTable } from "./report.ts";
import type { Figure } from "./scenario.ts";

const speed = (value: number): Figure => ({
  name: "speed",
  value,
  unit: "/s",
  better: "higher",
  must: 10,
  aim: 20,
});
const memory = (value: number): Figure => ({
  name: "memory",
  value,
  unit: "MiB",
  better: "lower",
  must: 64,
  aim: 32,
});

for (const [figure, verdict] of [
  [speed(25), "aim reached"],
  [speed(20), "aim reached"],
  [speed(15), "| reached"],
  [speed(9.9), "FALLS SHORT"],
  [memory(32), "aim reached"],
  [memory(64), "| reached"],
  [memory(65), "FALLS SHORT"],
  [{ name: "speed", value: 5, unit: "/s", better: "higher" }, "| 5 /s"],
] as const) {
  test(`bench table: ${figure.name} of ${figure.value} says "${verdict}"`, () => {
    assert.ok(formatTable([figure]).includes(verdict), formatTable([figure]));
  });
}

test("bench comparison: medians, and a gain above 1 is better whatever the direction", () => {
  const ours = [
    [speed(20), memory(10)],
    [speed(90), memory(90)],
    [speed(30), memory(20)],
  ];
  const theirs = [
    [speed(15), memory(40)],
    [speed(15), memory(40)],
    [speed(15), memory(40)],
  ];
  const table = formatComparison(ours, theirs);
  assert.match(table, /speed +\| 30 \/s +\| 15 \/s +\| 2\.00/);
  assert.match(table, /memory +\| 20 MiB +\| 40 MiB +\| 2\.00/);
});
