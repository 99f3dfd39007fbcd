import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ChunkedBody } from "./chunked-body.ts";

function decode(bytes: Uint8Array, pieceBytes: number): string {
  const body = new ChunkedBody();
  let text = "";
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const read = body.push(bytes.subarray(at, at + pieceBytes), (part) => {
      text += Buffer.from(part).toString("latin1");
    });
    if (!read.ok) return `fault: ${read.fault}`;
    if (read.value) return `${text}.`;
  }
  return text;
}

for (const [coded, want] of [
  ["5\r\nhello\r\n0\r\n\r\n", "hello."],
  ["5;name=value\r\nhello\r\n1\r\n!\r\n0; ieof\r\n\r\n", "hello!."],
  ["A\n0123456789\n0\n\n", "0123456789."],
  ["0\r\nTrailer: x\r\n\r\nmore", "."],
  ["5\r\nhel", "hel"],
  ["5\r\nhello!\r\n", "fault: a chunk is longer than it says"],
  ["x\r\n", "fault: a chunk's size cannot be read"],
  ["123456789\r\n", "fault: a chunk's size cannot be read"],
  [`5;${"x".repeat(2000)}`, "fault: a chunk's line is too long"],
] as const) {
  test(`ChunkedBody: ${JSON.stringify(coded.slice(0, 30))} however it is cut`, () => {
    for (const pieceBytes of [1, 2, 3, 7, 10_000]) {
      const got = decode(Buffer.from(coded), pieceBytes);
      // What comes before a fault is passed on; only the fault is compared.
      assert.equal(got, want, `in pieces of ${pieceBytes}`);
    }
  });
}

test("ChunkedBody: any bytes are read or refused, the same in every cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (bytes, cut) => {
      assert.equal(decode(bytes, cut), decode(bytes, bytes.length || 1));
    }),
  );
});
