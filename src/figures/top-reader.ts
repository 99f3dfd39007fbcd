import { join } from "node:path";
import { type Clock, delay } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { LogFailure } from "../base/log-file.ts";
import { compareLogFiles, type LogFileEntry, LogReader, listLogFiles } from "../base/log-reader.ts";
import { KiB, MINUTE } from "../base/units.ts";
import { LINE_BYTES_MAX, readLines } from "../logs/line-window.ts";
import { restMs } from "../logs/pace-of-indexing.ts";
import { parseTrackingLine } from "../logs/tracking-record.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { FigureKeeper, TopChange } from "./figure-keeper.ts";
import { spanStartMs } from "./figures.ts";
import { countedNames, TOP_SPANS, type TopCategory, type TopSpan } from "./top-categories.ts";
import { TopCounts } from "./top-counts.ts";

const PREFIX = "MSGTRK";
/** Read and taken apart in one go, a few milliseconds. */
const STEP_BYTES = 256 * KiB;
const AFTER_FAILURE_MS = MINUTE;
/** Lists in memory: those of this hour and day, and of what is being read. */
const LISTS_MAX = 60;
const TOP_SPAN_NAMES = Object.keys(TOP_SPANS) as TopSpan[];

/** What the reader works with. */
export interface TopReaderParts {
  /** Where the tracking log's files are. */
  readonly directory: string;
  readonly keeper: FigureKeeper;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Share of all processors that has been used of late, 0 to 1. */
  readonly busyShare: () => number;
  /** How often it looks whether the log has grown. */
  readonly lookIntervalMs: number;
}

interface Position {
  readonly file: string;
  readonly offset: number;
}

interface OpenList {
  readonly category: TopCategory;
  readonly span: TopSpan;
  readonly startMs: number;
  readonly counts: TopCounts;
}

/**
 * Counts senders and destinations from the message tracking log, behind those who write it. How far
 * it has come is kept with the counts, in one transaction: after a crash nothing is counted twice.
 * It rests as the index does while the machine is busy.
 */
export class TopReader {
  readonly #parts: TopReaderParts;
  readonly #lists = new Map<string, OpenList>();
  #isStopped = false;

  constructor(parts: TopReaderParts) {
    this.#parts = parts;
  }

  /** Reads whatever is new, until `stop`. */
  async run(): Promise<void> {
    const { clock, busyShare, lookIntervalMs } = this.#parts;
    while (!this.#isStopped) {
      const startMs = clock.monotonicMs();
      const came = this.#guarded();
      const stepMs = clock.monotonicMs() - startMs;
      if (came === "on") await delay(clock, restMs(stepMs, busyShare()));
      else await delay(clock, came === "to the end" ? lookIntervalMs : AFTER_FAILURE_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Reads one piece of the log. @throws StoreFailure, LogFailure; then nothing was counted */
  step(): "on" | "to the end" {
    const { directory, keeper } = this.#parts;
    const files = listLogFiles({ directory, prefix: PREFIX });
    const at = positionIn(files, readPosition(keeper.position()));
    if (at === undefined) return "to the end";
    const { file, offset, next } = at;
    const reader = LogReader.open(join(directory, file.name));
    if (reader === undefined) return "on";
    try {
      const toByte = Math.min(offset + STEP_BYTES, file.bytes);
      const isEnd = next !== undefined && toByte === file.bytes;
      const lines = readLines(reader, { fromByte: offset, toByte, isEnd });
      const read = lines.offset + lines.bytes.length;
      const to = isEnd || lines.bytes.length === 0 ? Math.max(read, toByte) : read;
      // A line without its end is left for the next look; what never ends is none of ours.
      const isWhole = lines.bytes.length > 0 || isEnd || file.bytes - offset > LINE_BYTES_MAX;
      if (!isWhole) return "to the end";
      this.#count(lines.bytes.toString("utf8"), { file: file.name, offset: Math.max(to, offset) });
      return "on";
    } finally {
      reader.close();
    }
  }

  #guarded(): ReturnType<TopReader["step"]> | "to grief" {
    try {
      return this.step();
    } catch (error) {
      if (!(error instanceof LogFailure || error instanceof StoreFailure)) throw error;
      // Lists in memory are ahead of those that are kept.
      this.#lists.clear();
      this.#parts.diagnostics.warn("top-lists-not-kept", { reason: error.message });
      return "to grief";
    }
  }

  #count(text: string, position: Position): void {
    const nowMs = this.#parts.clock.nowMs();
    const touched = new Set<OpenList>();
    for (const line of text.split("\r\n")) {
      const event = parseTrackingLine(line);
      const counted = event && countedNames(event);
      if (counted === undefined || event === undefined) continue;
      for (const span of TOP_SPAN_NAMES) {
        if (nowMs - event.atMs > TOP_SPANS[span].keptMs) continue;
        const list = this.#listOf(counted.category, span, event.atMs);
        for (const name of counted.names) list.counts.add(name, 1);
        touched.add(list);
      }
    }
    const lists: TopChange["lists"] = [...touched].map(({ category, span, startMs, counts }) => ({
      ...{ category, span, startMs },
      tops: counts.list(),
    }));
    this.#parts.keeper.keepTops({ lists, position: `${position.file} ${position.offset}` });
    if (this.#lists.size > LISTS_MAX) this.#lists.clear();
  }

  #listOf(category: TopCategory, span: TopSpan, atMs: number): OpenList {
    const startMs = spanStartMs(atMs, TOP_SPANS[span].spanMs);
    const key = `${category} ${span} ${startMs}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const [kept] = this.#parts.keeper.tops(category, { span, fromMs: startMs, toMs: startMs + 1 });
    const list = { category, span, startMs, counts: new TopCounts(kept) };
    this.#lists.set(key, list);
    return list;
  }
}

function readPosition(text: string | undefined): Position | undefined {
  // `file offset`; a text that is none means: from the oldest file on.
  const [file, offset] = text?.split(" ") ?? [];
  return file === undefined ? undefined : { file, offset: Number(offset) || 0 };
}

/** Where to read on, and the file behind it; `undefined`: there is nothing yet. */
function positionIn(
  files: readonly LogFileEntry[],
  position: Position | undefined,
):
  | {
      readonly file: LogFileEntry;
      readonly offset: number;
      readonly next: LogFileEntry | undefined;
    }
  | undefined {
  // Its own file may have gone; those before it have been counted all the same.
  const at =
    position === undefined
      ? 0
      : files.findIndex(({ name }) => compareLogFiles(name, position.file) >= 0);
  const [file, next] = [files[at], files[at + 1]];
  if (file === undefined) return undefined;
  const offset = file.name === position?.file ? position.offset : 0;
  if (offset < file.bytes) return { file, offset, next };
  if (next === undefined) return undefined;
  return { file: next, offset: 0, next: files[at + 2] };
}
