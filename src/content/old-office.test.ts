import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compoundOf } from "./archive.fake.ts";
import { readCompoundFile } from "./compound-file.ts";
import { readExcelText } from "./excel-text.ts";
import { readPowerPointText } from "./powerpoint-text.ts";
import { readWordText } from "./word-text.ts";

/** A document of two pieces: one in windows-1252, one in UTF-16 (MS-DOC §2.4.1). */
function wordOf(narrow: Buffer, wide: string): Buffer {
  const wideBytes = Buffer.from(wide, "utf16le");
  const document = Buffer.alloc(2048);
  document.writeUInt16LE(0xa5ec, 0);
  document.writeUInt16LE(0xc1, 2);
  document.writeUInt16LE(0x0200, 10);
  narrow.copy(document, 1024);
  wideBytes.copy(document, 1536);
  const list = Buffer.alloc(28);
  list.writeUInt32LE(narrow.length, 4);
  list.writeUInt32LE(narrow.length + wide.length, 8);
  list.writeUInt32LE((0x40000000 | (1024 * 2)) >>> 0, 14);
  list.writeUInt32LE(1536, 22);
  const head = Buffer.from([1, 2, 0, 0xff, 0xff, 2, 0, 0, 0, 0]);
  head.writeUInt32LE(list.length, 6);
  const table = Buffer.concat([Buffer.alloc(16), head, list]);
  document.writeUInt32LE(16, 0x1a2);
  document.writeUInt32LE(head.length + list.length, 0x1a6);
  return compoundOf(
    new Map([
      ["WordDocument", document],
      ["1Table", table],
    ]),
  );
}

function wordText(bytes: Buffer, lengthMax = 1000): string | undefined {
  return readWordText(readCompoundFile(bytes) ?? [], lengthMax);
}

test("Word: pieces in both charsets, marks as text, instructions of fields left out", () => {
  const narrow = Buffer.from("J\xfcrgen\x80\r\x13 HYPERLINK x \x14link\x15\x07", "latin1");
  const bytes = wordOf(narrow, "日本\x0bend\x01");
  assert.equal(wordText(bytes), "Jürgen€\nlink\t日本\nend");
  assert.equal(wordText(bytes, 3), "Jür");
});

function record(type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(type, 0);
  header.writeUInt16LE(data.length, 2);
  return Buffer.concat([header, data]);
}

/** A string with its length and flags (MS-XLS §2.5.293). */
function excelString(text: string, flags: number, extra = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt16LE(text.length, 0);
  head[2] = flags;
  const characters = Buffer.from(text, (flags & 1) === 0 ? "latin1" : "utf16le");
  const runs = (flags & 8) === 0 ? Buffer.alloc(0) : Buffer.from([1, 0]);
  return Buffer.concat([head, runs, characters, extra]);
}

test("Excel: shared strings, also where records cut them, and numbers", () => {
  const table = Buffer.concat([
    Buffer.from([4, 0, 0, 0, 4, 0, 0, 0]),
    excelString("narrow", 0),
    excelString("wide 日", 1),
    excelString("rich", 8, Buffer.alloc(4)),
    Buffer.from([6, 0, 0]),
    Buffer.from("cut", "latin1"),
  ]);
  const rest = Buffer.concat([Buffer.from([1]), Buffer.from("日本語", "utf16le")]);
  const number = Buffer.alloc(14);
  number.writeDoubleLE(4111111111111111, 6);
  const small = Buffer.alloc(10);
  small.writeUInt32LE(((1234 << 2) | 3) >>> 0, 6);
  const stream = Buffer.concat([
    record(0x809, Buffer.alloc(16)),
    record(0xfc, table),
    record(0x3c, rest),
    record(0x203, number),
    record(0x27e, small),
    record(0x204, Buffer.concat([Buffer.alloc(6), excelString("label", 0)])),
  ]);
  assert.equal(
    readExcelText(stream, 1000),
    "narrow\nwide 日\nrich\ncut日本語\n4111111111111111\n12.34\nlabel",
  );
  assert.equal(readExcelText(stream, 9), "narrow\nwi");
});

test("PowerPoint: texts in containers, in both encodings", () => {
  const atom = (type: number, data: Buffer, version = 0) => {
    const header = Buffer.alloc(8);
    header.writeUInt16LE(version, 0);
    header.writeUInt16LE(type, 2);
    header.writeUInt32LE(data.length, 4);
    return Buffer.concat([header, data]);
  };
  const texts = [
    atom(4000, Buffer.from("日本\rx", "utf16le")),
    atom(4008, Buffer.from("\xfc", "latin1")),
  ];
  const stream = atom(
    1000,
    Buffer.concat([atom(1036, Buffer.concat(texts), 0xf), atom(1, texts[0] ?? Buffer.alloc(0))]),
    0xf,
  );
  assert.equal(readPowerPointText(stream, 1000), "日本\nx\nü");
});

test("whatever is in such files, there is a text within the limit, or none", () => {
  const word = wordOf(Buffer.from("abc"), "def");
  const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
  const changes = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { maxLength: 20 });
  fc.assert(
    fc.property(bytes, changes, (stream, list) => {
      assert(readExcelText(stream, 50).length <= 50);
      const table = Buffer.concat([record(0xfc, stream), record(0x3c, stream)]);
      assert(readExcelText(table, 50).length <= 50);
      assert(readPowerPointText(stream, 50).length <= 50);
      const damaged = Buffer.from(word);
      for (const [at, value] of list) damaged[at] = value;
      assert((wordText(damaged, 50) ?? "").length <= 50);
    }),
    { numRuns: 3000 },
  );
});
