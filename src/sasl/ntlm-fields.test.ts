import assert from "node:assert/strict";
import { test } from "node:test";
import { buildMessage, isNtlmMessage, readField } from "./ntlm-fields.ts";

const FIXED_BYTES = 20;
const AT = 12;

/** A message of 24 bytes, 4 of them payload, whose one field says what a test says. */
function message({ length, offset }: { length: number; offset: number }): Buffer {
  const bytes = buildMessage(2, { fixedBytes: FIXED_BYTES, fields: [[AT, Buffer.from("abcd")]] });
  bytes.writeUInt16LE(length, AT);
  bytes.writeUInt32LE(offset, AT + 4);
  return bytes;
}

for (const [why, field, want] of [
  ["the whole payload", { length: 4, offset: 20 }, "abcd"],
  ["its end", { length: 1, offset: 23 }, "d"],
  ["nothing, from anywhere", { length: 0, offset: 0xffff_ffff }, ""],
  ["a byte past the end", { length: 4, offset: 21 }, undefined],
  ["wholly past the end", { length: 1, offset: 24 }, undefined],
  ["far past the end", { length: 1, offset: 0xffff_ffff }, undefined],
  ["as much as a field can", { length: 0xffff, offset: 20 }, undefined],
  ["the fixed part", { length: 4, offset: 0 }, undefined],
  ["a byte of the fixed part", { length: 4, offset: 19 }, undefined],
] as const) {
  test(`readField: ${why}`, () => {
    const read = readField(message(field), { at: AT, payloadAt: FIXED_BYTES });
    assert.equal(read?.toString(), want);
  });
}

test("buildMessage points at what it has written", () => {
  const bytes = buildMessage(2, { fixedBytes: FIXED_BYTES, fields: [[AT, Buffer.from("abcd")]] });
  assert.equal(readField(bytes, { at: AT, payloadAt: FIXED_BYTES })?.toString(), "abcd");
  assert.equal(bytes.readUInt16LE(AT + 2), 4);
  assert.equal(isNtlmMessage(bytes, { type: 2, bytesMin: 24 }), true);
  assert.equal(isNtlmMessage(bytes, { type: 2, bytesMin: 25 }), false);
  assert.equal(isNtlmMessage(bytes, { type: 3, bytesMin: 24 }), false);
  bytes[0] = 0;
  assert.equal(isNtlmMessage(bytes, { type: 2, bytesMin: 24 }), false);
});
