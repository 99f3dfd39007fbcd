import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../../base/units.ts";
import { sampleTransportService } from "../../org/sample-objects.fake.ts";
import { messageRetryIntervalMs, queueRetryIntervalMs } from "./retry-plan.ts";

const NO_JITTER = 0.5;

for (const [why, failureCount, deliveryType, minutes] of [
  ["the first glitch retry", 1, "DnsConnectorDelivery", 1],
  ["the last glitch retry", 4, "DnsConnectorDelivery", 1],
  ["the first transient retry", 5, "SmartHostConnectorDelivery", 5],
  ["the last transient retry", 10, "DnsConnectorDelivery", 5],
  ["from then on", 11, "DnsConnectorDelivery", 10],
  ["for ever", 500, "DnsConnectorDelivery", 10],
  ["a mailbox queue", 1, "SmtpDeliveryToMailbox", 5],
  ["a mailbox queue, later", 50, "SmtpDeliveryToMailbox", 5],
] as const) {
  test(`queueRetryIntervalMs: ${why}`, () => {
    const settings = { service: sampleTransportService(), random: NO_JITTER };
    assert.equal(queueRetryIntervalMs(failureCount, deliveryType, settings), minutes * MINUTE);
  });
}

test("without glitch retries the transient ones come first", () => {
  const service = sampleTransportService({ queueGlitchRetryCount: 0 });
  const settings = { service, random: NO_JITTER };
  assert.equal(queueRetryIntervalMs(1, "DnsConnectorDelivery", settings), 5 * MINUTE);
});

test("jitter spreads an interval by its share in both directions", () => {
  const service = sampleTransportService({ retryJitter: 0.1, messageRetryIntervalMs: 1_000 });
  assert.equal(messageRetryIntervalMs(service, 0), 900);
  assert.equal(messageRetryIntervalMs(service, 0.5), 1_000);
  assert.equal(messageRetryIntervalMs(service, 1), 1_100);
});
