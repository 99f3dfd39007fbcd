import { isUtf8 } from "node:buffer";

/** One header field as it stands, unfolded. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string;
  /** As written, first line after the name. */
  readonly originalName: string;
  /** Without line ends, white space at its ends removed. */
  readonly value: string;
}

const FIELD_START = /^([!-9;-~]+)[ \t]*:/;

/**
 * Reads a whole header into its fields (RFC 5322 §2.2), for those who need values of any length;
 * what is no field ends it. Bytes that are not UTF-8 are read as Latin 1.
 */
export function parseHeaderFields(header: Uint8Array): readonly HeaderField[] {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const fields: { name: string; originalName: string; lines: string[] }[] = [];
  for (const line of bytes.toString(isUtf8(bytes) ? "utf8" : "latin1").split(/\r?\n/)) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.lines.push(line);
      continue;
    }
    const originalName = FIELD_START.exec(line)?.[1];
    if (originalName === undefined) break;
    const value = line.slice(line.indexOf(":", originalName.length) + 1);
    fields.push({ name: originalName.toLowerCase(), originalName, lines: [value] });
  }
  return fields.map(({ name, originalName, lines }) => ({
    name,
    originalName,
    value: lines.join("").trim(),
  }));
}
