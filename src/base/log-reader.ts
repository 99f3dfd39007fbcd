import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { onDisk } from "./log-file.ts";

/** One file of a log as it stands in its directory. */
export interface LogFileEntry {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * The files `<PREFIX>yyyymmdd-n.LOG` (or `yyyymmddhh-n`) of a log, oldest first; none when the
 * directory is not there. Throws LogFailure.
 */
export function listLogFiles(log: {
  readonly directory: string;
  readonly prefix: string;
}): readonly LogFileEntry[] {
  const pattern = new RegExp(`^${log.prefix}(\\d{8}(?:\\d\\d)?)-(\\d{1,9})\\.LOG$`);
  return onDisk(`list ${log.directory}`, () => namesIn(log.directory))
    .flatMap((name) => {
      const [, day, index] = pattern.exec(name) ?? [];
      return day === undefined ? [] : [{ name, day, index: Number(index) }];
    })
    .sort((left, right) => compareDays(left.day, right.day) || left.index - right.index)
    .flatMap(({ name }) => {
      const path = join(log.directory, name);
      const found = onDisk(`look at ${path}`, () => statSync(path, { throwIfNoEntry: false }));
      // It may have aged away since the directory was read.
      if (found === undefined) return [];
      return [{ name, bytes: found.size, modifiedMs: Math.floor(found.mtimeMs) }];
    });
}

/** The order of two file names of one log: below 0 when the first is the older one. */
export function compareLogFiles(left: string, right: string): number {
  const [one, other] = [left, right].map((name) => /(\d+)-(\d+)\.LOG$/.exec(name));
  const byDay = compareDays(one?.[1] ?? "", other?.[1] ?? "");
  return byDay || Number(one?.[2] ?? 0) - Number(other?.[2] ?? 0);
}

function compareDays(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** A log file open for reading, on a thread that may wait for the disk. Throws LogFailure. */
export class LogReader {
  readonly #path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** `undefined` when there is no such file (any more). */
  static open(path: string): LogReader | undefined {
    return onDisk(`open ${path}`, () => {
      try {
        return new LogReader(path, openSync(path, "r"));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  /** As of now: its owner may be writing. */
  get bytes(): number {
    return onDisk(`look at ${this.#path}`, () => fstatSync(this.#descriptor).size);
  }

  /** Fills `buffer` from `offset` on; returns how many bytes there were. */
  read(buffer: Uint8Array, offset: number): number {
    return onDisk(`read ${this.#path}`, () => {
      let filled = 0;
      while (filled < buffer.length) {
        const count = readSync(
          this.#descriptor,
          buffer,
          filled,
          buffer.length - filled,
          offset + filled,
        );
        if (count === 0) break;
        filled += count;
      }
      return filled;
    });
  }

  /** Ends the use of this file. */
  close(): void {
    onDisk(`close ${this.#path}`, () => closeSync(this.#descriptor));
  }
}
