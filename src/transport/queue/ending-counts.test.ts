import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../base/metrics.ts";
import { countEnding, failureClass } from "./ending-counts.ts";

for (const [status, want] of [
  ["5.1.1", "5.1.1"],
  ["5.1.10", "5.1.x"],
  ["5.7.1", "5.7.1"],
  ["5.7.26", "5.7.x"],
  ["5.4.6", "5.4.6"],
  ["5.4.14", "5.4.x"],
  ["4.4.7", "expired"],
  ["5.0.0", "other"],
  ["5.10.1", "other"],
  ["", "other"],
  ["nonsense", "other"],
] as const) {
  test(`failureClass: ${status}`, () => assert.equal(failureClass(status), want));
}

const HOP = { name: "mx.test", address: "192.0.2.1", localAddress: "192.0.2.2" };

test("an ending counts its outcome, its reason and what protected it", () => {
  const { add, snapshot } = createMetrics();
  const fault = { status: "5.1.1", diagnostic: "550", hop: undefined, source: "SMTP" } as const;
  countEnding(add, { kind: "failed", fault });
  countEnding(add, { kind: "relayed", hop: HOP, reply: "250", dsn: "ours" });
  const tls = { version: "TLSv1.3", cipher: "x", mode: "Opportunistic" };
  countEnding(add, { kind: "relayed", hop: { ...HOP, tls }, reply: "250", dsn: "ours" });
  countEnding(add, { kind: "expanded" });
  const counted = Object.entries(snapshot().values).filter(([, value]) => value > 0);
  assert.deepEqual(Object.fromEntries(counted), {
    "postrider_recipient_outcomes_total:failed": 1,
    "postrider_recipient_outcomes_total:relayed": 2,
    "postrider_failures_total:5.1.1": 1,
    "postrider_secured_total:out_clear": 1,
    "postrider_secured_total:out_tls": 1,
  });
});
