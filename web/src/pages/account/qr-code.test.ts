import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { qrCode } from "./qr-code.ts";

// Codes of these texts were read back by zbarimg when the digests were taken.
for (const [length, size, digest] of [
  [0, 21, "f0ecf06d4339599b"],
  [10, 21, "83b797cf3f6040d1"],
  [60, 33, "8aac154bdfc3509a"],
  [150, 49, "d86621f550222363"],
  [213, 57, "78e458ac500f7c66"],
  [600, 93, "c7b5f9b735df4cd7"],
  [666, 97, "6712f69947758682"],
] as const) {
  test(`a text of ${length} octets is a code of ${size} modules`, () => {
    const rows = qrCode("otpauth://".padEnd(length, "abc").slice(0, length)) ?? [];
    assert.equal(rows.length, size);
    assert.ok(rows.every((row) => row.length === size));
    const bits = rows.flat().map(Number).join("");
    assert.equal(createHash("sha256").update(bits).digest("hex").slice(0, 16), digest);
  });
}

test("what is too long has no code", () => assert.equal(qrCode("x".repeat(667)), undefined));

test("a letter counts as many octets as it has", () => {
  assert.equal(qrCode("ä".repeat(333))?.length, 97);
  assert.equal(qrCode("ä".repeat(334)), undefined);
});
