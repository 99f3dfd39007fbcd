import { readHeaderSection } from "../mail/header-section.ts";
import { type Splice, spliceBytes } from "./splice.ts";

/** A field and the value that it gets. */
export interface FieldValue {
  readonly name: string;
  /** Octets as Latin 1; folds are written as they stand. */
  readonly value: string;
  /** Only changed where it stands, not added. */
  readonly isOptional?: true;
}

/**
 * Gives fields of a header section other values. Order and number of fields stay, since header
 * edits count them; a field that is missing is added below the others, one that comes twice gets
 * the value both times. The closing empty line is added when it is missing.
 * @param header with its closing empty line, if it has one
 */
export function setFieldValues(header: Uint8Array, values: readonly FieldValue[]): Buffer {
  const { fields, end } = readHeaderSection(header);
  const splices: Splice[] = [];
  const added: string[] = [];
  for (const { name, value, isOptional } of values) {
    const places = fields.filter((field) => field.name === name.toLowerCase());
    const line = `${name}: ${value}\r\n`;
    for (const { from, to } of places)
      splices.push({ from, to, bytes: Buffer.from(line, "latin1") });
    if (places.length === 0 && isOptional === undefined) added.push(line);
  }
  const at = fields.at(-1)?.to ?? end;
  if (added.length > 0) {
    // A last field without a line end would run on into the new one.
    const isOpen = at > 0 && header[at - 1] !== 10;
    const text = `${isOpen ? "\r\n" : ""}${added.join("")}`;
    splices.push({ from: at, to: at, bytes: Buffer.from(text, "latin1") });
  }
  const isEnded = Buffer.from(header).subarray(at).includes(10);
  const closing = isEnded ? [] : [Buffer.from("\r\n")];
  return Buffer.concat([...spliceBytes(header, splices), ...closing]);
}
