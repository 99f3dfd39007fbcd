/** Transfer encodings of RFC 2045 §6; `unknown` is a name that is none of them. */
export type TransferEncoding =
  | "7bit"
  | "8bit"
  | "binary"
  | "quoted-printable"
  | "base64"
  | "unknown";

/** What a MIME entity's header says about its body. */
export interface MimeHeader {
  /** `type/subtype` in lower case; `undefined` when the field is missing or cannot be read. */
  readonly mediaType: string | undefined;
  /** Latin-1 text of the boundary, 1 to `BOUNDARY_BYTES_MAX` long. */
  readonly boundary: string | undefined;
  /** `undefined` when the field is missing: 7bit then. */
  readonly encoding: TransferEncoding | undefined;
  readonly hasContentType: boolean;
  readonly hasMimeVersion: boolean;
  readonly hasDkimSignature: boolean;
  /** A field comes twice with different values: readers disagree on what this entity is. */
  readonly ambiguous: boolean;
}

/** RFC 2046 §5.1.1 allows 70; some senders use more. */
export const BOUNDARY_BYTES_MAX = 250;

/** Names that senders use, the wrong ones that every reader understands included. */
const ENCODINGS: ReadonlyMap<string, TransferEncoding> = new Map([
  ["7bit", "7bit"],
  ["7-bit", "7bit"],
  ["8bit", "8bit"],
  ["8-bit", "8bit"],
  ["8bits", "8bit"],
  ["binary", "binary"],
  ["quoted-printable", "quoted-printable"],
  ["base64", "base64"],
]);

/** Reads a header section, with its closing empty line or without. Total, and linear in time. */
export function parseMimeHeader(raw: Uint8Array): MimeHeader {
  const values = new Map<string, string[]>();
  for (const field of headerFields(raw)) {
    const name = fieldName(field);
    if (name === undefined || !NAMES.has(name)) continue;
    const known = values.get(name);
    if (known === undefined) values.set(name, [fieldValue(field)]);
    else if (known.length < 2) known.push(fieldValue(field));
  }
  const types = values.get("content-type") ?? [];
  const encodings = values.get("content-transfer-encoding") ?? [];
  const type = types[0] === undefined ? undefined : parseContentType(types[0]);
  return {
    mediaType: type?.mediaType,
    boundary: type?.boundary,
    encoding: encodings[0] === undefined ? undefined : parseEncoding(encodings[0]),
    hasContentType: types.length > 0,
    hasMimeVersion: values.has("mime-version"),
    hasDkimSignature: values.has("dkim-signature"),
    ambiguous:
      (types.length > 1 && types[0] !== types[1]) ||
      (encodings.length > 1 && encodings[0] !== encodings[1]) ||
      type?.ambiguous === true,
  };
}

const NAMES: ReadonlySet<string> = new Set([
  "content-type",
  "content-transfer-encoding",
  "mime-version",
  "dkim-signature",
]);

/** The fields of a header section, each with its folds and line end, in Latin-1. */
export function* headerFields(raw: Uint8Array): Generator<string, void, undefined> {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("latin1");
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\r\n", at);
    at = end === -1 ? text.length : end + 2;
    const next = text[at];
    if (next === " " || next === "\t") continue;
    yield text.slice(from, at);
    from = at;
  }
}

/** Lower case; `undefined` for a line that is no field. */
export function fieldName(field: string): string | undefined {
  const colon = field.indexOf(":");
  return colon < 1 ? undefined : field.slice(0, colon).trimEnd().toLowerCase();
}

function fieldValue(field: string): string {
  return field.slice(field.indexOf(":") + 1).trim();
}

function parseEncoding(value: string): TransferEncoding {
  const reader = new ValueReader(value);
  const name = reader.token().toLowerCase();
  reader.skip();
  // "7bit; charset=…" and the like are read as their first word.
  return reader.done || reader.at(";") ? (ENCODINGS.get(name) ?? "unknown") : "unknown";
}

interface ContentType {
  readonly mediaType: string | undefined;
  readonly boundary: string | undefined;
  readonly ambiguous: boolean;
}

/** RFC 2045 §5.1, with comments, and lenient where senders are. */
function parseContentType(value: string): ContentType {
  const reader = new ValueReader(value);
  const type = reader.token();
  reader.skip();
  const slash = reader.take("/");
  const subtype = slash ? reader.token() : "";
  let boundary: string | undefined;
  let ambiguous = false;
  while (!reader.done) {
    if (!reader.take(";")) {
      reader.skipOne();
      continue;
    }
    const name = reader.token().toLowerCase();
    reader.skip();
    if (!reader.take("=")) continue;
    const text = reader.value();
    // RFC 2231 pieces: few readers agree on them here.
    if (name.startsWith("boundary*")) ambiguous = true;
    if (name !== "boundary") continue;
    if (boundary !== undefined && boundary !== text) ambiguous = true;
    boundary = text;
  }
  const mediaType = type && subtype ? `${type}/${subtype}`.toLowerCase() : undefined;
  const usable =
    boundary !== undefined && boundary.length > 0 && boundary.length <= BOUNDARY_BYTES_MAX;
  return { mediaType, boundary: usable ? boundary : undefined, ambiguous };
}

/** Steps through a structured field value; every call moves on or says that it did not. */
class ValueReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  at(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  skipOne(): void {
    this.#at += 1;
    this.skip();
  }

  take(character: string): boolean {
    if (!this.at(character)) return false;
    this.skipOne();
    return true;
  }

  /** Passes white space and comments (RFC 5322 §3.2.2). */
  skip(): void {
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] ?? "";
      if (depth > 0 && character === "\\") this.#at += 1;
      else if (character === "(") depth += 1;
      else if (depth > 0 && character === ")") depth -= 1;
      else if (depth === 0 && !isSpace(character)) return;
    }
  }

  /** Characters up to a space or one of RFC 2045's tspecials that ends a word here. */
  token(): string {
    this.skip();
    const from = this.#at;
    while (this.#at < this.#text.length && !ENDS_TOKEN.has(this.#text[this.#at] ?? ""))
      this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  /** A quoted string, or whatever stands there up to `;` or white space. */
  value(): string {
    if (!this.at('"')) {
      const from = this.#at;
      while (!this.done && !this.at(";") && !isSpace(this.#text[this.#at] ?? "")) this.#at += 1;
      const text = this.#text.slice(from, this.#at);
      this.skip();
      return text;
    }
    let text = "";
    for (this.#at += 1; !this.done && !this.at('"'); this.#at += 1) {
      if (this.at("\\")) this.#at += 1;
      text += this.#text[this.#at] ?? "";
    }
    this.skipOne();
    // A fold inside the quotes is not part of the value (RFC 5322 §2.2.3).
    return text.replaceAll("\r\n", "");
  }
}

const ENDS_TOKEN: ReadonlySet<string> = new Set([
  " ",
  "\t",
  "\r",
  "\n",
  "/",
  ";",
  "=",
  "(",
  '"',
  ",",
]);

function isSpace(character: string): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}
