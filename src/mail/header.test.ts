import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type HeaderOptions, HeaderScanner } from "./header.ts";
import { SUBJECT_LENGTH_MAX } from "./header-values.ts";

const OPTIONS: HeaderOptions = {
  bytesMax: 10_000,
  fieldsMax: 100,
  localHosts: ["mail.contoso.test"],
};

/** Scans `text` at once, or in pieces of `size` octets. */
function scan(text: string, options = OPTIONS, size = Number.POSITIVE_INFINITY): HeaderScanner {
  const scanner = new HeaderScanner(options);
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += Math.min(size, bytes.length)) {
    scanner.write(Uint8Array.from(bytes.subarray(at, at + Math.min(size, bytes.length))));
  }
  return scanner;
}

function summaryOf(text: string) {
  const scanner = scan(text);
  scanner.end();
  return scanner.summary();
}

const UTF8_SUBJECT = Buffer.from("Subject: Grüße\r\n").toString("latin1");

for (const [why, text, want] of [
  ["nothing", "", { bytes: 0, fieldCount: 0, messageId: "", subject: "", hasDate: false }],
  ["no header", "\r\nbody: no\r\n", { bytes: 0, fieldCount: 0 }],
  ["fields", "A: 1\r\nB: 2\r\n\r\nC: 3\r\n", { bytes: 12, fieldCount: 2 }],
  ["no empty line", "A: 1\r\nB: 2\r\n", { bytes: 12, fieldCount: 2 }],
  ["no last line end", "A: 1\r\nSubject: x", { bytes: 16, fieldCount: 2, subject: "x" }],
  ["bare LF", "A: 1\nSubject: x\n\nB: 2\n", { bytes: 16, fieldCount: 2, subject: "x" }],
  ["a body without header", "Hello\r\nA: 1\r\n\r\n", { bytes: 0, fieldCount: 0 }],
  ["junk ends it", "A: 1\r\njunk\r\nSubject: x\r\n\r\n", { bytes: 6, fieldCount: 1, subject: "" }],
  ["continuation first", " x\r\nSubject: x\r\n\r\n", { bytes: 0, fieldCount: 0, subject: "" }],
  ["space before the colon", "Subject : x\r\n\r\n", { fieldCount: 1, subject: "x" }],
  ["no space after it", "sUBJECT:x\r\n\r\n", { subject: "x" }],
  ["folded", "Subject: a\r\n\tb\r\n  c\r\n\r\n", { fieldCount: 1, subject: "a b  c" }],
  ["a longer name", "Subjects: x\r\n\r\n", { subject: "" }],
  ["encoded", "Subject: =?utf-8?q?=C3=BC?=\r\n =?utf-8?q?=0D=0Ax?=\r\n\r\n", { subject: "ü x" }],
  ["UTF-8", `${UTF8_SUBJECT}\r\n`, { subject: "Grüße" }],
  ["Latin 1", "Subject: Gr\xfc\xdfe\r\n\r\n", { subject: "Grüße" }],
  ["the first of two", "Subject: a\r\nSubject: b\r\n\r\n", { subject: "a", fieldCount: 2 }],
  ["message id", "Message-ID:\r\n <a@x.test>\r\n\r\n", { messageId: "<a@x.test>" }],
  ["empty message id", "Message-ID: \r\n\r\n", { messageId: "" }],
  ["date", "Date: Fri, 5 Aug 2016 16:24:41 -0700\r\n\r\n", { hasDate: true }],
  ["bad date", "Date: now\r\n\r\n", { hasDate: false }],
  ["from", "From: A <a@x.test>\r\n\r\n", { hasFrom: true, from: "a@x.test", sender: "" }],
  ["empty from", "From:\r\n\r\n", { hasFrom: true, from: "" }],
  ["sender", "Sender: b@x.test\r\n\r\n", { hasFrom: false, from: "", sender: "b@x.test" }],
  ["importance", "Importance: High\r\n\r\n", { importance: "High" }],
  ["X-Priority", "X-Priority: 5 (Lowest)\r\n\r\n", { importance: "Low" }],
  ["Priority", "Priority: urgent\r\n\r\n", { importance: "High" }],
  ["unknown importance", "X-Priority: x\r\n\r\n", { importance: "Normal" }],
  ["importance wins", "X-Priority: 1\r\nImportance: low\r\n\r\n", { importance: "Low" }],
  [
    "auto-submitted",
    "Auto-Submitted: Auto-Replied; a=b\r\n\r\n",
    { autoSubmitted: "auto-replied" },
  ],
  [
    "Received",
    "Received: by a.test\r\nReceived: x\r\n\r\n",
    { receivedCount: 2, localReceivedCount: 0 },
  ],
  [
    "our own name",
    "Received: from x by MAIL.contoso.test\r\n\twith SMTP; date\r\n\r\n",
    { receivedCount: 1, localReceivedCount: 1 },
  ],
  [
    "our own name folded away",
    "Received: from x ([192.0.2.1])\r\n by\r\n\tmail.contoso.test; date\r\n\r\n",
    { localReceivedCount: 1 },
  ],
  [
    "our own name in a comment",
    "Received: from x (by mail.contoso.test) by y.test; date\r\n\r\n",
    { localReceivedCount: 0 },
  ],
  [
    "a client called by",
    "Received: from by (x) by mail.contoso.test\r\n\r\n",
    { localReceivedCount: 1 },
  ],
  [
    "our name as client",
    "Received: from mail.contoso.test by y.test\r\n\r\n",
    { localReceivedCount: 0 },
  ],
  [
    "firewalled names, once each",
    "X-MS-Exchange-Organization-SCL: 1\r\nx-ms-exchange-organization-scl: 2\r\n" +
      "X-MS-Exchange-Forest-A: 1\r\nX-MS-Exchange-CrossTenant-Id: 1\r\n\r\n",
    { firewalledNames: ["x-ms-exchange-organization-scl", "x-ms-exchange-forest-a"] },
  ],
] as const) {
  test(`HeaderScanner: ${why}`, () => {
    const summary: Readonly<Record<string, unknown>> = { ...summaryOf(text) };
    for (const [name, value] of Object.entries(want)) assert.deepEqual(summary[name], value, name);
  });
}

