import type { LogReader } from "../base/log-reader.ts";
import { KiB, MiB } from "../base/units.ts";

const LF = 0x0a;
/** A longer line is not one of ours, and is passed over. */
export const LINE_BYTES_MAX = 4 * MiB;
/** Bytes that a search looks through in one go. */
export const SCAN_WINDOW_BYTES = MiB;
const TAIL_BYTES = 64 * KiB;

/** Whole lines, and where they lie in their file. */
export interface Lines {
  readonly bytes: Buffer;
  readonly offset: number;
}

/**
 * The lines that begin in `fromByte` … `toByte` of a file, whole, whatever the two cut through. A
 * last line without its end is left out unless `isEnd` says that nothing will be added to it.
 */
export function readLines(
  reader: LogReader,
  range: { readonly fromByte: number; readonly toByte: number; readonly isEnd?: boolean },
): Lines {
  const { fromByte, toByte } = range;
  // One octet more before: whether a line begins at `fromByte` is told by the octet before it.
  const start = Math.max(0, fromByte - 1);
  let bytes = Buffer.allocUnsafe(toByte - start);
  bytes = bytes.subarray(0, reader.read(bytes, start));
  const skipped = fromByte === 0 ? 0 : bytes.indexOf(LF) + 1;
  if (fromByte > 0 && skipped === 0) return { bytes: bytes.subarray(0, 0), offset: toByte };
  while (
    bytes.length > 0 &&
    bytes.at(-1) !== LF &&
    bytes.length <= toByte - start + LINE_BYTES_MAX
  ) {
    const tail = Buffer.allocUnsafe(TAIL_BYTES);
    const count = reader.read(tail, start + bytes.length);
    const end = tail.subarray(0, count).indexOf(LF);
    bytes = Buffer.concat([bytes, tail.subarray(0, end < 0 ? count : end + 1)]);
    if (count < tail.length && end < 0) break;
  }
  const end = range.isEnd === true ? bytes.length : bytes.lastIndexOf(LF) + 1;
  return { bytes: bytes.subarray(skipped, Math.max(skipped, end)), offset: start + skipped };
}
