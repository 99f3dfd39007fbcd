import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleTransportService } from "../../org/sample-objects.fake.ts";
import { sampleRecipient } from "../../store/queue-contract.ts";
import type { Outcome } from "./outcome.ts";
import { settle } from "./settle.ts";

const NOW_MS = 100_000;
const SETTINGS = {
  nowMs: NOW_MS,
  service: sampleTransportService({ retryJitter: 0 }),
  random: 0.5,
};
const BUSY: Outcome = {
  kind: "deferred",
  fault: { status: "4.2.1", diagnostic: "450 4.2.1 busy", hop: undefined, source: "SMTP" },
};

for (const outcome of [
  { kind: "delivered", hop: undefined, reply: "250 2.1.5 OK" },
  { kind: "failed", fault: BUSY.fault },
  { kind: "expanded" },
] as const) {
  test(`settle: ${outcome.kind} is done, whatever the time`, () => {
    const recipient = sampleRecipient(0, { expiresMs: 1 });
    assert.deepEqual(settle(recipient, outcome, SETTINGS), { kind: "done", ending: outcome });
  });
}

for (const [why, times, want] of [
  ["a deferral waits", { expiresMs: NOW_MS + 1, delayNoticeMs: NOW_MS + 1 }, "retry"],
  [
    "at the time of the delay notice it is told",
    { expiresMs: NOW_MS + 1, delayNoticeMs: NOW_MS },
    "told",
  ],
  [
    "a notice already sent is not repeated",
    { expiresMs: NOW_MS + 1, delayNoticeMs: undefined },
    "retry",
  ],
  ["at its expiry it fails", { expiresMs: NOW_MS, delayNoticeMs: NOW_MS }, "4.4.7"],
] as const) {
  test(`settle: ${why}`, () => {
    const settlement = settle(sampleRecipient(0, times), BUSY, SETTINGS);
    if (settlement.kind === "retry") {
      assert.equal(settlement.delayNotice ? "told" : "retry", want);
      assert.equal(settlement.dueMs, NOW_MS + SETTINGS.service.messageRetryIntervalMs);
      assert.equal(settlement.recipient.attemptCount, 1);
      assert.equal(settlement.recipient.lastError, "450 4.2.1 busy");
      return;
    }
    assert(settlement.ending.kind === "failed");
    assert.equal(settlement.ending.fault.status, want);
    assert.match(settlement.ending.fault.diagnostic, /last error: 450 4\.2\.1 busy/);
  });
}

test("settle: an attempt with unknown end stays so until the recipient is done", () => {
  const unknown: Outcome = { kind: "deferred", fault: { ...BUSY.fault, attemptUnknown: true } };
  const recipient = sampleRecipient(0, { expiresMs: NOW_MS + 1 });
  const first = settle(recipient, unknown, SETTINGS);
  assert(first.kind === "retry");
  assert.equal(first.recipient.attemptUnknown, true);
  const second = settle(first.recipient, BUSY, SETTINGS);
  assert(second.kind === "retry");
  assert.equal(second.recipient.attemptUnknown, true);
});

test("settle: what a mailbox could not take waits by the mailboxes' own interval", () => {
  const full: Outcome = { kind: "deferred", fault: { ...BUSY.fault, source: "STOREDRIVER" } };
  const settlement = settle(sampleRecipient(0, { expiresMs: NOW_MS + 1 }), full, SETTINGS);
  assert(settlement.kind === "retry");
  assert.equal(settlement.dueMs, NOW_MS + SETTINGS.service.mailboxDeliveryQueueRetryIntervalMs);
});
