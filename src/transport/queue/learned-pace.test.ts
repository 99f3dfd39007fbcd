import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../../base/units.ts";
import { isSlowDown, type LearnedPace, paceAt, slowDown } from "./learned-pace.ts";

const START: LearnedPace = {
  connectionsMax: 8,
  messagesPerMinute: 100,
  stepPerMinute: 10,
  sinceMs: 0,
};

for (const [why, before, seen, want] of [
  ["the first halves what was going on", undefined, [0, 20, 600], [10, 300]],
  ["one connection is the least", undefined, [0, 1, 600], [1, 300]],
  ["and a message a second, to begin with", undefined, [0, 1, 3], [1, 60]],
  ["then six a minute", START, [10_000, 1, 3], [1, 6]],
  ["a second reply of the same burst changes nothing", START, [9_999, 8, 100], [8, 100]],
  ["a later one halves again", START, [10_000, 8, 100], [4, 50]],
  ["from what has been recovered", START, [2 * MINUTE, 20, 600], [5, 60]],
  ["or from what was used of it", START, [2 * MINUTE, 2, 40], [1, 20]],
  ["what is forgotten does not count", START, [30 * MINUTE, 20, 600], [10, 300]],
] as const) {
  test(`slowDown: ${why}`, () => {
    const [nowMs, connections, messagesPerMinute] = seen;
    const pace = slowDown(before, { nowMs, connections, messagesPerMinute });
    assert.deepEqual([pace.connectionsMax, pace.messagesPerMinute], want);
  });
}

for (const [why, nowMs, want] of [
  ["nothing in the first minute", MINUTE - 1, [8, 100]],
  ["then one step", MINUTE, [9, 110]],
  ["twice the pace after ten minutes", 10 * MINUTE, [18, 200]],
  ["all forgotten after half an hour", 30 * MINUTE, undefined],
] as const) {
  test(`paceAt: ${why}`, () => {
    const pace = paceAt(START, nowMs);
    assert.deepEqual(pace && [pace.connectionsMax, pace.messagesPerMinute], want);
  });
}

for (const [diagnostic, status, want] of [
  ["421 too many connections", "4.0.0", true],
  ["421 4.7.0 rate limited", "4.7.0", true],
  ["450 4.7.1 slow down", "4.7.1", true],
  ["451 4.7.650 rate limited", "4.7.650", true],
  ["451 try later", "4.0.0", true],
  ["452 4.3.1 insufficient system resources", "4.3.1", true],
  ["451 4.4.5 congested", "4.4.5", true],
  ["450 4.2.0 greylisted", "4.2.0", false],
  ["452 4.2.2 mailbox full", "4.2.2", false],
  ["450 4.1.8 sender's domain not found", "4.1.8", false],
  ["454 4.3.0 TLS not available", "4.3.0", false],
  ["550 5.7.1 never", "5.7.1", false],
] as const) {
  test(`isSlowDown: ${diagnostic}: ${want}`, () => {
    const hop = { name: "b.test", address: "192.0.2.1", localAddress: "" };
    const fault = { diagnostic, status, hop, source: "SMTP" } as const;
    assert.equal(isSlowDown(fault), want);
    assert.equal(isSlowDown({ ...fault, hop: undefined }), false, "our own words");
  });
}
