import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE } from "../../base/units.ts";
import { sampleTransportService } from "../../org/sample-objects.fake.ts";
import { HIGH_PRIORITY_BYTES_MAX, priorityOf, retentionOf, wantsDelayNotice } from "./retention.ts";

const OFF = sampleTransportService();
const ON = sampleTransportService({ priorityQueuingEnabled: true });

for (const [importance, bytes, service, want] of [
  ["High", 10, OFF, "Normal"],
  ["Low", 10, OFF, "Normal"],
  ["Normal", 10, ON, "Normal"],
  ["Low", 10, ON, "Low"],
  ["High", HIGH_PRIORITY_BYTES_MAX, ON, "High"],
  ["High", HIGH_PRIORITY_BYTES_MAX + 1, ON, "Normal"],
] as const) {
  const state = service === ON ? "on" : "off";
  test(`priorityOf: ${importance}, ${bytes} octets, priority queuing ${state}`, () => {
    assert.equal(priorityOf(importance, bytes, service), want);
  });
}

for (const [priority, service, expirationMs, delayNoticeMs] of [
  ["Normal", OFF, 48 * HOUR, 4 * HOUR],
  ["High", OFF, 48 * HOUR, 4 * HOUR],
  ["Normal", ON, 48 * HOUR, 4 * HOUR],
  ["High", ON, 8 * HOUR, 30 * MINUTE],
  ["Low", ON, 48 * HOUR, 8 * HOUR],
] as const) {
  const state = service === ON ? "on" : "off";
  test(`retentionOf: ${priority}, priority queuing ${state}`, () => {
    assert.deepEqual(retentionOf(priority, service), { expirationMs, delayNoticeMs });
  });
}

for (const [sender, notify, want] of [
  ["a@x.test", undefined, true],
  ["a@x.test", ["DELAY"], true],
  ["a@x.test", ["FAILURE", "SUCCESS"], false],
  ["a@x.test", [], false],
  ["", undefined, false],
  ["", ["DELAY"], false],
] as const) {
  test(`wantsDelayNotice: <${sender}>, NOTIFY ${notify ?? "absent"}`, () => {
    assert.equal(wantsDelayNotice(sender, notify), want);
  });
}
