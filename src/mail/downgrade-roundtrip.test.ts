import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { convert, cut, type Target } from "./downgrade.fake.ts";
import { inspectContent } from "./downgrade.ts";
import { Base64Decoder, QuotedPrintableDecoder } from "./transfer-encoding.ts";

const E = "\xc3\xa9";

test("downgradeContent: a body past the look-ahead is encoded from its start", async () => {
  const body = "all is clean so far\r\n".repeat(10_000) + E;
  const message = multipart("b", "8bit", [`Content-Type: text/plain\r\n\r\n${body}`]);
  for (const size of [1000, 1 << 20]) {
    const converted = await convert(cut(message, size), "7BIT");
    assert.deepEqual(treeOf(converted), treeOf(message));
    assert.equal((await inspectContent(cut(converted, 4096))).needs, "7BIT");
  }
});

test("downgradeContent: what is converted decodes to the same and fits, however cut", async () => {
  let convertedCount = 0;
  await fc.assert(
    fc.asyncProperty(
      message(),
      fc.constantFrom<Target>("7BIT", "8BITMIME"),
      fc.integer({ min: 1, max: 30 }),
      async (text, to, size) => {
        const inspection = await inspectContent(cut(text, size), to);
        assert.deepEqual(await inspectContent(cut(text, 1e6), to), inspection);
        const converted = await convert(cut(text, size), to);
        assert.equal(await convert(cut(text, 1e6), to), converted);
        if (!inspection.convertible) return;
        convertedCount += 1;
        assert.deepEqual(treeOf(converted), treeOf(text));
        const after = await inspectContent(cut(converted, 1e6), to);
        assert.equal(after.convertible, true);
        assert.ok(after.needs === "7BIT" || after.needs === to, `still needs ${after.needs}`);
      },
    ),
    { numRuns: 1000 },
  );
  assert.ok(convertedCount > 100, "the generator makes convertible messages");
});

/** What a simple reader makes of a message: written apart from the walker, and in another way. */
type Tree = readonly Tree[] | string;

function treeOf(text: string, digest = false): Tree {
  const blank = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
  const head = blank === -1 ? text : text.slice(0, blank);
  const body = blank === -1 ? "" : text.slice(blank + (blank === 0 ? 2 : 4));
  const field = (name: string) => new RegExp(`^${name}:[ ]*([^\r\n]*)`, "im").exec(head)?.[1];
  const type = field("content-type") ?? (digest ? "message/rfc822" : "text/plain");
  const encoding = field("content-transfer-encoding") ?? "7bit";
  if (encoding === "base64") return decoded(new Base64Decoder(), body);
  if (encoding === "quoted-printable") return decoded(new QuotedPrintableDecoder(), body);
  if (type.startsWith("message/rfc822")) return [treeOf(body)];
  const boundary = /boundary=(\S+)/.exec(type)?.[1];
  if (!type.startsWith("multipart/") || boundary === undefined) return body;
  if (type.startsWith("multipart/signed")) {
    const lines = body.split("\r\n");
    const close = lines.findIndex((line) => unpadded(line) === `--${boundary}--`);
    return `signed:${lines.slice(0, close === -1 ? undefined : close).join("\r\n")}`;
  }
  const isDigest = type.startsWith("multipart/digest");
  const parts: Tree[] = [];
  let part: string[] | undefined;
  for (const line of body.split("\r\n")) {
    const isDelimiter = unpadded(line) === `--${boundary}`;
    if (isDelimiter || unpadded(line) === `--${boundary}--`) {
      if (part !== undefined) parts.push(treeOf(part.join("\r\n"), isDigest));
      part = [];
      if (!isDelimiter) return parts;
    } else part?.push(line);
  }
  if (part !== undefined) parts.push(treeOf(part.join("\r\n"), isDigest));
  return parts;
}

function unpadded(line: string): string {
  return line.replace(/[ \t]+$/, "");
}

function decoded(
  decoder: { push(bytes: Uint8Array): Uint8Array; end(): Uint8Array },
  text: string,
): string {
  return Buffer.concat([decoder.push(Buffer.from(text, "latin1")), decoder.end()]).toString(
    "latin1",
  );
}

/** What bodies are made of: clean, 8-bit, binary, long, encoded, and lines like boundaries. */
const TOKENS = [
  "word",
  E,
  "\xff",
  " ",
  "=",
  "=20",
  "\r\n",
  "\r\n",
  "--",
  "\r\n--b0",
  "\r\n--b1--",
  "\r\n--b2 \r\n",
  ".",
  "x".repeat(600),
  "\0",
  "\n",
  "\r",
  "R0lG",
];
const ENCODINGS = ["", "", "8bit", "7bit", "binary", "base64", "quoted-printable", "x-odd"];
const TYPES = [
  "",
  "text/plain; charset=utf-8",
  "image/png",
  "application/json",
  "message/global",
  "message/partial",
];

/** Messages with parts of all kinds, true and lying encodings, and boundaries where none belong. */
function message(): fc.Arbitrary<string> {
  const text = fc
    .array(fc.constantFrom(...TOKENS), { maxLength: 12 })
    .map((tokens) => tokens.join(""));
  const encoding = fc.constantFrom(...ENCODINGS);
  const type = fc.constantFrom(...TYPES);
  const header = (kind: string, name: string) =>
    (kind === "" ? "" : `Content-Type: ${kind}\r\n`) +
    (name === "" ? "" : `Content-Transfer-Encoding: ${name}\r\n`);
  const leaf = fc
    .tuple(type, encoding, text)
    .map(([kind, name, body]) => `${header(kind, name)}\r\n${body}`);
  const identity = fc.constantFrom("", "8bit", "binary");
  const level = (depth: number, inner: fc.Arbitrary<string>): fc.Arbitrary<string> => {
    const kind = fc.constantFrom("mixed", "alternative", "digest", "signed");
    const many = fc
      .tuple(kind, identity, fc.array(inner, { maxLength: 3 }), text, fc.boolean(), text)
      .map(([subtype, name, parts, preamble, closed, epilogue]) =>
        [
          `${header(`multipart/${subtype}; boundary=b${depth}`, name)}\r\n${preamble}`,
          ...parts.map((part) => `\r\n--b${depth}\r\n${part}`),
          closed ? `\r\n--b${depth}--\r\n${epilogue}` : "",
        ].join(""),
      );
    const one = fc
      .tuple(identity, inner)
      .map(([name, part]) => `${header("message/rfc822", name)}\r\n${part}`);
    return fc.oneof(
      { weight: 3, arbitrary: many },
      { weight: 1, arbitrary: one },
      { weight: 2, arbitrary: inner },
    );
  };
  return level(0, level(1, level(2, leaf))).map((text) => `Subject: s\r\n${text}`);
}

function multipart(boundary: string, encoding: string, parts: readonly string[]): string {
  const head = `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n`;
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
  const claim = `Content-Transfer-Encoding: ${encoding}\r\n`;
  return `${head}${claim}\r\npreamble\r\n${body}--${boundary}--\r\n`;
}
