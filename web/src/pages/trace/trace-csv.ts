import { textOf } from "../../base/text-of.ts";
import type { TraceRow } from "./traced-message.ts";

const COLUMNS = [
  "Received",
  "SenderAddress",
  "RecipientAddress",
  "Subject",
  "Status",
  "Detail",
  "LastEvent",
  "FromIP",
  "ToIP",
  "Connector",
  "Size",
  "MessageId",
  "MessageTraceId",
] as const satisfies readonly (keyof TraceRow)[];

/**
 * The rows as CSV (RFC 4180), by the names of the cmdlet's properties. A column in which no row has
 * anything is left out: that is how the server keeps subjects back.
 */
export function formatTraceCsv(rows: readonly TraceRow[]): string {
  const names = COLUMNS.filter(
    (name) => rows.length === 0 || rows.some((row) => isThere(row[name])),
  );
  const lines = rows.map((row) => names.map((name) => formatField(row[name])).join(","));
  return `${[names.join(","), ...lines].join("\r\n")}\r\n`;
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function formatField(value: unknown): string {
  const text = value === null || value === undefined ? "" : textOf(value);
  if (typeof value === "number") return text;
  // Strangers write subjects: none of them may be a formula of the program that opens the file.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
