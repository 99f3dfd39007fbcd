import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY } from "../base/units.ts";
import type { CertificateFacts } from "./certificate-choice.ts";
import { findNearExpiry } from "./certificate-expiry.ts";

const NOW_MS = 1000 * DAY;

function certificate(names: string, daysLeft: number, change: Partial<CertificateFacts> = {}) {
  return {
    names: names.split(" "),
    subject: "CN=x",
    issuer: "CN=y",
    keyType: "ec",
    selfSigned: false,
    validFromMs: NOW_MS - 90 * DAY,
    validToMs: NOW_MS + daysLeft * DAY,
    ...change,
  };
}

for (const [why, certificates, want] of [
  ["more than 30 days", [certificate("a.test", 30.1)], []],
  ["30 days", [certificate("a.test", 30)], ["soon 30"]],
  ["just above 14 days", [certificate("a.test", 14.1)], ["soon 14"]],
  ["14 days", [certificate("a.test", 14)], ["urgent 14"]],
  ["the last day", [certificate("a.test", 0)], ["urgent 0"]],
  ["expired", [certificate("a.test", -0.5)], ["expired -1"]],
  [
    "the first to end comes first",
    [certificate("a.test", 20), certificate("b.test", 5)],
    ["urgent 5", "soon 20"],
  ],
  ["one that another outlives", [certificate("a.test", 5), certificate("b.test a.test", 80)], []],
  [
    "one with a name more",
    [certificate("a.test b.test", 5), certificate("a.test", 80)],
    ["urgent 5"],
  ],
  [
    "one that a self-signed outlives",
    [certificate("a.test", 5), certificate("a.test", 80, { selfSigned: true })],
    ["urgent 5"],
  ],
  [
    "one whose successor is not valid yet",
    [certificate("a.test", 5), certificate("a.test", 80, { validFromMs: NOW_MS + 1 })],
    ["urgent 5"],
  ],
  ["none", [], []],
] as const) {
  test(`findNearExpiry: ${why}`, () => {
    const near = findNearExpiry(certificates, NOW_MS);
    assert.deepEqual(
      near.map(({ level, daysLeft }) => `${level} ${daysLeft}`),
      want,
    );
  });
}