test("a subject is cut", () => {
  const { subject } = summaryOf(`Subject: ${"x".repeat(SUBJECT_LENGTH_MAX + 1)}\r\n\r\n`);
  assert.equal(subject, "x".repeat(SUBJECT_LENGTH_MAX));
  const long = `${"x".repeat(SUBJECT_LENGTH_MAX - 1)}😀`;
  const emoji = summaryOf(`Subject: ${Buffer.from(long).toString("latin1")}\r\n\r\n`);
  assert.ok(emoji.subject.isWellFormed());
});

for (const size of [1, 2, 7, Number.POSITIVE_INFINITY]) {
  test(`the size limit holds to the octet, in pieces of ${size}`, () => {
    const header = `A: ${"x".repeat(40)}\r\nB: y\r\n`;
    const options = { ...OPTIONS, bytesMax: header.length };
    for (const end of ["\r\n", "\n", "\r\nbody", ""]) {
      const scanner = scan(header + end, options, size);
      assert.equal(scanner.end(), "complete");
      assert.equal(scanner.summary().bytes, header.length);
    }
    const tight = { ...OPTIONS, bytesMax: header.length - 1 };
    assert.equal(scan(`${header}\r\n`, tight, size).state, "too-large");
    assert.equal(scan(header.slice(0, -2), { ...tight, bytesMax: 47 }, size).state, "too-large");
    assert.equal(scan(`A: 1\r\n ${"x".repeat(header.length)}`, tight, size).state, "too-large");
    assert.equal(scan(`not a field ${"x".repeat(100)}`, tight, size).end(), "complete");
  });

  test(`the number of fields is limited, in pieces of ${size}`, () => {
    const options = { ...OPTIONS, fieldsMax: 3 };
    assert.equal(scan("A: 1\r\n".repeat(3).concat("\r\n"), options, size).state, "complete");
    assert.equal(scan("A: 1\r\n".repeat(4).concat("\r\n"), options, size).state, "too-many-fields");
    const long = `${"A: 1\r\n".repeat(3)}A: ${"x".repeat(100)}\r\n`;
    assert.equal(scan(long, { ...options, bytesMax: 80 }, size).state, "too-many-fields");
  });
}

