import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnectionCounter, shownAddress, sourceOf } from "./connection-counter.ts";

function admitMany(limits: readonly [number, number, number], sources: string): string {
  const [connectionsMax, connectionsPerSourceMax, percentagePerSourceMax] = limits;
  const counter = createConnectionCounter({
    connectionsMax,
    connectionsPerSourceMax,
    percentagePerSourceMax,
  });
  return [...sources].map((source) => (counter.admit(source) ? "y" : "n")).join("");
}

for (const [why, limits, sources, want] of [
  ["in all", [3, 9, 100], "abcd", "yyyn"],
  ["per source", [9, 2, 100], "aaab", "yyny"],
  ["a share of what is free", [10, 9, 20], "aaab", "ynny"],
  ["a share is at least one", [4, 9, 1], "aab", "yny"],
  ["no limits", [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 100], "aaaa", "yyyy"],
] as const) {
  test(`connections admitted: ${why}`, () => assert.equal(admitMany(limits, sources), want));
}

test("release makes room, and never more than was taken", () => {
  const counter = createConnectionCounter({
    connectionsMax: 1,
    connectionsPerSourceMax: 1,
    percentagePerSourceMax: 100,
  });
  assert.equal(counter.admit("a"), true);
  assert.equal(counter.admit("b"), false);
  counter.release("a");
  counter.release("a");
  assert.equal(counter.admit("b"), true);
  assert.equal(counter.admit("a"), false);
});

for (const [address, shown, source] of [
  ["192.0.2.1", "192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80::1", "fe80:0:0:0::/64"],
  ["::1", "::1", "0:0:0:0::/64"],
] as const) {
  test(`source of ${address}`, () => {
    assert.equal(shownAddress(address), shown);
    assert.equal(sourceOf(address), source);
  });
}
