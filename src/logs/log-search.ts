import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { type LogFileEntry, LogReader, listLogFiles } from "../base/log-reader.ts";
import { DAY, MiB } from "../base/units.ts";
import { splitCsvLine } from "./csv-line.ts";
import { readLines } from "./line-window.ts";
import { envelopeOf, parseRecording } from "./session-recording.ts";
import { literalOf, matchesPattern, type TextPattern } from "./text-pattern.ts";

/** What lines of a log are asked for; every condition that is given must hold, blind to case. */
export interface LogQuery {
  /** Epoch ms, inclusive. */
  readonly startMs?: number;
  /** Epoch ms, exclusive. */
  readonly endMs?: number;
  readonly conditions: readonly FieldCondition[];
  /** What the line as a whole must be like. */
  readonly pattern?: TextPattern;
}

/** What one field must be like. */
export interface FieldCondition {
  /** Its place in the line, from 0. */
  readonly field: number;
  readonly pattern: TextPattern;
}

/** One line that was found. */
export interface LogRow {
  readonly atMs: number;
  readonly values: readonly string[];
}

/** Some of what was found, the newest lines first, and how far the search has come. */
export interface LogRows {
  readonly rows: readonly LogRow[];
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly finished: boolean;
}

/** How the lines of a log are written. */
export type LogForm = "csv" | "recording";

/**
 * The fields of a recording by their place, as conditions and rows have them; one with several
 * values has a line for each.
 */
export const RECORDING_FIELDS = [
  "id",
  "direction",
  "connector",
  "localEndpoint",
  "remoteEndpoint",
  "reason",
  "senders",
  "recipients",
  "participants",
  "json",
] as const;

/** Bytes that are looked through in one go. */
const WINDOW_BYTES = MiB / 4;
const BATCH_ROWS = 500;
/** After so long the thread has other things to do. */
const BATCH_MS = 15;
/** The file system's clock is coarser than ours, and lines wait before they are written. */
const CLOCK_SLACK_MS = 5_000;
/** A shorter text is found in too many lines to be worth looking for. */
const NEEDLE_CHARACTERS_MIN = 3;

/**
 * One search over the files of a log, the newest lines first. It does nothing by itself: each
 * `next` is a slice of a few milliseconds.
 */
export class LogSearch {
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #form: LogForm;
  readonly #query: LogQuery;
  readonly #needle: string | undefined;
  readonly #steps: Generator<readonly LogRow[], void>;
  readonly #totalBytes: number;
  #doneBytes = 0;

  /** @throws LogFailure when the log's directory cannot be read */
  constructor(
    log: {
      readonly directory: string;
      readonly prefix: string;
      readonly form: LogForm;
      readonly clock: Clock;
    },
    query: LogQuery,
  ) {
    this.#clock = log.clock;
    this.#directory = log.directory;
    this.#form = log.form;
    this.#query = query;
    this.#needle = needleOf(query);
    const files = listLogFiles(log).filter((file) => isInTime(file, query));
    this.#totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#steps = this.#run(files.toReversed());
  }

  /** The next slice. @throws LogFailure */
  next(): LogRows {
    const rows: LogRow[] = [];
    const untilMs = this.#clock.monotonicMs() + BATCH_MS;
    let finished = false;
    while (rows.length < BATCH_ROWS && this.#clock.monotonicMs() <= untilMs) {
      const step = this.#steps.next();
      if (step.done === true) {
        finished = true;
        break;
      }
      rows.push(...step.value);
    }
    return { rows, doneBytes: this.#doneBytes, totalBytes: this.#totalBytes, finished };
  }

  /** Gives it up; its file is closed. */
  close(): void {
    this.#steps.return();
  }

  *#run(files: readonly LogFileEntry[]): Generator<readonly LogRow[], void> {
    for (const file of files) {
      const reader = LogReader.open(join(this.#directory, file.name));
      // Aged away since the search began.
      if (reader === undefined) continue;
      try {
        for (let toByte = file.bytes; toByte > 0; toByte -= WINDOW_BYTES) {
          const fromByte = Math.max(0, toByte - WINDOW_BYTES);
          yield this.#scan(readLines(reader, { fromByte, toByte }).bytes);
          this.#doneBytes += toByte - fromByte;
        }
      } finally {
        reader.close();
      }
    }
  }

  /** The lines asked for in bytes that hold whole lines, the last one first. */
  #scan(bytes: Buffer): readonly LogRow[] {
    if (bytes.length === 0) return [];
    // An octet a character: what it folds wrongly finds lines too many, never too few.
    if (this.#needle && !bytes.toString("latin1").toLowerCase().includes(this.#needle)) return [];
    const rows: LogRow[] = [];
    for (const line of bytes.toString("utf8").split("\n").reverse()) {
      const row = this.#readRow(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  #readRow(line: string): LogRow | undefined {
    if (line === "" || line.startsWith("#")) return undefined;
    if (this.#needle && !line.toLowerCase().includes(this.#needle)) return undefined;
    const row = this.#form === "csv" ? csvRow(line) : recordingRow(line);
    if (row === undefined) return undefined;
    const { startMs = Number.NEGATIVE_INFINITY, endMs = Number.POSITIVE_INFINITY } = this.#query;
    if (!(row.atMs >= startMs && row.atMs < endMs)) return undefined;
    const { conditions, pattern } = this.#query;
    const isLike = conditions.every((one) =>
      linesOf(row.values[one.field]).some((value) => matchesPattern(one.pattern, value)),
    );
    return isLike && (pattern === undefined || matchesPattern(pattern, line)) ? row : undefined;
  }
}

function linesOf(value = ""): readonly string[] {
  return value.includes("\n") ? value.split("\n") : [value];
}

function csvRow(line: string): LogRow | undefined {
  const values = splitCsvLine(line);
  const atMs = Date.parse(values[0] ?? "");
  return Number.isNaN(atMs) ? undefined : { atMs, values };
}

function recordingRow(line: string): LogRow | undefined {
  const recording = parseRecording(line);
  if (recording === undefined) return undefined;
  const { id, direction, connector, localEndpoint, remoteEndpoint, reason } = recording;
  const { senders, recipients } = envelopeOf(recording);
  const ends = [localEndpoint, remoteEndpoint];
  const envelope = [senders, recipients, [...senders, ...recipients]].map((all) => all.join("\n"));
  const values = [id, direction, connector, ...ends, reason, ...envelope, line];
  return { atMs: recording.closedMs, values };
}

function isInTime({ name, modifiedMs }: LogFileEntry, { startMs, endMs }: LogQuery): boolean {
  if (startMs !== undefined && modifiedMs + CLOCK_SLACK_MS < startMs) return false;
  const day = /(\d{4})(\d\d)(\d\d)-\d+\.LOG$/.exec(name);
  if (day === null || endMs === undefined) return true;
  return Date.parse(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`) - DAY < endMs;
}

/** A text in lower case that every line asked for has in it, `undefined` when there is none. */
function needleOf({ conditions, pattern }: LogQuery): string | undefined {
  const patterns = [...conditions.map((one) => one.pattern), ...(pattern ? [pattern] : [])];
  // ASCII without what lines may write in another way: quotes are doubled, controls escaped.
  const parts = patterns.flatMap((one) => literalOf(one).split(/[^\x20-\x7e]|["\\]/));
  const needle = parts.reduce((best, part) => (part.length > best.length ? part : best), "");
  return needle.length < NEEDLE_CHARACTERS_MIN ? undefined : needle.toLowerCase();
}
