import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { fakeClock } from "../base/clock.fake.ts";
import { MiB } from "../base/units.ts";
import { compoundOf, pdfOf, propertySetOf, tarOf, zipOf } from "./archive.fake.ts";
import { CONTENT_LIMITS, type ContentLimits } from "./content-limits.ts";
import { inspectAttachments } from "./inspect-attachments.ts";
import { type AttachmentView, allFiles } from "./message-view.ts";
import { readMessage } from "./read-message.ts";

interface Sample {
  readonly name?: string;
  readonly type?: string;
  readonly limits?: Partial<ContentLimits>;
  readonly wanted?: "structure" | "text";
}

/** What is found in a file that is attached to a message. */
async function look(bytes: Buffer | string, sample: Sample = {}): Promise<AttachmentView> {
  const { name = "file.bin", type = "application/octet-stream", wanted = "text" } = sample;
  const message = Buffer.from(
    `Content-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bytes).toString("base64")}\r\n`,
  );
  const limits = { ...CONTENT_LIMITS, ...sample.limits };
  const view = readMessage(message, CONTENT_LIMITS);
  assert(view.ok);
  const [found, ...more] = await inspectAttachments(message, view.value, {
    limits,
    clock: fakeClock(),
    wanted,
  });
  assert(found !== undefined && more.length === 0);
  return found;
}

/** Names, outcomes and texts of all that is in a file, on one line. */
function outline(file: AttachmentView): string {
  return [...allFiles(file)]
    .map(({ name, outcome, text }) => [name, outcome, text].filter((word) => word).join(" "))
    .join(" | ");
}

const PE = `MZ\x90\0${"\0".repeat(60)}PE\0\0`;
const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

for (const [why, bytes, name, type, isExecutable] of [
  [
    "a Windows program with a false name",
    PE,
    "a.txt",
    "application/vnd.microsoft.portable-executable",
    true,
  ],
  ["a Linux program", "\x7fELF\x02\x01\x01\0", "a", "application/x-elf", true],
  ["a shell script", "#!/bin/sh\nrm x\n", "notes.txt", "text/x-script", true],
  ["Java", "\xca\xfe\xba\xbe\0\0\0\x34", "a", "application/java-vm", true],
  [
    "a shortcut",
    `\x4c\0\0\0\x01\x14\x02\0${"\0".repeat(100)}`,
    "a",
    "application/x.ms.shortcut",
    true,
  ],
  ["a text that begins as a program does", "MZ Invoice for you", "a.txt", "text/plain", false],
  ["a batch file by its name", "del *.*", "a.bat. ", "text/plain", true],
  ["a script by its name", "alert(1)", "invoice.pdf.js", "text/plain", true],
  ["PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0", "a.exe.png", "image/png", false],
  ["text", "hello", "a", "text/plain", false],
  ["HTML", "<!DOCTYPE html><p>x", "a.txt", "text/html", false],
  ["nothing known", "\0\x01\x02\x03\x04\x05\x06\x07", "a", undefined, false],
  ["RTF", "{\\rtf1 x}", "a.doc", "application/rtf", false],
  [
    "an installer",
    compoundOf(new Map(), "84100c0000000000c000000000000046"),
    "a",
    "application/x-msi",
    true,
  ],
  [
    "Java, packed",
    zipOf([{ name: "META-INF/MANIFEST.MF", content: "" }]),
    "a.zip",
    "application/java-archive",
    true,
  ],
] as const) {
  test(`type by content: ${why}`, async () => {
    const found = await look(Buffer.from(bytes as string, "latin1"), { name });
    assert.deepEqual([found.detectedType, found.isExecutable], [type, isExecutable]);
  });
}

const WORD = zipOf([
  { name: "[Content_Types].xml", content: "<Types/>" },
  {
    name: "word/document.xml",
    content:
      "<w:document><w:body><w:p><w:r><w:t>Top</w:t></w:r><w:r><w:t xml:space='preserve'> secret" +
      "</w:t></w:r></w:p><w:p><w:r><w:t>A&amp;B</w:t></w:r><w:instrText>no</w:instrText></w:p>" +
      "</w:body></w:document>",
  },
  {
    name: "docProps/core.xml",
    content: "<c><dc:title>Plan</dc:title><dc:creator>Ann</dc:creator></c>",
  },
  {
    name: "docProps/custom.xml",
    content:
      '<Properties><property name="Class"><vt:lpwstr>Red</vt:lpwstr></property></Properties>',
  },
  { name: "word/embeddings/inner.exe", content: Buffer.from(PE, "latin1") },
]);
const EXCEL = zipOf([
  { name: "[Content_Types].xml", content: "<Types/>" },
  { name: "xl/sharedStrings.xml", content: "<sst><si><t>Card</t></si><si><t>Owner</t></si></sst>" },
  {
    name: "xl/worksheets/sheet1.xml",
    content: '<row><c t="s"><v>0</v></c><c><v>4111111111111111</v></c></row>',
  },
]);
const POWERPOINT = zipOf([
  { name: "[Content_Types].xml", content: "<Types/>" },
  { name: "ppt/slides/slide1.xml", content: "<p:sld><a:p><a:t>Slide</a:t></a:p></p:sld>" },
]);
const ODT = zipOf([
  { name: "mimetype", content: "application/vnd.oasis.opendocument.text" },
  { name: "content.xml", content: "<office:text><text:p>Open</text:p></office:text>" },
  {
    name: "meta.xml",
    content: '<m><meta:user-defined meta:name="Class">Blue</meta:user-defined></m>',
  },
]);

