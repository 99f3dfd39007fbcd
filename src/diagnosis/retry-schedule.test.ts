import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../base/units.ts";
import { sampleTransportService } from "../org/sample-objects.fake.ts";
import { queueRetryIntervalMs } from "../transport/queue/retry-plan.ts";
import { describeSchedule, phaseAt, retryPhases } from "./retry-schedule.ts";

const SERVICE = sampleTransportService({
  retryJitter: 0,
  queueGlitchRetryCount: 2,
  queueGlitchRetryIntervalMs: MINUTE,
  transientFailureRetryCount: 3,
  transientFailureRetryIntervalMs: 5 * MINUTE,
  outboundConnectionFailureRetryIntervalMs: 10 * MINUTE,
});

test("the phases are those that queues go through", () => {
  for (const service of [SERVICE, { ...SERVICE, queueGlitchRetryCount: 0 }]) {
    for (const type of ["DnsConnectorDelivery", "SmtpDeliveryToMailbox"] as const) {
      const phases = retryPhases(service, type);
      for (let count = 1; count < 20; count += 1) {
        const found = phaseAt(phases, count);
        const wantedMs = queueRetryIntervalMs(count, type, { service, random: 0.5 });
        assert.equal(found?.phase.intervalMs, wantedMs, `${type} ${count}`);
      }
    }
  }
});

test("the place within a phase begins anew with each", () => {
  const phases = retryPhases(SERVICE, "DnsConnectorDelivery");
  const places = [1, 2, 3, 5, 6, 100].map((count) => phaseAt(phases, count)?.attempt);
  assert.deepEqual(places, [1, 2, 1, 3, 1, 95]);
  assert.equal(
    describeSchedule(phases),
    "2 times every 00:01:00, then 3 times every 00:05:00, then every 00:10:00",
  );
});
