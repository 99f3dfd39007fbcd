/** Longest field name looked for; no line is longer (RFC 5322 §2.1.1), or it is no field. */
const FIELD_NAME_BYTES_MAX = 998;
const CR = 13;
const LF = 10;

/** What the start of a header line says; `more` when its bytes do not tell yet. */
export type LineStart =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "continuation" | "end" | "more" };

const CONTINUATION: LineStart = { kind: "continuation" };
/** An empty line, or one that cannot be in a header: the header section is over. */
const END: LineStart = { kind: "end" };
const MORE: LineStart = { kind: "more" };

/** Reads `name *WSP ":"` (RFC 5322 §4.5.8 allows the space), a continuation or an empty line. */
export function readLineStart(bytes: Uint8Array, at: number): LineStart {
  const first = bytes[at] ?? 0;
  if (first === 32 || first === 9) return CONTINUATION;
  if (first === LF) return END;
  if (first === CR) return at + 1 === bytes.length ? MORE : END;
  const limit = Math.min(bytes.length, at + FIELD_NAME_BYTES_MAX);
  let end = at;
  while (end < limit && isFieldNameByte(bytes[end] ?? 0)) end += 1;
  let colon = end;
  while (colon < limit && (bytes[colon] === 32 || bytes[colon] === 9)) colon += 1;
  if (colon === limit) return limit < at + FIELD_NAME_BYTES_MAX ? MORE : END;
  if (bytes[colon] !== 58 || end === at) return END;
  return { kind: "field", name: textOf(bytes, at, end).toLowerCase() };
}

/** A view, not a copy: `Buffer.from(bytes)` would copy the header for every line. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

/** ftext of RFC 5322 §3.6.8 */
function isFieldNameByte(byte: number): boolean {
  return byte > 32 && byte < 127 && byte !== 58;
}