for (const [why, bytes, want] of [
  ["Word", WORD, "Top secret\nA&B\n"],
  ["Excel", EXCEL, "Card\nOwner\n\t4111111111111111\t\n"],
  ["PowerPoint", POWERPOINT, "Slide\n"],
  ["OpenDocument", ODT, "Open\n"],
  ["PDF", pdfOf(["First page", "Second"]), "First page\nSecond\n"],
  [
    "RTF",
    "{\\rtf1\\ansi\\ansicpg1251{\\fonttbl{\\f0 Arial;}}{\\*\\x no}\\'cf\\'f0 \\u8364?\\par" +
      "{\\uc2\\u252 ue}b\\{\\}\\~{\\info{\\author A}}\\bin3 }}}c}",
    "Пр €\nüb{}\u00a0c",
  ],
  ["HTML", "<html><style>x</style><p>a<td>b", "a b"],
  ["UTF-16", Buffer.from("\ufeffüa", "utf16le"), "üa"],
  ["a message", "Subject: s\r\n\r\nbody\r\n", "s\nbody\n"],
] as const) {
  test(`text: ${why}`, async () => {
    const found = await look(bytes);
    assert.deepEqual([found.text, found.outcome], [want, "read"]);
    assert.equal((await look(bytes, { wanted: "structure" })).text, undefined);
    const cut = await look(bytes, { limits: { textLengthMax: 4 } });
    assert.equal(cut.text, want.slice(0, 4));
  });
}

test("a document: its type, properties, and what is in it", async () => {
  const found = await look(WORD, { name: "a.docx" });
  assert.equal(found.detectedType, DOCX);
  assert.deepEqual(found.properties, [
    { name: "Title", value: "Plan" },
    { name: "Author", value: "Ann" },
    { name: "Class", value: "Red" },
  ]);
  assert.equal(found.entries[0]?.isExecutable, true);
  assert.deepEqual((await look(ODT)).properties, [{ name: "Class", value: "Blue" }]);
});

test("a document of old: its type and properties; text only of a known make", async () => {
  const summary = propertySetOf(
    new Map([
      [2, "Budget"],
      [4, "J\xfcrgen"],
    ]),
  );
  const streams = new Map([
    ["WordDocument", Buffer.alloc(20)],
    ["\x05SummaryInformation", summary],
  ]);
  const found = await look(compoundOf(streams));
  assert.deepEqual(
    [found.detectedType, found.outcome, found.isPasswordProtected],
    ["application/msword", "unsupported", false],
  );
  assert.deepEqual(found.properties, [
    { name: "Title", value: "Budget" },
    { name: "Author", value: "Jürgen" },
  ]);
});

const ENCRYPTED_WORD = Buffer.alloc(20);
ENCRYPTED_WORD[11] = 1;
const RAR5 = "Rar!\x1a\x07\x01\0\x01\x02\x03\x04\x21\x04\0\0";
for (const [why, bytes] of [
  ["an entry of a zip archive", zipOf([{ name: "a", content: "x", isEncrypted: true }])],
  ["Office", compoundOf(new Map([["EncryptedPackage", Buffer.alloc(8)]]))],
  ["Word of old", compoundOf(new Map([["WordDocument", ENCRYPTED_WORD]]))],
  ["Excel of old", compoundOf(new Map([["Workbook", Buffer.from("090800002f000000", "hex")]]))],
  [
    "OpenDocument",
    zipOf([
      { name: "mimetype", content: "application/vnd.oasis.opendocument.text" },
      { name: "META-INF/manifest.xml", content: "<manifest:encryption-data/>" },
    ]),
  ],
  ["RAR", Buffer.from(RAR5, "latin1")],
  ["7z", Buffer.from("377abcaf271c000406f10701", "hex")],
] as const) {
  test(`a password is needed: ${why}`, async () => {
    assert.equal((await look(bytes)).isPasswordProtected, true);
  });
}

test("a second name that runs makes a program of it", async () => {
  const found = await look("echo", { name: "a.txt", type: 'application/x; name="a.bat"' });
  assert.deepEqual([found.name, found.isExecutable], ["a.txt", true]);
});

test("an archive behind something else is one; what cannot be listed is not read", async () => {
  const found = await look(Buffer.concat([Buffer.from("x"), zipOf([{ name: "a", content: "" }])]));
  assert.deepEqual([found.detectedType, found.outcome], ["application/zip", "unsupported"]);
});

