import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRenewalId, renewalDueMs } from "./renewal.ts";

test("the identifier is the one of RFC 9773 §4.1", () => {
  const keyId = "69885b6b87464041e1b37b847ba0ae2cde01c8d4";
  assert.equal(
    formatRenewalId(keyId, "8765 4321".replace(" ", "")),
    "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE",
  );
  assert.equal(formatRenewalId(keyId, "0087654321"), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  assert.equal(formatRenewalId("01", "7ff"), "AQ.B_8");
});

const CERTIFICATE = { validFromMs: 1000, validToMs: 4000 };

for (const [why, window, random, want] of [
  ["the start of the window", { startMs: 2000, endMs: 2500 }, 0, 2000],
  ["within the window", { startMs: 2000, endMs: 2500 }, 0.5, 2250],
  ["a window before a third of the life", { startMs: 10, endMs: 20 }, 0.5, 2000],
  ["two thirds of the lifetime", undefined, 0, 3000],
  ["and a little later", undefined, 0.99, 3099],
] as const) {
  test(`renewalDueMs: ${why}`, () => {
    assert.equal(Math.round(renewalDueMs(CERTIFICATE, window, random)), want);
  });
}
