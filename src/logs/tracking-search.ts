import type { Clock } from "../base/clock.ts";
import type { LogReader } from "../base/log-reader.ts";
import { KiB } from "../base/units.ts";
import { firstRecord, type LineFilter, scanLines } from "./line-scan.ts";
import { LINE_BYTES_MAX, readLines, SCAN_WINDOW_BYTES } from "./line-window.ts";
import type { TokenLines } from "./log-tail.ts";
import { bucketOf, findLines } from "./token-index.ts";
import type { TrackingIndex } from "./tracking-index.ts";
import type { LogPiece } from "./tracking-pieces.ts";
import { matchesQuery, needlesOf, type TrackingQuery, tokensOf } from "./tracking-query.ts";
import type { TrackingRecord } from "./tracking-record.ts";

/** Which events come first. */
export type SearchOrder = "newestFirst" | "oldestFirst";

/** Some of what was found, and how far the search has come. */
export interface SearchBatch {
  /** In the order asked for. */
  readonly records: readonly TrackingRecord[];
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly finished: boolean;
}

/** Lines closer together are read in one go. */
const BLOCK_BYTES = 64 * KiB;
/** Most lines are shorter. */
const LINE_BYTES = 2 * KiB;
const BATCH_RECORDS = 500;
/** After so long the thread has other things to do. */
const BATCH_MS = 20;

/**
 * One search over the tracking log, index and raw lines together. It does nothing by itself: each
 * `next` is a slice of a few milliseconds, so that it is as fast as it is asked, and given up by
 * asking no more.
 */
export class TrackingSearch {
  readonly #index: TrackingIndex;
  readonly #clock: Clock;
  readonly #filter: LineFilter;
  readonly #tokens: readonly (readonly number[])[];
  readonly #order: SearchOrder;
  readonly #steps: Generator<readonly TrackingRecord[], void>;
  readonly #totalBytes: number;
  #doneBytes = 0;

  /** @throws LogFailure when the log's directory cannot be read */
  constructor(
    parts: { readonly index: TrackingIndex; readonly clock: Clock },
    query: TrackingQuery,
    order: SearchOrder,
  ) {
    this.#index = parts.index;
    this.#clock = parts.clock;
    this.#filter = { query, needles: needlesOf(query) };
    this.#tokens = tokensOf(query);
    this.#order = order;
    const pieces = parts.index.pieces().filter((piece) => isInTime(piece, query));
    this.#totalBytes = pieces.reduce((sum, { fromByte, toByte }) => sum + toByte - fromByte, 0);
    this.#steps = this.#run(order === "newestFirst" ? pieces.toReversed() : pieces);
  }

  /** The next slice. @throws LogFailure */
  next(): SearchBatch {
    const records: TrackingRecord[] = [];
    const untilMs = this.#clock.monotonicMs() + BATCH_MS;
    let finished = false;
    while (records.length < BATCH_RECORDS && this.#clock.monotonicMs() < untilMs) {
      const step = this.#steps.next();
      if (step.done === true) {
        finished = true;
        break;
      }
      records.push(...step.value);
    }
    return { records, doneBytes: this.#doneBytes, totalBytes: this.#totalBytes, finished };
  }

  /** Gives it up; its file is closed. */
  close(): void {
    this.#steps.return();
  }

  *#run(pieces: readonly LogPiece[]): Generator<readonly TrackingRecord[], void> {
    for (const piece of pieces) {
      const doneBytes = this.#doneBytes + piece.toByte - piece.fromByte;
      const lines = this.#indexedLines(piece);
      if (lines === undefined || lines.length > 0) {
        const reader = this.#index.openFile(piece.file);
        // Aged away since the search began.
        if (reader !== undefined) {
          try {
            yield* lines === undefined
              ? this.#readAll(reader, piece)
              : this.#readLines(reader, piece, lines);
          } finally {
            reader.close();
          }
        }
      }
      this.#doneBytes = doneBytes;
      yield [];
    }
  }