test("a scan does not depend on how the bytes are cut", () => {
  const line = fc.constantFrom(
    "Subject: a",
    "Received: from x by mail.contoso.test; d",
    " folded",
    "\tby z.test",
    "junk",
    "From: a@x.test",
    "Message-ID: <a@x>",
    "X-Priority: 1",
    "\r",
    "X-MS-Exchange-Forest-A: b",
    "",
    `X: ${"y".repeat(300)}`,
  );
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "")), { maxLength: 12 })
    .map((lines) => lines.map(([left, right]) => left + right).join(""));
  const options = { ...OPTIONS, bytesMax: 600, fieldsMax: 8 };
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 30 }), (header, size) => {
      const whole = scan(header, options);
      const cut = scan(header, options, size);
      assert.equal(cut.end(), whole.end());
      if (whole.state === "complete") assert.deepEqual(cut.summary(), whole.summary());
    }),
    { numRuns: 1000 },
  );
});

test("any bytes are scanned without a throw", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (pieces) => {
      const scanner = new HeaderScanner(OPTIONS);
      for (const piece of pieces) scanner.write(piece);
      assert.equal(scanner.end(), "complete");
      assert.equal(typeof scanner.summary().subject, "string");
    }),
  );
});

for (const [field, want] of [
  ["TLS-Required: No", true],
  ["tls-required:no ", true],
  ["TLS-Required:\r\n No", true],
  ["TLS-Required: Yes", false],
  ["TLS-Required: No, thanks", false],
  ["TLS-Required:", false],
  ["TLS-Required: Yes\r\nTLS-Required: No", false],
  ["X-TLS-Required: No", false],
] as const) {
  test(`${JSON.stringify(field)} makes TLS ${want ? "needless" : "as needed as ever"}`, () => {
    assert.equal(summaryOf(`${field}\r\n\r\n`).tlsNotRequired, want);
  });
}

for (const [value, want] of [
  [" 1048576 ", 1_048_576],
  ["0", 0],
  ["", undefined],
  ["-1", undefined],
  ["1e3", undefined],
  ["12 345", undefined],
  ["9".repeat(16), undefined],
] as const) {
  test(`the original size in ${JSON.stringify(value)} is ${want}`, () => {
    const scanner = new HeaderScanner({ bytesMax: 1000, fieldsMax: 10, localHosts: [] });
    scanner.write(Buffer.from(`X-MS-Exchange-Organization-OriginalSize:${value}\r\n\r\n`));
    assert.equal(scanner.summary().originalBytes, want);
  });
}

for (const [text, want] of [
  ["Subject: x\r\n\r\nbody", false],
  ["Subject: x\r\n", false],
  ["Subject: x", false],
  ["\r\nbody", false],
  ["", false],
  ["Subject: x\nFrom: a@b.test\n\nbody", false],
  ["body\r\nFrom: bob@contoso.test\r\n\r\n", true],
  ["From alice Mon\r\nFrom: bob@contoso.test\r\n\r\n", true],
  [" folded\r\nFrom: bob@contoso.test\r\n\r\n", true],
  ["Subject: x\r\nodd line\r\nFrom: bob@contoso.test\r\n\r\n", true],
  ["Subject: x\r\n: y\r\n\r\n", true],
] as const) {
  test(`the header of ${JSON.stringify(text)} ${want ? "ends in junk" : "ends well"}`, () => {
    for (const size of [1, 7, 1000]) {
      const scanner = scan(text, OPTIONS, size);
      scanner.end();
      assert.equal(scanner.summary().endsInJunk, want, `in pieces of ${size}`);
    }
  });
}

test("authors: a From that is longer than what is kept is not whole, however it comes", () => {
  const name = `From${" ".repeat(200)}:`;
  const line = `${name} a@b.test,${" ".repeat(8_200 - name.length)}, bob@contoso.test`;
  for (const size of [100, 100_000]) {
    const { isWhole, from } = scan(`${line}\r\n\r\n`, OPTIONS, size).authors();
    assert.ok(!isWhole || from.length === 2, `in pieces of ${size}`);
  }
});

test("authors: a CR inside a line of binary content is an end of line to some readers", () => {
  for (const [text, want] of [
    ["Subject: x\r\nFrom: a@b.test\r\n\r\n", true],
    ["Subject: x\rFrom: bob@contoso.test\r\nFrom: a@b.test\r\n\r\n", false],
    ["From: a@b.test\r\nSubject: x\r\r\n\r\n", false],
    [`From: a@b.test\r\nSubject: ${"x".repeat(8_400)}\rFrom: c@d.test\r\n\r\n`, false],
  ] as const) {
    for (const size of [1, 50, 100_000]) {
      const { isWhole } = scan(text, { ...OPTIONS, isBinary: true }, size).authors();
      assert.equal(isWhole, want, `${text.slice(0, 60)} in pieces of ${size}`);
    }
  }
});
