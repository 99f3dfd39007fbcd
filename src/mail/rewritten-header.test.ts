import assert from "node:assert/strict";
import { test } from "node:test";
import { type Address, domainOf, localPartOf, parseAddress } from "./address.ts";
import { type HeaderRewriting, rewriteHeader, rewriteHeaderPieces } from "./rewritten-header.ts";

const REWRITING: HeaderRewriting = {
  fields: new Set(["from", "cc"]),
  rewrite: (address: Address) =>
    domainOf(address) === "in.test"
      ? parseAddress(`${localPartOf(address)}@outside.test`, { smtpUtf8: true })
      : undefined,
};

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function drain(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString("latin1");
}

const PART = "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@in.test\r\n\r\nx\r\n--b--\r\n";

for (const [why, text, want] of [
  [
    "the named fields of the header, and nothing in parts",
    `From: A <a@in.test>\r\nTo: a@in.test\r\nCC: a@in.test,\r\n b@in.test\r\n\r\n${PART}`,
    "From: A <a@outside.test>\r\nTo: a@in.test\r\nCC: a@outside.test,\r\n b@outside.test\r\n\r\n" +
      PART,
  ],
  ["no header", "\r\nFrom: a@in.test\r\n", "\r\nFrom: a@in.test\r\n"],
  ["no body", "From: a@in.test\r\n", "From: a@outside.test\r\n"],
  ["no line end", "From: a@in.test", "From: a@outside.test"],
  ["nothing", "", ""],
  ["a line that is no field", "x\r\nFrom: a@in.test\r\n\r\n", "x\r\nFrom: a@in.test\r\n\r\n"],
  [
    "octets that are no text",
    "X: \xff\xfe\r\nFrom: \xe4 <a@in.test>\r\n\r\n\xff\0",
    "X: \xff\xfe\r\nFrom: \xe4 <a@outside.test>\r\n\r\n\xff\0",
  ],
] as const) {
  test(`rewriteHeader: ${why}`, async () => {
    const bytes = Buffer.from(text, "latin1");
    for (const size of [1, 2, 3, 7, 50, 10_000]) {
      assert.equal(await drain(rewriteHeader(inPieces(bytes, size), REWRITING)), want, `${size}`);
    }
    const pieces = rewriteHeaderPieces([bytes.subarray(0, 9), bytes.subarray(9)], REWRITING);
    assert.equal(Buffer.concat(pieces).toString("latin1"), want);
  });
}

test("rewriteHeader: a header without end is not held for ever", async () => {
  const line = Buffer.from(`From: a@in.test\r\nX: ${"x".repeat(1024 * 1024)}\r\n`);
  let heldMax = 0;
  let held = 0;
  const source = async function* () {
    for (let count = 0; count < 20; count += 1) {
      held += line.length;
      heldMax = Math.max(heldMax, held);
      yield line;
    }
  };
  let total = 0;
  for await (const piece of rewriteHeader(source(), REWRITING)) {
    held -= piece.length;
    total += piece.length;
  }
  assert.equal(total, 20 * line.length);
  assert.ok(heldMax < 7 * line.length, `${heldMax}`);
});
