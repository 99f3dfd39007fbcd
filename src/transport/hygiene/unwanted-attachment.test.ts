import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../base/clock.fake.ts";
import { zipOf } from "../../content/archive.fake.ts";
import { CONTENT_LIMITS } from "../../content/content-limits.ts";
import { inspectAttachments } from "../../content/inspect-attachments.ts";
import { lines, multipart } from "../../content/message.fake.ts";
import { readMessage } from "../../content/read-message.ts";
import { stripAttachments } from "./strip-attachments.ts";
import { compileEntries, findUnwanted } from "./unwanted-attachment.ts";

const PROGRAM = Buffer.from(`MZ\x90\0${"\0".repeat(60)}PE\0\0`, "latin1");

function attached(name: string, bytes: Buffer, type = "application/octet-stream"): string[] {
  const encoded = bytes.toString("base64").match(/.{1,76}/g) ?? [];
  return [
    `Content-Type: ${type}`,
    `Content-Disposition: attachment; filename="${name}"`,
    "Content-Transfer-Encoding: base64",
    "",
    ...encoded,
  ];
}

const TEXT = ["Content-Type: text/plain", "", "Hello"];

async function look(content: Buffer) {
  const view = readMessage(content, CONTENT_LIMITS);
  assert.ok(view.ok);
  const attachments = await inspectAttachments(content, view.value, {
    limits: CONTENT_LIMITS,
    clock: fakeClock(),
    wanted: "structure",
  });
  return { view: view.value, attachments };
}

const mail = (...parts: readonly (readonly string[])[]) =>
  lines("From: ann@fabrikam.test", "MIME-Version: 1.0", ...multipart("mixed", [TEXT, ...parts]));

for (const [why, entry, part, want] of [
  ["by its name", "FileName:*.exe", attached("Setup.EXE", Buffer.from("x")), "Setup.EXE"],
  [
    "by a second name that it has",
    "FileName:*.exe",
    attached("a.txt", Buffer.from("x"), "text/plain; name=a.exe"),
    "a.txt",
  ],
  ["not by another", "FileName:*.exe", attached("setup.exe.txt", Buffer.from("x")), undefined],
  [
    "by its type",
    "ContentType:application/hta",
    attached("a", Buffer.from("x"), "application/hta"),
    "a",
  ],
  [
    "by a family of types",
    "ContentType:application/*",
    attached("a", Buffer.from("x"), "application/x-any"),
    "a",
  ],
  ["a program with a false name", "FileName:*.exe", attached("photo.jpg", PROGRAM), "photo.jpg"],
  [
    "a program with a false type",
    "ContentType:application/x-msdownload",
    attached("photo.jpg", PROGRAM, "image/jpeg"),
    "photo.jpg",
  ],
  [
    "in an archive",
    "FileName:*.js",
    attached("docs.zip", zipOf([{ name: "inner/run.js", content: "x" }])),
    "inner/run.js",
  ],
  [
    "in an attached message",
    "FileName:*.js",
    [
      "Content-Type: message/rfc822",
      "",
      "Subject: x",
      ...multipart("mixed", [TEXT, attached("run.js", Buffer.from("x"))], "b2"),
    ],
    "run.js",
  ],
] as const) {
  test(`unwanted ${why}`, async () => {
    const seen = await look(mail(part));
    const patterns = compileEntries([{ name: entry }]);
    const found = findUnwanted(patterns, { encryptedArchivesEnabled: true }, seen);
    assert.deepEqual(found.map(({ name }) => name).slice(0, 1), want === undefined ? [] : [want]);
  });
}

test("patterns match as a regular expression would, whatever they are", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  fc.assert(
    fc.property(text, name, (pattern, one) => {
      const entry = { name: `FileName:${pattern}` };
      const escaped = pattern.replaceAll(".", "\\.").replaceAll("*", ".*");
      const [compiled] = compileEntries([entry]).names;
      assert.equal(compiled?.matches(one), new RegExp(`^${escaped}$`).test(one));
    }),
  );
});

test("what is taken out leaves a text, and all else byte for byte", async () => {
  const kept = attached("kept.txt", Buffer.from("kept"));
  const content = mail(attached("bad.exe", PROGRAM), kept);
  const { view } = await look(content);
  const [, bad] = view.root.children;
  assert.ok(bad);
  const pieces = stripAttachments(content, [bad], "Removed – sorry");
  assert.ok(pieces);
  const stripped = Buffer.concat(pieces);
  const whole = stripped.toString("latin1");
  assert.ok(!whole.includes(PROGRAM.toString("base64").slice(0, 40)));
  assert.ok(whole.startsWith(content.toString("latin1").slice(0, bad.place.headerFrom)));
  assert.ok(whole.endsWith(content.toString("latin1").slice(bad.place.to)));
  const again = await look(stripped);
  assert.deepEqual(
    again.view.root.children.map(({ fileName }) => fileName),
    [undefined, "bad.exe.txt", "kept.txt"],
  );
});

test("the message itself and what is signed cannot be taken out", async () => {
  const content = lines("Content-Type: application/hta", "", "x");
  const { view } = await look(content);
  assert.equal(stripAttachments(content, [view.root], "x"), undefined);
  const signed = mail(multipart("signed", [attached("a.exe", PROGRAM), TEXT], "b2"));
  const inner = (await look(signed)).view.root.children[1]?.children[0];
  assert.equal(inner?.isSealed, true);
  assert.equal(stripAttachments(signed, [inner], "x"), undefined);
});
