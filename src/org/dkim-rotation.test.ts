import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY } from "../base/units.ts";
import { domain } from "../mail/address.fake.ts";
import type { DkimSigningConfig } from "./dkim-keys.ts";
import { nextRotationStep } from "./dkim-rotation.ts";

const NOW_MS = Date.UTC(2026, 10, 21);
const key = (selector: string) => ({ selector, privateKey: "sealed" });
const at = (days: number) => new Date(NOW_MS + days * DAY).toISOString().replace(".000", "");

const CONFIG: DkimSigningConfig = {
  name: domain("contoso.test"),
  enabled: true,
  rsaKey: key("rsa-20260601"),
  ed25519Key: key("ed25519-20260601-2"),
  rotateOnDate: undefined,
  nextRsaKey: undefined,
  nextEd25519Key: undefined,
  rotationIntervalMs: 180 * DAY,
};
const next = (days: number) => ({ rotateOnDate: at(days), nextRsaKey: key("rsa-20261120") });

for (const [why, changes, dns, want] of [
  ["keys of 173 days", {}, "unknown", "wait"],
  [
    "keys of 183 days",
    { rsaKey: key("rsa-20260522"), ed25519Key: undefined },
    "unknown",
    "announce 30",
  ],
  ["one of two is young", { rsaKey: key("rsa-20250101") }, "unknown", "wait"],
  [
    "keys of an age that nobody knows",
    { rsaKey: key("s1"), ed25519Key: undefined },
    "unknown",
    "announce 30",
  ],
  ["old keys, by hand", { rsaKey: key("rsa-20200101"), rotationIntervalMs: 0 }, "unknown", "wait"],
  ["a domain that does not sign", { enabled: false, rsaKey: key("s1") }, "unknown", "wait"],
  ["announced, no record yet", next(29), "missing", "wait"],
  ["announced, name servers are silent", next(29), "unknown", "wait"],
  ["announced, the records are there", next(29), "there", "schedule 1"],
  ["about to come, the records are there", next(0.5), "there", "wait"],
  ["about to come, a record has gone", next(1), "missing", "postpone 30"],
  ["about to come, nobody knows", next(1), "unknown", "postpone 30"],
  ["by hand, in time", { ...next(3), rotationIntervalMs: 0 }, "there", "wait"],
  ["by hand, without records", { ...next(1), rotationIntervalMs: 0 }, "missing", "postpone 4"],
  ["the next keys have come", next(-1), "unknown", "wait"],
  ["the next keys have signed for a week", next(-7), "unknown", "retire"],
  [
    "by hand, they have signed for a week",
    { ...next(-7), rotationIntervalMs: 0 },
    "unknown",
    "wait",
  ],
] as const) {
  test(`rotation: ${why}: ${want}`, () => {
    const step = nextRotationStep({ ...CONFIG, ...changes }, NOW_MS, dns);
    const days = "rotateOnMs" in step ? ` ${(step.rotateOnMs - NOW_MS) / DAY}` : "";
    assert.equal(step.kind + days, want);
  });
}
