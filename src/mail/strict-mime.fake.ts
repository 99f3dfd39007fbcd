import assert from "node:assert/strict";
import { decodeEncodedWords } from "./encoded-word.ts";

/** A part of a message as the strict reader of the tests sees it. */
export interface ParsedPart {
  /** By name in lower case, unfolded, encoded words decoded. */
  readonly fields: ReadonlyMap<string, string>;
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Transfer encoding undone. */
  readonly body: Buffer;
  readonly parts: readonly ParsedPart[];
}

/** Reads header fields; throws at anything but well-formed ones, and at a name that comes twice. */
export function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of text.split(/\r\n(?![ \t])/).filter((each) => each !== "")) {
    const [, name = "", value = ""] = /^([!-9;-~]+):([^\0]*)$/.exec(field) ?? [];
    assert.notEqual(name, "", `not a field: ${JSON.stringify(field)}`);
    assert.ok(!fields.has(name.toLowerCase()) || name === "Received", `${name} twice`);
    const unfolded = value.replace(/\r\n(?=[ \t])/g, "");
    assert.doesNotMatch(unfolded, /[\r\n]/, "a bare CR or LF");
    fields.set(name.toLowerCase(), decodeEncodedWords(unfolded.trim()));
  }
  return fields;
}

/**
 * Reads a message or part, boundary by boundary, and throws where it is not MIME: a test's opposite
 * of what composes notices, written apart from it.
 */
export function parseMessage(bytes: Buffer): ParsedPart {
  // A part without fields begins with the empty line itself.
  const bare = bytes.subarray(0, 2).equals(CRLF);
  const end = bare ? 0 : bytes.indexOf("\r\n\r\n");
  assert.ok(end >= 0, "no end of the header");
  const fields = parseFields(bytes.toString("utf8", 0, end));
  const raw = bytes.subarray(bare ? 2 : end + 4);
  const { type, parameters } = parseContentType(fields.get("content-type") ?? "text/plain");
  const boundary = parameters.get("boundary");
  const encoding = fields.get("content-transfer-encoding") ?? "7bit";
  if (encoding === "7bit")
    assert.ok(
      raw.every((byte) => byte < 128),
      `${type}: 8 bits in 7`,
    );
  if (!type.startsWith("multipart/")) {
    return { fields, type, parameters, body: decode(raw, encoding), parts: [] };
  }
  assert.ok(boundary !== undefined && /^[\w'()+,./:=?-]{1,70}$/.test(boundary));
  assert.match(encoding, /^[78]bit$/);
  const parts = splitParts(raw, boundary).map((part) => parseMessage(part));
  return { fields, type, parameters, body: raw, parts };
}

const CRLF = Buffer.from("\r\n");

function parseContentType(value: string) {
  const [type = "", ...rest] = value.split(";").map((piece) => piece.trim());
  assert.match(type, /^[a-z]+\/[a-z0-9-]+$/);
  const parameters = new Map(
    rest.map((piece) => {
      const [, name = "", text = ""] = /^([a-z-]+)="?([^"\s]+?)"?$/.exec(piece) ?? [];
      assert.notEqual(name, "", `not a parameter: ${piece}`);
      return [name, text] as const;
    }),
  );
  return { type, parameters };
}

function splitParts(body: Buffer, boundary: string): readonly Buffer[] {
  const delimiter = `\r\n--${boundary}`;
  // The first delimiter may open the body; RFC 2046 §5.1.1 gives it no CRLF then.
  let at = Buffer.concat([CRLF, body]).indexOf(delimiter) + delimiter.length - 2;
  assert.ok(at >= 0, "no boundary");
  const parts: Buffer[] = [];
  for (;;) {
    const next = body.subarray(at, at + 2).toString();
    if (next === "--") break;
    assert.equal(next, "\r\n", "something behind a boundary");
    const end = body.indexOf(delimiter, at);
    assert.ok(end >= 0, "no closing boundary");
    parts.push(body.subarray(at + 2, end));
    at = end + delimiter.length;
  }
  assert.equal(body.subarray(at + 2).toString(), "\r\n", "something behind the last boundary");
  return parts;
}

function decode(raw: Buffer, encoding: string): Buffer {
  if (encoding !== "quoted-printable") {
    assert.match(encoding, /^[78]bit$/);
    return raw;
  }
  const text = raw.toString("latin1");
  for (const line of text.split("\r\n")) {
    assert.ok(line.length <= 76, "a quoted-printable line past 76");
    assert.match(line, /^(?:[!-<>-~ \t]|=[0-9A-F]{2})*=?$/);
    assert.doesNotMatch(line, /[ \t]$/, "white space at a line's end");
  }
  const octets = text
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, "latin1");
}
