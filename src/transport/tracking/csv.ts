/**
 * What must not stand in a log line as it is: C0 and C1 controls, DEL, the line separators of
 * Unicode (some viewers break a line there), and what CSV quotes.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}",]/u;
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const NEEDS_QUOTES = /[",]/;

/**
 * One value of a CSV line: control characters become one space a run, so that no value can end the
 * line or start another; a comma or a quote puts the value in quotes (RFC 4180 §2).
 */
export function csvField(text: string): string {
  if (!UNSAFE.test(text)) return text;
  const clean = text.replace(CONTROLS, " ");
  return NEEDS_QUOTES.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
}

/** The comment lines that open a log file, each ending in CRLF (reference §7). */
export function formatLogHeader(log: {
  readonly type: string;
  readonly fields: readonly string[];
  readonly date: string;
}): string {
  return [
    "#Software: Postrider",
    `#Version: ${SCHEMA_VERSION}`,
    `#Log-type: ${log.type}`,
    `#Date: ${log.date}`,
    `#Fields: ${log.fields.join(",")}`,
    "",
  ].join("\r\n");
}

/** The layout of fields that we write is that of Exchange 15 (2016 and 2019), not of one build. */
export const SCHEMA_VERSION = "15.00.0000.000";
