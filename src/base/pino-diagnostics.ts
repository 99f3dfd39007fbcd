import { openSync } from "node:fs";
import { pino } from "pino";
import type { DiagnosticFields, Diagnostics } from "./diagnostics.ts";

/** Where diagnostics go and how much of them. */
export interface DiagnosticsOptions {
  /** File descriptor (2 is standard error) or the path of a file to append to. */
  readonly destination: number | string;
  /** Which thread speaks. */
  readonly thread: string;
  readonly level: "info" | "warn" | "error" | "silent";
}

/** Diagnostics with an end. */
export interface FlushableDiagnostics extends Diagnostics {
  /**
   * Resolves once all that was said is written, or cannot be; for the moment before the process
   * ends. A reader that has stopped reading holds it up: the caller sets the limit.
   */
  flush(): Promise<void>;
}

/** Characters of one value; the rest is cut, so that no peer fills the log with one line. */
export const DIAGNOSTIC_VALUE_LENGTH_MAX = 2048;
/** Bytes that may wait while the reader of the log is slow; past it lines are dropped, not kept. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** Fields that hold a secret whatever the caller thought. */
const SECRET_FIELD =
  /password|passphrase|secret|token|credential|authorization|private.?key|cookie/i;
/** Also those that JSON leaves as they are, although a terminal acts on some of them. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/**
 * Writes diagnostics as JSON lines: `time` (ISO, UTC), `level`, `thread`, `event`, then the fields.
 * Never waits for the disk or the pipe, never throws: a log that cannot be written stops no mail.
 * Only a path that cannot be opened throws, here and at once.
 */
export function createDiagnostics(options: DiagnosticsOptions): FlushableDiagnostics {
  // Opened at once, so that a path that cannot be is found out at the start.
  const descriptor =
    typeof options.destination === "number"
      ? options.destination
      : openSync(options.destination, "a", 0o640);
  const destination = pino.destination({
    fd: descriptor,
    sync: false,
    // One byte is enough to write at once, but with none the library's flush does not wait.
    minLength: 1,
    maxLength: WAITING_BYTES_MAX,
  });
  // A reader that has gone away (EPIPE) would otherwise end the process.
  destination.on("error", () => {});
  const log = pino(
    {
      level: options.level,
      base: { thread: options.thread },
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    info: (event, fields) => log.info(safeFields(fields), event),
    warn: (event, fields) => log.warn(safeFields(fields), event),
    error: (event, fields) => log.error(safeFields(fields), event),
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
  };
}

function safeFields(fields: DiagnosticFields = {}): DiagnosticFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      // The line's own members come once only.
      /^(time|level|thread|event)$/.test(name) ? `${name}_` : name,
      SECRET_FIELD.test(name) && value !== undefined ? "[secret]" : safeValue(value),
    ]),
  );
}

function safeValue(value: DiagnosticFields[string]): DiagnosticFields[string] {
  if (typeof value === "string") return safeText(value);
  return typeof value === "object" ? value.map(safeText) : value;
}

function safeText(text: string): string {
  const clean = text.replace(CONTROLS, "\ufffd");
  if (clean.length <= DIAGNOSTIC_VALUE_LENGTH_MAX) return clean;
  return `${clean.slice(0, DIAGNOSTIC_VALUE_LENGTH_MAX - 1)}…`;
}
