import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CONTENT_LIMITS, type ContentLimits } from "./content-limits.ts";
import { readHtmlText } from "./html-text.ts";
import { readMarkup } from "./markup.ts";
import { lines, multipart } from "./message.fake.ts";
import { allParts } from "./message-view.ts";
import { scanParts } from "./part-scan.ts";
import { readMessage } from "./read-message.ts";
import { parseStructuredField } from "./structured-field.ts";

const { partCountMax, depthMax, headerBytesMax, fieldCountMax } = CONTENT_LIMITS;

function parts(count: number): Buffer {
  return lines(
    ...multipart(
      "mixed",
      Array.from({ length: count }, () => ["", "x"]),
    ),
  );
}

function nested(depth: number): Buffer {
  const open = Array.from({ length: depth }, (_, index) => [
    `Content-Type: multipart/mixed; boundary=b${index}`,
    "",
    `--b${index}`,
  ]);
  return lines(...open.flat(), "", "x");
}

function messages(depth: number): Buffer {
  return lines(
    ...Array.from({ length: depth }, () => ["Content-Type: message/rfc822", ""]).flat(),
    "",
  );
}

for (const [limit, atLimit, past] of [
  ["partCountMax", parts(partCountMax - 1), parts(partCountMax)],
  ["depthMax", nested(depthMax), nested(depthMax + 1)],
  ["depthMax", messages(depthMax), messages(depthMax + 1)],
  [
    "headerBytesMax",
    Buffer.from(`X: ${"x".repeat(headerBytesMax - 5)}\r\n\r\n`),
    Buffer.from(`X: ${"x".repeat(headerBytesMax - 4)}\r\n\r\n`),
  ],
  [
    "fieldCountMax",
    Buffer.from("X: 1\r\n".repeat(fieldCountMax)),
    Buffer.from("X: 1\r\n".repeat(fieldCountMax + 1)),
  ],
] as const) {
  test(`${limit}: as much as is allowed is read, one more is not`, () => {
    assert.equal(readMessage(atLimit, CONTENT_LIMITS).ok, true);
    assert.deepEqual(readMessage(past, CONTENT_LIMITS), {
      ok: false,
      fault: { limit, max: CONTENT_LIMITS[limit] },
    });
  });
}

test("sizes: of the message, and of what is in it", () => {
  const message = lines("", "0123456789");
  const read = (limits: Partial<ContentLimits>) =>
    readMessage(message, { ...CONTENT_LIMITS, ...limits });
  assert.equal(read({ messageBytesMax: 14, decodedBytesMax: 12 }).ok, true);
  assert.equal(read({ messageBytesMax: 13 }).ok, false);
  assert.equal(read({ decodedBytesMax: 11 }).ok, false);
});

test("a text past the limit is cut, and says so", () => {
  const limits = { ...CONTENT_LIMITS, textLengthMax: 5 };
  const view = readMessage(lines("", "0123456789"), limits);
  assert(view.ok);
  assert.deepEqual([view.value.bodies[0]?.text, view.value.bodies[0]?.isCut], ["01234", true]);
});

test("10,000 parts are given up after the first thousand", () => {
  const work = { lineCount: 0 };
  assert.equal(scanParts(parts(10_000), CONTENT_LIMITS, work).ok, false);
  assert(work.lineCount < 4 * partCountMax, `${work.lineCount} lines`);
});

test("lines of a body that are no boundary are not looked at one by one", () => {
  const work = { lineCount: 0 };
  const body = Array.from({ length: 50_000 }, () => "line - -- line");
  assert.equal(
    scanParts(lines(...multipart("mixed", [["", ...body]])), CONTENT_LIMITS, work).ok,
    true,
  );
  assert(work.lineCount < 10, `${work.lineCount} lines`);
});

test("a megabyte of open tags costs as many steps as it has tags, and hides no text", () => {
  const html = `${"<div>".repeat(200_000)}found`;
  let steps = 0;
  const step = () => {
    steps += 1;
  };
  readMarkup(html, "html", { open: step, close: step, text: step });
  assert.equal(steps, 200_001);
  assert.equal(readHtmlText(html, 1000).text, "found");
});

/** Pieces of which messages are made that confuse readers. */
const PIECES = [
  "--b\r\n",
  "--b--\r\n",
  "--c\r\n",
  "--c--",
  "\r\n",
  "\n",
  "\r",
  " ",
  "\0",
  "x",
  "Content-Type: multipart/mixed; boundary=b\r\n",
  "Content-Type: multipart/alternative; boundary=c\r\n",
  "Content-Type: multipart/digest; boundary=b\r\n",
  "Content-Type: message/rfc822\r\n",
  "Content-Type: text/html; charset=utf-16\r\n",
  "Content-Type: text/plain; name*0*=utf-8''%ff; name*1=\"\\\"\r\n",
  "Content-Transfer-Encoding: base64\r\n",
  "Content-Transfer-Encoding: quoted-printable\r\n",
  "Content-Disposition: attachment; filename==?utf-8?q?=80?=\r\n",
  'From: ("<a@b>\r\n',
  "Subject: =?utf-7?B?/////w==?=\r\n",
  "\xff\xfe",
  "=",
  "<p",
  "&#x110000;",
] as const;

test("whatever a message is made of, there is a view or a fault, and its parts lie in it", () => {
  const message = fc
    .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES) }, fc.string()), {
      maxLength: 60,
    })
    .map((pieces) => Buffer.from(pieces.join(""), "latin1"));
  const limits = { ...CONTENT_LIMITS, partCountMax: 20, depthMax: 6, textLengthMax: 100 };
  fc.assert(
    fc.property(message, (bytes) => {
      const view = readMessage(bytes, limits);
      if (!view.ok) return;
      structuredClone(view.value);
      const all = [...allParts(view.value.root)];
      assert(all.length <= 20);
      for (const { text } of view.value.bodies) assert(text.length <= 100);
      for (const part of all) {
        const { headerFrom, bodyFrom, to } = part.place;
        assert(headerFrom <= bodyFrom && bodyFrom <= to && to <= bytes.length);
        let at = bodyFrom;
        for (const child of part.children) {
          assert(child.place.headerFrom >= at);
          at = child.place.to;
        }
        assert(at <= to, "children end where their parent does");
      }
    }),
    { numRuns: 3000 },
  );
});

test("any text is read as a structured field", () => {
  const text = fc
    .array(
      fc.constantFrom("a", "/", ";", "=", '"', "\\", "(", ")", " ", "*", "0", "'", "%F", "\r\n"),
      {
        maxLength: 40,
      },
    )
    .map((characters) => characters.join(""));
  fc.assert(
    fc.property(text, (value) => {
      assert(parseStructuredField(value).parameters.size <= 20);
    }),
    { numRuns: 3000 },
  );
});
