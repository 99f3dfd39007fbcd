import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readSignedContent } from "./signed-content.ts";

/** A value with a length of its own (DER), or up to its end-of-contents. */
function ber(tag: number, content: Buffer, form: "definite" | "open"): Buffer {
  if (form === "open") {
    return Buffer.concat([Buffer.from([tag, 0x80]), content, Buffer.from([0, 0])]);
  }
  const length = Buffer.alloc(5, 0x84);
  length.writeUInt32BE(content.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

const DATA = Buffer.from("06092a864886f70d010701", "hex");
const SIGNED = Buffer.from("06092a864886f70d010702", "hex");
const VERSION = Buffer.from("020101", "hex");

function signed(content: Buffer | undefined, form: "definite" | "open"): Buffer {
  const octets =
    form === "open"
      ? ber(
          0x24,
          Buffer.concat([ber(4, content ?? DATA, "definite"), ber(4, DATA, "definite")]),
          form,
        )
      : ber(4, content ?? DATA, form);
  const inner = content === undefined ? [DATA] : [DATA, ber(0xa0, octets, form)];
  const encapsulated = ber(0x30, Buffer.concat(inner), form);
  const algorithms = ber(0x31, ber(0x30, DATA, form), form);
  const data = ber(0x30, Buffer.concat([VERSION, algorithms, encapsulated, DATA]), form);
  return ber(0x30, Buffer.concat([SIGNED, ber(0xa0, data, form)]), form);
}

const TEXT = Buffer.from("Subject: x\r\n\r\ny");

for (const [why, bytes, want] of [
  ["with lengths", signed(TEXT, "definite"), TEXT],
  ["as it is written when it streams", signed(TEXT, "open"), Buffer.concat([TEXT, DATA])],
  ["beside its message", signed(undefined, "definite"), "detached"],
  ["beside its message, streaming", signed(undefined, "open"), "detached"],
  ["another kind of content", ber(0x30, DATA, "definite"), undefined],
  ["no BER at all", Buffer.from("hello"), undefined],
  ["cut off", signed(TEXT, "definite").subarray(0, 30), undefined],
] as const) {
  test(`signed content: ${why}`, () => {
    assert.deepEqual(readSignedContent(bytes), want);
  });
}

test("values without end inside one another are not followed for ever", () => {
  assert.equal(readSignedContent(Buffer.from("3080".repeat(100_000), "hex")), undefined);
  const deep = Buffer.concat([Buffer.from("3080", "hex"), SIGNED, Buffer.from("a0803080", "hex")]);
  const bytes = Buffer.concat([deep, Buffer.from("3080".repeat(100_000), "hex")]);
  assert.equal(readSignedContent(bytes), undefined);
});

test("damaged content gives something or nothing", () => {
  const changes = fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 8 });
  const form = fc.constantFrom("definite" as const, "open" as const);
  fc.assert(
    fc.property(form, changes, (written, list) => {
      const bytes = signed(TEXT, written);
      for (const [at, value] of list) bytes[at % bytes.length] = value;
      const found = readSignedContent(bytes);
      if (Buffer.isBuffer(found)) assert(found.length <= bytes.length);
    }),
    { numRuns: 3000 },
  );
});
