import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuarantineType } from "../../store/quarantine-mark.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { enterQuarantine, isReleasedFrom } from "./quarantine-entry.ts";

const MARKED = { firewalledNames: ["x-ms-exchange-organization-quarantine"] };
const released = (type: QuarantineType, ...earlier: readonly QuarantineType[]) => ({
  quarantine: { type, earlier, agent: "A", reason: "R", sinceMs: 0 },
});

for (const [why, type, message, want] of [
  ["what was never there", "Spam", {}, false],
  ["the same again", "TransportRule", released("TransportRule"), true],
  ["another opinion of the same kind", "Dmarc", released("Spam"), true],
  ["malware in what was taken for spam", "Malware", released("Spam"), false],
  ["a rule about what was taken for spam", "TransportRule", released("Spam"), false],
  ["spam that a rule had kept", "Spam", released("TransportRule"), false],
  ["what it was kept for first", "Spam", released("Moderation", "TransportRule", "Spam"), true],
  ["let out by another server", "Phish", MARKED, true],
  ["let out by another server, and a rule of ours", "TransportRule", MARKED, false],
] as const) {
  test(`isReleasedFrom: ${why}`, () => {
    assert.equal(isReleasedFrom(type, message), want);
  });
}

test("a message remembers all that it was kept for", () => {
  const organization = {
    quarantinePolicy: { quarantineRetentionPeriodMs: 10 },
    transportConfig: { moderationExpirationTimeoutMs: 20 },
  };
  const at = { nowMs: 5, organization };
  const recipients = [sampleRecipient(0)];
  const mark = (type: QuarantineType) => ({ type, agent: "A\r\n", reason: "R".repeat(9_000) });
  const first = enterQuarantine({ message: sampleMessage(1), recipients, mark: mark("Spam") }, at);
  assert.deepEqual(first.message.quarantine?.earlier, undefined);
  assert.equal(first.message.quarantine?.agent, "A  ");
  assert.equal(first.message.quarantine.reason.length, 500);
  assert.equal(first.recipients[0]?.placement.dueMs, 15);
  const again = { message: first.message, recipients, mark: mark("TransportRule") };
  const second = enterQuarantine(again, at);
  assert.deepEqual(second.message.quarantine?.earlier, ["Spam"]);
  const third = enterQuarantine({ ...again, message: second.message }, at);
  assert.deepEqual(third.message.quarantine?.earlier, ["Spam", "TransportRule"]);
  const held = enterQuarantine({ ...again, mark: mark("Moderation") }, at);
  assert.equal(held.recipients[0]?.placement.dueMs, 25);
});
