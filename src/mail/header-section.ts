import { readLineStart } from "./header-line.ts";

/** A field of a header section: its lines are `bytes[from, to)`, the last line end included. */
export interface FieldPlace {
  /** In lower case. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Where the parts of a message are. */
export interface HeaderSection {
  readonly fields: readonly FieldPlace[];
  /** Where the section is over: at the empty line, at a line that is no field, or at the end. */
  readonly end: number;
}

const LF = 10;

/** Splits a header as header edits do, so that both count the same fields. Total and linear. */
export function readHeaderSection(bytes: Uint8Array): HeaderSection {
  const fields: FieldPlace[] = [];
  let open: { readonly name: string; readonly from: number } | undefined;
  let at = 0;
  while (at < bytes.length) {
    const start = readLineStart(bytes, at);
    if (start.kind === "end" || start.kind === "more") break;
    if (start.kind === "continuation" && open === undefined) break;
    if (start.kind === "field") {
      if (open !== undefined) fields.push({ ...open, to: at });
      open = { name: start.name, from: at };
    }
    const lineEnd = bytes.indexOf(LF, at);
    at = lineEnd === -1 ? bytes.length : lineEnd + 1;
  }
  if (open !== undefined) fields.push({ ...open, to: at });
  return { fields, end: at };
}
