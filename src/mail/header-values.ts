import { isUtf8 } from "node:buffer";
import { decodeEncodedWords } from "./encoded-word.ts";

/** Characters of a subject that a log or a queue view shows. */
export const SUBJECT_LENGTH_MAX = 255;

/** How urgent the sender calls the message (X-Priority, Importance, Priority: RFC 2156 §5.3). */
export type Importance = "High" | "Normal" | "Low";

/** A field's value as a count of bytes; `undefined` for anything else. */
export function bytesOf(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,15})\s*$/.exec(value ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Octets kept as Latin 1 to the text they stand for: UTF-8 where it is (RFC 6532 §3.1). */
export function textOf(octets: string): string {
  if (!/[\x80-\xff]/.test(octets)) return octets;
  const bytes = Buffer.from(octets, "latin1");
  return isUtf8(bytes) ? bytes.toString() : octets;
}

/** Decoded, without line ends and other controls, cut for logs and views. */
export function subjectOf(text: string): string {
  const line = decodeEncodedWords(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, " ")
    .trim();
  return (
    line.length > SUBJECT_LENGTH_MAX ? line.slice(0, SUBJECT_LENGTH_MAX) : line
  ).toWellFormed();
}

const IMPORTANCES: ReadonlyMap<string, Importance> = new Map<string, Importance>([
  ["high", "High"],
  ["normal", "Normal"],
  ["low", "Low"],
  ["urgent", "High"],
  ["non-urgent", "Low"],
  ["1", "High"],
  ["2", "High"],
  ["3", "Normal"],
  ["4", "Low"],
  ["5", "Low"],
]);

/** Values of the fields that tell it. */
interface ImportanceValues {
  readonly importance?: string;
  readonly "x-priority"?: string;
  readonly priority?: string;
}

/** Importance, then X-Priority, then Priority: the first that says something known. */
export function importanceOf(kept: ImportanceValues): Importance {
  for (const name of ["importance", "x-priority", "priority"] as const) {
    const value = kept[name];
    if (value === undefined) continue;
    const word = /^\s*([\w-]+)/.exec(value)?.[1]?.toLowerCase() ?? "";
    const importance = IMPORTANCES.get(word);
    if (importance !== undefined) return importance;
  }
  return "Normal";
}
