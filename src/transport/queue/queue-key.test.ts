import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueKey } from "../../store/queue-store.ts";
import { formatQueueKey, selectQueueKey } from "./queue-key.ts";

const byDomain: QueueKey = {
  deliveryType: "DnsConnectorDelivery",
  nextHopDomain: "a.test",
  nextHopConnector: "Internet",
};

for (const [why, deliveryType, message, want] of [
  ["usual mail to a domain", "DnsConnectorDelivery", {}, undefined],
  ["TLS-Required: No to a domain", "DnsConnectorDelivery", { tlsNotRequired: true }, true],
  [
    "TLS-Required: No, a smart host",
    "SmartHostConnectorDelivery",
    { tlsNotRequired: true },
    undefined,
  ],
  ["TLS-Required: No, a mailbox", "SmtpDeliveryToMailbox", { tlsNotRequired: true }, undefined],
] as const) {
  test(`selectQueueKey: ${why}`, () => {
    const route = { ...byDomain, deliveryType };
    const key = selectQueueKey(route, message);
    assert.equal(key.tlsNotRequired, want);
    assert.equal(formatQueueKey(key) === formatQueueKey(route), want === undefined);
  });
}
