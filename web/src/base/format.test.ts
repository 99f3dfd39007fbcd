import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAgo,
  formatBytes,
  formatDateTime,
  formatSpan,
  isoOfField,
  spanSeconds,
} from "./format.ts";

for (const [span, seconds, told] of [
  ["00:00:00", 0, "0 s"],
  ["00:00:30", 30, "30 s"],
  ["00:15:00", 900, "15 min"],
  ["2.04:00:00", 187_200, "2 d 4 h"],
  ["1.00:00:05.250", 86_405, "1 d 5 s"],
] as const) {
  test(`a span: ${span}`, () => {
    assert.equal(spanSeconds(span), seconds);
    assert.equal(formatSpan(span), told);
  });
}

test("what is no span or moment stays as it is", () => {
  assert.equal(formatSpan("unlimited"), "unlimited");
  assert.equal(formatDateTime("never"), "never");
  assert.equal(formatAgo("never", 0), "never");
});

test("sizes step by 1,024 and keep one digit while they are small", () => {
  for (const [bytes, pattern] of [
    [0, /^0/],
    [1023, /^1,?023/],
    [1024, /^1\D/],
    [1536, /^1\.5/],
    [37_748_736, /^36\D/],
    [157_286_400, /^150\D/],
  ] as const) {
    assert.match(formatBytes(bytes), pattern, String(bytes));
  }
});

test("how long ago, in the unit that fits", () => {
  const nowMs = Date.UTC(2026, 10, 21, 12);
  const ago = (seconds: number) => formatAgo(new Date(nowMs - seconds * 1000).toISOString(), nowMs);
  assert.match(ago(5), /5 seconds ago/);
  assert.match(ago(300), /5 minutes ago/);
  assert.match(ago(26 * 3600), /26 hours ago/);
  assert.match(ago(3 * 86_400), /3 days ago/);
});

test("what fields hold is the reader's time; a day begins at his midnight", () => {
  for (const [typed, year, month, day, hour] of [
    ["2026-11-21", 2026, 10, 21, 0],
    ["2026-03-29T02:30", 2026, 2, 29, 2.5],
  ] as const) {
    const at = new Date(year, month, day, Math.floor(hour), (hour % 1) * 60);
    assert.equal(isoOfField(typed), at.toISOString());
  }
  assert.equal(isoOfField("2026-11-21T08:00:00Z"), "2026-11-21T08:00:00.000Z");
  assert.equal(isoOfField("-2h"), "-2h");
});
