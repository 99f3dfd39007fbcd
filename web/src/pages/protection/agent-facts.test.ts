import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime } from "./agent-facts.ts";

for (const [span, told] of [
  ["00:00:00.012", /^12 ms$/],
  ["00:00:01.5", /^1\D?500 ms$/],
  ["00:01:00", /^60\D?000 ms$/],
  [null, /^$/],
] as const) {
  test(`how long an agent takes: ${span}`, () => assert.match(formatTime(span), told));
}