  /** Offsets in the file that the index knows; `undefined` when it cannot say. */
  #indexedLines({ segment }: LogPiece): readonly number[] | undefined {
    if (segment === undefined || this.#tokens.length === 0) return undefined;
    return this.#linesOf({
      mayHold: (hash) => this.#index.mayHold(segment, hash),
      linesOf: (hash) => {
        const bucket = this.#index.readBucket(segment, bucketOf(hash, segment.bucketBits));
        return bucket && findLines(bucket, hash).map((offset) => segment.fromByte + offset);
      },
    });
  }

  /** Ascending; of each group one token is there, or seems to be. */
  #linesOf({ mayHold, linesOf }: TokenLines): readonly number[] | undefined {
    let found: readonly number[] | undefined;
    for (const group of this.#tokens) {
      const lines = new Set<number>();
      for (const hash of group) {
        const offsets = mayHold(hash) ? linesOf(hash) : [];
        if (offsets === undefined) return undefined;
        for (const offset of offsets) lines.add(offset);
      }
      found = found === undefined ? [...lines] : found.filter((offset) => lines.has(offset));
      if (found.length === 0) return found;
    }
    return found?.toSorted((left, right) => left - right);
  }

  *#readLines(
    reader: LogReader,
    piece: LogPiece,
    offsets: readonly number[],
  ): Generator<readonly TrackingRecord[], void> {
    const blocks = groupLines(offsets);
    for (const block of this.#order === "newestFirst" ? blocks.toReversed() : blocks) {
      const first = block[0] ?? 0;
      const bytes = Buffer.allocUnsafe((block.at(-1) ?? first) - first + LINE_BYTES);
      const count = reader.read(bytes, first);
      const records = block.flatMap((offset) => {
        const record =
          firstRecord(bytes.subarray(offset - first, count)) ?? readLong(reader, offset, piece);
        return record !== undefined && matchesQuery(this.#filter.query, record) ? [record] : [];
      });
      yield this.#ordered(records);
    }
  }

  *#readAll(reader: LogReader, piece: LogPiece): Generator<readonly TrackingRecord[], void> {
    const { fromByte, toByte } = piece;
    const windows: { readonly fromByte: number; readonly toByte: number }[] = [];
    for (let at = fromByte; at < toByte; at += SCAN_WINDOW_BYTES) {
      windows.push({ fromByte: at, toByte: Math.min(at + SCAN_WINDOW_BYTES, toByte) });
    }
    // Without a text to look for, every line would be made into an event to be looked at.
    const byTokens = this.#filter.needles.length === 0 && this.#tokens.length > 0;
    for (const window of this.#order === "newestFirst" ? windows.toReversed() : windows) {
      if (byTokens) {
        const indexed = this.#index.indexWindow(reader, { file: piece.file, ...window });
        yield* this.#readLines(reader, piece, this.#linesOf(indexed) ?? []);
      } else {
        const { bytes } = readLines(reader, window);
        yield this.#ordered(scanLines(bytes, this.#filter));
      }
      this.#doneBytes += window.toByte - window.fromByte;
    }
  }

  #ordered(records: readonly TrackingRecord[]): readonly TrackingRecord[] {
    return this.#order === "newestFirst" ? records.toReversed() : records;
  }
}

function isInTime({ segment, modifiedMs }: LogPiece, query: TrackingQuery): boolean {
  const startMs = query.startMs ?? Number.NEGATIVE_INFINITY;
  // What is not indexed has only the time at which it was last written to.
  if (segment === undefined) return modifiedMs + CLOCK_SLACK_MS >= startMs;
  if (segment.events === 0) return false;
  return segment.lastMs >= startMs && segment.firstMs < (query.endMs ?? Number.POSITIVE_INFINITY);
}

/** The file system's clock is coarser than ours. */
const CLOCK_SLACK_MS = 1000;

/** Lines that are read together, in order. */
function groupLines(offsets: readonly number[]): readonly (readonly number[])[] {
  const blocks: number[][] = [];
  for (const offset of offsets) {
    const block = blocks.at(-1);
    const first = block?.[0];
    if (block === undefined || first === undefined || offset - first > BLOCK_BYTES) {
      blocks.push([offset]);
    } else {
      block.push(offset);
    }
  }
  return blocks;
}

/** A line of hundreds of recipients. */
function readLong(reader: LogReader, offset: number, piece: LogPiece): TrackingRecord | undefined {
  const toByte = Math.min(offset + 1, piece.toByte);
  const { bytes } = readLines(reader, { fromByte: offset, toByte, isEnd: true });
  return bytes.length > LINE_BYTES_MAX ? undefined : scanFirst(bytes);
}

function scanFirst(bytes: Buffer): TrackingRecord | undefined {
  return scanLines(bytes, { query: {}, needles: [] })[0];
}