test("archives inside one another, and in messages", async () => {
  const inner = zipOf([{ name: "deep/a.exe", content: Buffer.from(PE, "latin1") }]);
  const tar = tarOf([
    { name: "b.zip", content: inner },
    { name: "c.txt", content: "text" },
  ]);
  const found = await look(gzipSync(tar), { name: "x.tgz" });
  assert.equal(
    outline(found),
    "x.tgz read | x.tar read | b.zip read | deep/a.exe unsupported | c.txt read text",
  );
  assert.equal(
    [...allFiles(found)].some(({ isExecutable }) => isExecutable),
    true,
  );
  const message = await look(
    `Content-Type: application/zip; name=m.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
      inner.toString("base64"),
    { type: "message/rfc822", name: "m.eml" },
  );
  assert.equal(outline(message), "m.eml read | m.zip read | deep/a.exe unsupported");
});

for (const [why, name] of [
  ["leaving the folder", "../../etc/passwd"],
  ["absolute", "/etc/passwd"],
  ["with backslashes", "a\\b.exe"],
] as const) {
  test(`a zip entry with a name ${why} is listed as any other`, async () => {
    const found = await look(zipOf([{ name, content: "x" }]));
    assert.equal(found.entries[0]?.name, name.replaceAll("\\", "/"));
  });
}

const ZEROS = Buffer.alloc(8 * MiB);
/** Eight times eight megabytes from some kilobytes, twice over. */
const BOMB = zipOf(Array.from({ length: 8 }, (_, index) => ({ name: `${index}`, content: ZEROS })));
for (const [why, bytes, limits, want] of [
  [
    "an entry packed too tightly",
    zipOf([{ name: "a", content: ZEROS }]),
    {},
    "file.bin read | a limitExceeded",
  ],
  [
    "an entry that lies about its size",
    zipOf([{ name: "a", content: ZEROS, claimedBytes: 10 }]),
    {},
    "file.bin read | a limitExceeded",
  ],
  ["gzip packed too tightly", gzipSync(ZEROS), {}, "file.bin limitExceeded"],
  [
    "more files than are looked at",
    zipOf(Array.from({ length: 4 }, (_, index) => ({ name: `${index}`, content: "" }))),
    { fileCountMax: 3 },
    "file.bin limitExceeded | 0 read | 1 read",
  ],
  [
    "archives too deep",
    zipOf([{ name: "a", content: zipOf([{ name: "b", content: "x" }]) }]),
    { depthMax: 1 },
    "file.bin read | a limitExceeded",
  ],
  ["no bytes left", "hello", { decodedBytesMax: 4 }, "file.bin limitExceeded"],
  ["no time left", "hello", { timeMsMax: 0 }, "file.bin limitExceeded"],
] as const) {
  test(`limits: ${why}`, async () => {
    assert.equal(outline(await look(bytes, { limits })), want);
  });
}

test("what is unpacked counts together", async () => {
  const limits = { archiveRatioMax: 5000, decodedBytesMax: 30 * MiB, textLengthMax: 1 };
  const found = await look(BOMB, { limits });
  assert.deepEqual(
    found.entries.map(({ outcome }) => outcome === "limitExceeded"),
    [false, false, false, true, true, true, true, true],
  );
});

test("a PDF whose stream unpacks to too much is given up", async () => {
  const bytes = deflateSync(Buffer.alloc(200 * MiB, " "));
  for (const filter of ["/Filter /FlateDecode", "/Filter [/FlateDecode /FlateDecode]"]) {
    const twice = filter.includes("[") ? deflateSync(bytes) : bytes;
    const found = await look(pdfOf(["x"], { filter, bytes: twice }));
    assert.equal(found.outcome, "limitExceeded");
  }
  assert.match((await look(pdfOf(["after"]))).text ?? "", /^after/);
});

test("damaged files of every kind give an outcome", async () => {
  const samples = [WORD, EXCEL, ODT, BOMB.subarray(0, 2000), tarOf([{ name: "a", content: "x" }])];
  const rtf = Buffer.from("{\\rtf1\\ansi{\\*\\a b}\\u8364?\\'e4 text\\par{\\b x}}");
  const more = [
    rtf,
    gzipSync("x"),
    pdfOf(["x"]),
    compoundOf(new Map([["Workbook", Buffer.alloc(9)]])),
  ];
  const limits = { decodedBytesMax: MiB, fileCountMax: 20 };
  const { Uint8Array: original } = globalThis;
  const damage = fc.record(
    {
      sample: fc.constantFrom(...samples, ...more),
      changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255))),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    },
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(damage, async ({ sample, changes, share }) => {
      const bytes = Buffer.from(
        sample.subarray(0, Math.ceil(sample.length * Math.max(share, 0.5))),
      );
      for (const [place, value] of changes) bytes[Math.floor(place * (bytes.length - 1))] = value;
      const found = await look(bytes, { limits });
      assert([...allFiles(found)].length <= 21);
      structuredClone(found);
    }),
    { numRuns: 300 },
  );
  assert.equal(globalThis.Uint8Array, original);
});
