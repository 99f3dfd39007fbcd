import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Transcoder } from "./transfer-encoding.ts";
import {
  Base64Decoder,
  Base64Encoder,
  QuotedPrintableDecoder,
  QuotedPrintableEncoder,
} from "./transfer-encoding.ts";

for (const [why, input, want] of [
  ["plain text stays", "Hello, world.\r\n", "Hello, world.\r\n"],
  ["8-bit and = are escaped", "caf\xe9=1\r\n", "caf=E9=3D1\r\n"],
  ["white space at a line's end is escaped", "a \r\nb\t\r\nc d", "a=20\r\nb=09\r\nc d"],
  ["white space at the very end is escaped", "a ", "a=20"],
  ["bare CR, bare LF and NUL are escaped", "a\rb\nc\0d\r", "a=0Db=0Ac=00d=0D"],
  ["CR CR LF keeps its first CR", "a\r\r\n", "a=0D\r\n"],
  ["a long line breaks softly", "x".repeat(80), `${"x".repeat(75)}=\r\nxxxxx`],
  ["no boundary grows from a soft break", `${"x".repeat(75)}--b`, `${"x".repeat(75)}=\r\n=2D-b`],
] as const) {
  test(`quoted-printable: ${why}`, () =>
    assert.equal(all(new QuotedPrintableEncoder(), input), want));
}

for (const [why, input, want] of [
  ["escapes in either case", "=e9=E9", "\xe9\xe9"],
  ["soft breaks, padded ones too", "a=\r\nb= \t\r\nc", "abc"],
  ["padding before a line break goes", "a  \t\r\nb", "a\r\nb"],
  ["what is no escape stays", "a=g1 =4 =", "a=g1 =4 ="],
  ["raw 8-bit stays", "\xff", "\xff"],
] as const) {
  test(`quoted-printable decoding: ${why}`, () => {
    assert.equal(all(new QuotedPrintableDecoder(), input), want);
    assert.equal(bytewise(new QuotedPrintableDecoder(), input), want);
  });
}

for (const [why, input, want] of [
  ["nothing", "", ""],
  ["one line", "hello", "aGVsbG8="],
  ["a full line has no break after it", "a".repeat(57), "YWFh".repeat(19)],
  ["the next line", "a".repeat(60), `${"YWFh".repeat(19)}\r\nYWFh`],
] as const) {
  test(`base64: ${why}`, () => assert.equal(all(new Base64Encoder(), input), want));
}

test("base64 decoding passes over what is not of its alphabet", () => {
  assert.equal(all(new Base64Decoder(), "aG\r\nV*s\xffbG8=\r\naGVsbG8"), "hellohello");
});

for (const [name, encoder, decoder] of [
  ["quoted-printable", () => new QuotedPrintableEncoder(), () => new QuotedPrintableDecoder()],
  ["base64", () => new Base64Encoder(), () => new Base64Decoder()],
] as const) {
  test(`${name}: any bytes in any pieces come back, in clean lines of 76 at most`, () => {
    fc.assert(
      fc.property(fc.array(hostileBytes(), { maxLength: 8 }), (pieces) => {
        const encode = encoder();
        const encoded = Buffer.concat([...pieces.map((piece) => encode.push(piece)), encode.end()]);
        for (const line of encoded.toString("latin1").split("\r\n")) {
          assert.match(line, /^[\t -~]{0,76}$/);
          assert.doesNotMatch(line, /[\t ]$/);
        }
        const decode = decoder();
        const decoded = Buffer.concat([decode.push(encoded), decode.end()]);
        assert.deepEqual(decoded, Buffer.concat(pieces));
        assert.equal(bytewise(decoder(), encoded.toString("latin1")), decoded.toString("latin1"));
      }),
    );
  });
}

test("quoted-printable decoding holds back a bounded amount", () => {
  const decoder = new QuotedPrintableDecoder();
  const out = decoder.push(Buffer.alloc(100_000, 32));
  assert.ok(out.length >= 98_000);
});

function hostileBytes(): fc.Arbitrary<Uint8Array> {
  const token = fc.constantFrom(
    "a",
    "-",
    "--",
    "=",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\xff",
    "x".repeat(74),
    " ".repeat(30),
  );
  return fc.array(token, { maxLength: 30 }).map((tokens) => Buffer.from(tokens.join(""), "latin1"));
}

function all(coder: Transcoder, input: string): string {
  return Buffer.concat([coder.push(Buffer.from(input, "latin1")), coder.end()]).toString("latin1");
}

function bytewise(coder: Transcoder, input: string): string {
  const parts = [...Buffer.from(input, "latin1")].map((byte) => coder.push(Uint8Array.of(byte)));
  return Buffer.concat([...parts, coder.end()]).toString("latin1");
}
