import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { previewMessage } from "./message-preview.ts";
import { keptMessage, openRoom } from "./quarantine-room.fake.ts";

function contentOf(text: string) {
  const bytes = Buffer.from(text);
  const size = 256 * 1024;
  return {
    bytes: bytes.length,
    peek: () => undefined,
    read: async (index: number) => {
      const from = index * size;
      return from >= bytes.length ? undefined : bytes.subarray(from, from + size);
    },
  };
}

const MIXED = [
  "From: a@b.test",
  "Cc: c@d.test",
  "Subject: hi",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "Hello\u001b[31m you",
  "--b",
  'Content-Type: application/octet-stream; name="a\u202egpj.exe"',
  "Content-Disposition: attachment",
  "",
  "x",
  "--b--",
  "",
].join("\r\n");

test("header, text and names of a message, and nothing that a terminal obeys", async () => {
  const edits = [{ kind: "prepend", text: "X-Ours: 1\r\n" }] as const;
  const preview = await previewMessage(contentOf(MIXED), edits);
  assert.match(preview.header, /^X-Ours: 1\nFrom: a@b\.test\n/);
  assert.equal(preview.text.trim(), "Hello\ufffd[31m you");
  assert.deepEqual(preview.cc, ["c@d.test"]);
  assert.deepEqual(preview.attachments, ["a\ufffdgpj.exe (application/octet-stream)"]);
  assert.equal(preview.isCut, false);
});

test("of HTML the words, and apart from them what came", async () => {
  const html = "<p>Pay <b>now</b></p><script>alert(1)</script><img src='http://x.test/p'>";
  const text = `Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n${html}\r\n`;
  const preview = await previewMessage(contentOf(text), []);
  assert.equal(preview.text.trim(), "Pay now");
  assert.equal(preview.html, html);
});

for (const [why, text] of [
  ["a long text", `Subject: x\r\n\r\n${"word ".repeat(40_000)}\r\n`],
  ["a huge message", `Subject: x\r\n\r\n${"word word word\r\n".repeat(200_000)}`],
  ["long HTML", `Content-Type: text/html\r\n\r\n${"<div><!--<a href='".repeat(20_000)}\r\n`],
  ["a long header", `X-A: ${"a".repeat(40_000)}\r\n\r\nx\r\n`],
  ["a header without end", "X-A: b\r\n".repeat(80_000)],
  [
    "too many parts",
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(500)}`,
  ],
] as const) {
  test(`cut: ${why}`, async () => {
    const preview = await previewMessage(contentOf(text), []);
    assert.equal(preview.isCut, true);
    assert(preview.header.length <= 32 * 1024);
    assert(preview.text.length <= 64 * 1024);
  });
}

test("of twenty megabytes only the beginning is read", async () => {
  const big = contentOf(`Subject: x\r\n\r\n${"word word word\r\n".repeat(1_310_720)}`);
  let readCount = 0;
  const content = {
    ...big,
    read: (index: number) => {
      readCount += 1;
      return big.read(index);
    },
  };
  const preview = await previewMessage(content, []);
  assert(preview.isCut && preview.text.startsWith("word word"));
  assert(readCount <= 4, `${readCount} pieces of ${big.bytes} bytes were read`);
});

const nested = (depth: number, end: string) => {
  const open = Array.from({ length: depth }, (_, at) => {
    const type = `Content-Type: multipart/mixed; boundary="b${at}"\r\n\r\n`;
    return at % 2 === 0
      ? `${type}--b${at}\r\n`
      : `Content-Type: message/rfc822\r\n\r\n${type}--b${at}\r\n`;
  });
  return `Subject: x\r\nMIME-Version: 1.0\r\n${open.join("")}${end}`;
};

for (const [why, text] of [
  ["parts in parts", nested(2_000, "Content-Type: text/html\r\n\r\n<p>deep\r\n")],
  ["HTML without end", `Content-Type: text/html\r\n\r\n${"<div><table><".repeat(30_000)}`],
  ["HTML in HTML in attributes", `Content-Type: text/html\r\n\r\n${'<a href="'.repeat(30_000)}`],
  ["comments that never close", `Content-Type: text/html\r\n\r\n${"<!--<![CDATA[".repeat(30_000)}`],
  [
    "a boundary that is everywhere",
    `Content-Type: multipart/mixed; boundary=-\r\n\r\n${"---\r\n".repeat(80_000)}`,
  ],
  ["base64 that is none", `Content-Transfer-Encoding: base64\r\n\r\n${"%$§\r\n".repeat(80_000)}`],
  ["nothing at all", ""],
  ["no header", "\r\n\r\nwords"],
  ["addresses that are none", `Cc: ${"<<,;:".repeat(20_000)}\r\n\r\nx`],
] as const) {
  test(`hostile: ${why}`, async () => {
    const preview = await previewMessage(contentOf(text), []);
    assert(preview.text.length <= 64 * 1024 && preview.html.length <= 256 * 1024);
    assert(preview.cc.length <= 100 && preview.attachments.length <= 100);
  });
}

test("a message whose recipients have all gone is previewed", async () => {
  const { run, quarantine } = await openRoom();
  quarantine.kept = [keptMessage(5, { to: [] })];
  const { values } = await run("Preview-QuarantineMessage", { Identity: "5" });
  assert.deepEqual(values[0]?.["RecipientAddress"], []);
});

test("Preview-QuarantineMessage shows it, for one of its recipients, and is audited", async () => {
  const { run, quarantine, audited } = await openRoom();
  quarantine.kept = [keptMessage(5)];
  quarantine.text = MIXED;
  const { values } = await run("Preview-QuarantineMessage", { Identity: "5" });
  assert.match(textOf(values[0]?.["Body"]), /^Hello/);
  assert.equal(audited.length, 1);
  const RecipientAddress = "bob@contoso.test";
  const { failed } = await run("Preview-QuarantineMessage", { Identity: "5", RecipientAddress });
  assert.match(failed?.message ?? "", /is not kept from bob@/);
});
