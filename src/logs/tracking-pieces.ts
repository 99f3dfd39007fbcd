import type { LogFileEntry } from "../base/log-reader.ts";
import { MiB } from "../base/units.ts";
import type { IndexedSegment } from "../store/tracking-index-store.ts";

/** A longer stretch of a file is cut; files of the default size are one segment each. */
const SEGMENT_BYTES_MAX = 11 * MiB;
/** A cut one ends with the first line that ends behind so much. */
const SEGMENT_BYTES = 8 * MiB;

/** A stretch of a log file, with its index if there is one. */
export interface LogPiece {
  readonly file: string;
  readonly fromByte: number;
  readonly toByte: number;
  readonly modifiedMs: number;
  readonly segment: IndexedSegment | undefined;
}

/** A stretch that may be indexed now. */
export interface Stretch {
  readonly file: LogFileEntry;
  readonly fromByte: number;
  /** It ends with the first line that ends here or later. */
  readonly toByte: number;
}

/** The whole log in pieces, oldest first: what is indexed and what is not. */
export function listPieces(
  files: readonly LogFileEntry[],
  segmentsOf: (file: string) => readonly IndexedSegment[],
): readonly LogPiece[] {
  return files.flatMap(({ name, bytes, modifiedMs }) => {
    const pieces: LogPiece[] = [];
    let at = 0;
    const unknown = (toByte: number) => {
      if (at >= toByte) return;
      pieces.push({ file: name, fromByte: at, toByte, modifiedMs, segment: undefined });
    };
    for (const segment of segmentsOf(name)) {
      const { fromByte, toByte } = segment;
      unknown(fromByte);
      pieces.push({ file: name, fromByte, toByte, modifiedMs, segment });
      at = toByte;
    }
    unknown(bytes);
    return pieces;
  });
}

/**
 * What to index next, newest first, as that is asked for most. The newest file is being written: of
 * it only what lies well behind its end, where nothing changes any more.
 */
export function selectStretch(
  files: readonly LogFileEntry[],
  segmentsOf: (file: string) => readonly IndexedSegment[],
): Stretch | undefined {
  for (const [at, file] of [...files.entries()].reverse()) {
    const fromByte = segmentsOf(file.name).at(-1)?.toByte ?? 0;
    const restBytes = file.bytes - fromByte;
    if (restBytes > SEGMENT_BYTES_MAX) return { file, fromByte, toByte: fromByte + SEGMENT_BYTES };
    if (restBytes > 0 && at < files.length - 1) return { file, fromByte, toByte: file.bytes };
  }
  return undefined;
}

/** Bytes that `selectStretch` would come to give out in all. */
export function indexableBytes(
  files: readonly LogFileEntry[],
  segmentsOf: (file: string) => readonly IndexedSegment[],
): number {
  return files.reduce((sum, { name, bytes }, at) => {
    const rest = bytes - (segmentsOf(name).at(-1)?.toByte ?? 0);
    const isSealed = at < files.length - 1;
    const cuts = Math.max(0, Math.ceil((rest - SEGMENT_BYTES_MAX) / SEGMENT_BYTES));
    return sum + (isSealed ? Math.max(0, rest) : cuts * SEGMENT_BYTES);
  }, 0);
}
