import { saveFile } from "./file.ts";
import { textOf } from "./text-of.ts";

/**
 * Objects as CSV (RFC 4180), by the names of their properties. A column in which no object has
 * anything is left out: that is how the server keeps subjects back.
 */
export function formatCsv<Row extends object>(
  rows: readonly Row[],
  columns: readonly (keyof Row & string)[],
): string {
  const names = columns.filter(
    (name) => rows.length === 0 || rows.some((row) => isThere(row[name])),
  );
  const lines = rows.map((row) => names.map((name) => formatField(row[name])).join(","));
  return `${[names.join(","), ...lines].join("\r\n")}\r\n`;
}

/** Has the browser save it; with its mark spreadsheets take it for what it is. */
export function saveCsv(file: { readonly name: string; readonly csv: string }): void {
  const bytes = new TextEncoder().encode(`\ufeff${file.csv}`);
  saveFile({ name: file.name, type: "text/csv;charset=utf-8", pieces: [bytes] });
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function formatField(value: unknown): string {
  const text = isThere(value)
    ? textOf(Array.isArray(value) ? value.map(textOf).join("; ") : value)
    : "";
  if (typeof value === "number") return text;
  // Strangers write subjects: none of them may be a formula of the program that opens the file.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
