import assert from "node:assert/strict";
import { test } from "node:test";
import {
  detailsOf,
  pointsOf,
  sharesOf,
  sumsByPrefix,
  sumsBySuffix,
  type TrafficRow,
  totalOf,
} from "./traffic.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-06-01T12:00:00Z");

function row(minute: number, more: Partial<TrafficRow> = {}): TrafficRow {
  const at = (ms: number) => new Date(ms).toISOString();
  const startMs = START_MS + minute * MINUTE_MS;
  return {
    StartDate: at(startMs),
    EndDate: at(startMs + MINUTE_MS),
    Received: 1,
    Refused: 0,
    Delivered: 0,
    Relayed: 2,
    Deferred: 0,
    Failed: 0,
    QueueDepth: 0.5,
    QueueDepthMaximum: 3,
    Details: {},
    ...more,
  };
}

test("rows that follow one another are points, and nothing else", () => {
  const points = pointsOf([row(0), row(1)]);
  assert.deepEqual(
    points.map(({ startMs, isGap, values }) => [startMs - START_MS, isGap, values.Relayed]),
    [
      [0, false, 2],
      [MINUTE_MS, false, 2],
    ],
  );
});

test("what was not measured is a gap with two ends, or one where it is short", () => {
  const shape = (rows: readonly TrafficRow[]) =>
    pointsOf(rows).map(
      ({ startMs, isGap }) => `${(startMs - START_MS) / MINUTE_MS}${isGap ? "-" : ""}`,
    );
  assert.deepEqual(shape([row(0), row(5)]), ["0", "1-", "4-", "5"]);
  assert.deepEqual(shape([row(0), row(2)]), ["0", "1-", "2"]);
  assert.deepEqual(shape([row(0, { StartDate: null }), row(1)]), ["1"]);
  assert.deepEqual(shape([]), []);
});

test("sums over rows, of measures and of details", () => {
  const rows = [
    row(0, { Details: { Failed: { "5.1.1": 2, expired: 1 } } }),
    row(1, { Details: { Failed: { "5.7.1": 4, "5.1.1": 1 }, Logon: null } }),
    row(2, { Details: "nothing of the kind" }),
  ];
  assert.equal(totalOf(rows, "Relayed"), 6);
  assert.deepEqual(detailsOf(rows, "Failed"), [
    { name: "5.7.1", count: 4 },
    { name: "5.1.1", count: 3 },
    { name: "expired", count: 1 },
  ]);
  assert.deepEqual(detailsOf(rows, "Logon"), []);
});

test("shares of a family come in their order, without what is nought", () => {
  const counted = [
    { name: "spf_fail", count: 1 },
    { name: "spf_pass", count: 3 },
    { name: "dkim_pass", count: 9 },
  ];
  assert.deepEqual(sharesOf(counted, "spf", ["pass", "fail", "none"]), [
    { name: "pass", count: 3 },
    { name: "fail", count: 1 },
  ]);
});

test("logons by mechanism, and by what they came to", () => {
  const counted = [
    { name: "password_succeeded", count: 3 },
    { name: "scram_succeeded", count: 4 },
    { name: "password_failed", count: 2 },
  ];
  assert.deepEqual(sumsByPrefix(counted), [
    { name: "password", count: 5 },
    { name: "scram", count: 4 },
  ]);
  assert.deepEqual(sumsBySuffix(counted), [
    { name: "succeeded", count: 7 },
    { name: "failed", count: 2 },
  ]);
});
