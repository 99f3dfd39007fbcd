import { LRUCache } from "lru-cache";
import type { LogFileEntry, LogReader } from "../base/log-reader.ts";
import { readLines, SCAN_WINDOW_BYTES } from "./line-window.ts";
import { mayHold } from "./token-filter.ts";
import { bucketOf, findLines, type TokenIndex, TokenIndexBuilder } from "./token-index.ts";

/** Windows whose tokens are kept in memory, about 50 bytes an event. */
const WINDOWS_MAX = 16;

/** Where tokens may be. */
export interface TokenLines {
  /** False when it is certainly nowhere. */
  readonly mayHold: (hash: number) => boolean;
  /** Offsets in the file; `undefined` when it cannot be said. */
  readonly linesOf: (hash: number) => readonly number[] | undefined;
}

/** A part of a file that is not indexed. */
export interface TailWindow {
  readonly file: string;
  readonly fromByte: number;
  readonly toByte: number;
}

/**
 * The tokens of the end of the log, which is searched again and again before it is indexed. Nothing
 * changes in it: lines are only added.
 */
export class LogTail {
  readonly #windows = new LRUCache<string, TokenIndex>({ max: WINDOWS_MAX });
  #newest: LogFileEntry | undefined;

  /** Takes a window apart; a whole one is kept. @throws LogFailure */
  indexWindow(reader: LogReader, window: TailWindow): TokenLines {
    const { file, fromByte, toByte } = window;
    const key = `${file}:${fromByte}`;
    let known = this.#windows.get(key);
    if (known === undefined) {
      const builder = new TokenIndexBuilder();
      const { bytes, offset } = readLines(reader, window);
      builder.add(bytes, offset);
      known = builder.finish();
      if (toByte - fromByte === SCAN_WINDOW_BYTES) this.#windows.set(key, known);
    }
    const { filter, buckets, bucketBits } = known;
    return {
      mayHold: (hash) => mayHold(filter, hash),
      linesOf(hash) {
        const bucket = buckets[bucketOf(hash, bucketBits)];
        return bucket === undefined ? [] : findLines(bucket, hash);
      },
    };
  }

  /** The newest file as it is now: one that is no longer than it was is another one. */
  notice(newest: LogFileEntry | undefined): void {
    const known = this.#newest;
    this.#newest = newest;
    if (known === undefined || newest === undefined || known.name !== newest.name) return;
    const isRewritten = known.bytes === newest.bytes && known.modifiedMs !== newest.modifiedMs;
    if (newest.bytes < known.bytes || isRewritten) this.clear();
  }

  /** Forgets all of it. */
  clear(): void {
    this.#windows.clear();
  }
}
