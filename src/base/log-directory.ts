import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { assert } from "./assert.ts";
import type { Clock } from "./clock.ts";
import { LogFailure, LogFile, onDisk } from "./log-file.ts";
import { DAY } from "./units.ts";

/** What may change while the log is in use. */
export interface LogLimits {
  /** No file grows past this, but for one that holds a single longer text. */
  readonly maxFileBytes: number;
  /** Oldest files go before the files of this prefix take more; `Infinity` = no limit. */
  readonly maxDirectoryBytes: number;
  /** Files whose day lies further back go; 0 = never by age (reference §7). */
  readonly maxAgeMs: number;
  /**
   * Oldest files go before all of this prefix have more lines, comments not counted; a file then
   * holds a tenth of them. Absent or `Infinity`: no limit.
   */
  readonly maxLines?: number;
}

/** What a log directory is made with. */
export interface LogDirectoryOptions extends LogLimits {
  /** Made when it is missing. */
  readonly directory: string;
  /** `MSGTRK`, `CONNECTLOG`, …: upper-case letters. */
  readonly prefix: string;
  /** The lines that open each file, each ending in CRLF. */
  readonly header: (nowMs: number) => string;
  /** Says the day for `append`. */
  readonly clock: Pick<Clock, "nowMs">;
}

/** A place in a log. */
export interface LogPosition {
  /** File name without its directory. */
  readonly file: string;
  readonly offset: number;
}

/** Text that was to be written at a place. */
export interface LogEntry extends LogPosition {
  readonly text: string;
}

/**
 * Log files `<PREFIX>yyyymmdd-n.LOG` (reference §7), the day in UTC. One owner, on a thread that
 * may wait for the disk. Every method throws LogFailure when the disk refuses; the log then stands
 * where it stood, and the next call may go well.
 */
export interface LogDirectory {
  /**
   * Where the next `bytes` bytes belong. Nothing moves until they are written: asked again, the
   * answer is the same. Begins a new file at the size limit and on a new day, header and all.
   */
  locate(bytes: number, nowMs: number): LogPosition;
  /** Writes at a place from `locate`; done again, nothing changes. */
  writeAt(file: string, offset: number, bytes: Uint8Array): void;
  /** Writes at the end. */
  append(text: string): void;
  /** What was written survives a power cut once this returns. */
  sync(): void;
  /**
   * After a crash: writes again whatever may not have reached the disk, cuts off what follows it,
   * and flushes. `entries` are all texts placed since the last `sync`, in order.
   */
  recover(entries: readonly LogEntry[]): void;
  /** Deletes files that are too old or too many, never the current one. Returns their names. */
  prune(nowMs: number): readonly string[];
  /** New limits; in force from the next call on. */
  configure(limits: LogLimits): void;
  /** Flushes and closes. */
  close(): void;
}

/** Opens the directory; files are opened as they are needed. Throws LogFailure. */
export function openLogDirectory(options: LogDirectoryOptions): LogDirectory {
  assert(/^[A-Z]+$/.test(options.prefix), "a log prefix is upper-case letters");
  onDisk(`make ${options.directory}`, () =>
    mkdirSync(options.directory, { recursive: true, mode: 0o750 }),
  );
  return new RotatingLog(options);
}

/** Files that lines are shared out among where they are counted. */
const COUNTED_FILES = 10;

interface NumberedFile {
  readonly name: string;
  readonly day: string;
  readonly index: number;
}

class RotatingLog implements LogDirectory {
  readonly #options: LogDirectoryOptions;
  readonly #namePattern: RegExp;
  #limits: LogLimits;
  #current: { readonly file: LogFile; readonly numbered: NumberedFile } | undefined;
  /** Files with writes that are not flushed; all but the current one close at the next sync. */
  readonly #unsynced = new Map<string, LogFile>();
  /** Of files looked at since the start. */
  readonly #lineCounts = new Map<string, number>();

  constructor(options: LogDirectoryOptions) {
    this.#options = options;
    this.#limits = options;
    this.#namePattern = new RegExp(`^${options.prefix}(\\d{8})-(\\d{1,9})\\.LOG$`);
  }

  locate(bytes: number, nowMs: number): LogPosition {
    const day = dayOf(nowMs);
    if (this.#current?.numbered.day !== day) this.#begin(this.#lastOfDay(day), nowMs);
    let current = this.#demandCurrent();
    const fits = current.file.empty || current.file.bytes + bytes <= this.#limits.maxFileBytes;
    if (!fits || this.#isFullOfLines(current.numbered.name)) {
      this.#begin(this.#numbered(day, current.numbered.index + 1), nowMs);
      current = this.#demandCurrent();
    }
    return { file: current.numbered.name, offset: current.file.bytes };
  }

  writeAt(file: string, offset: number, bytes: Uint8Array): void {
    const open = this.#fileNamed(file);
    this.#unsynced.set(file, open);
    open.write(offset, bytes);
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    const { file, offset } = this.locate(bytes.length, this.#options.clock.nowMs());
    this.writeAt(file, offset, bytes);
    const count = this.#lineCounts.get(file);
    if (count !== undefined) this.#lineCounts.set(file, count + countLines(bytes));
  }

  sync(): void {
    for (const [name, file] of this.#unsynced) {
      file.sync();
      this.#unsynced.delete(name);
      if (file !== this.#current?.file) file.close();
    }
  }

  recover(entries: readonly LogEntry[]): void {
    const ends = new Map<string, number>();
    for (const { file, offset, text } of entries) {
      const bytes = Buffer.from(text);
      this.writeAt(file, offset, bytes);
      ends.set(file, offset + bytes.length);
    }
    for (const [name, end] of ends) this.#fileNamed(name).truncate(end);
    this.sync();
  }

  prune(nowMs: number): readonly string[] {
    const others = this.#listed().filter(({ name }) => name !== this.#current?.numbered.name);
    const { maxAgeMs, maxDirectoryBytes, maxFileBytes } = this.#limits;
    // The current file's room is set aside whole, so that the directory never outgrows its limit.
    let room = maxDirectoryBytes - Math.max(maxFileBytes, this.#current?.file.bytes ?? 0);
    const currentLines = this.#countLines(this.#current?.numbered.name);
    let linesLeft = this.#linesMax() - Math.max(this.#linesMaxOfFile(), currentLines);
    const pruned: string[] = [];
    for (const { name, day } of others.reverse()) {
      const path = join(this.#options.directory, name);
      room -= onDisk(`look at ${path}`, () => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
      const expired = maxAgeMs > 0 && dayEndMs(day) + maxAgeMs <= nowMs;
      linesLeft -= this.#countLines(name);
      if (!expired && room >= 0 && linesLeft >= 0) continue;
      this.#lineCounts.delete(name);
      onDisk(`delete ${path}`, () => rmSync(path, { force: true }));
      pruned.push(name);
    }
    return pruned.reverse();
  }

  configure(limits: LogLimits): void {
    this.#limits = limits;
  }

  close(): void {
    this.sync();
    this.#current?.file.close();
    this.#current = undefined;
  }

  #linesMax(): number {
    return this.#limits.maxLines ?? Number.POSITIVE_INFINITY;
  }

  #linesMaxOfFile(): number {
    const max = this.#linesMax();
    return max === Number.POSITIVE_INFINITY ? 0 : Math.ceil(max / COUNTED_FILES);
  }

  #isFullOfLines(name: string): boolean {
    const max = this.#linesMaxOfFile();
    return max > 0 && this.#countLines(name) >= max;
  }

  /** Lines of a file, 0 where nobody has to know. */
  #countLines(name: string | undefined): number {
    if (name === undefined || this.#linesMax() === Number.POSITIVE_INFINITY) return 0;
    let count = this.#lineCounts.get(name);
    if (count === undefined) {
      const path = join(this.#options.directory, name);
      count = onDisk(`read ${path}`, () => countLines(readFileSync(path)));
      this.#lineCounts.set(name, count);
    }
    return count;
  }

  /** Makes `next` the current file, then removes what has to go for it. */
  #begin(next: NumberedFile, nowMs: number): void {
    const file = this.#unsynced.get(next.name) ?? this.#open(next.name, nowMs);
    const previous = this.#current?.file;
    this.#current = { file, numbered: next };
    if (previous !== undefined && !this.#unsynced.has(previous.name)) previous.close();
    try {
      this.prune(nowMs);
    } catch (error) {
      // A file that cannot be deleted must not stop the log; the owner's own prune will say so.
      if (!(error instanceof LogFailure)) throw error;
    }
  }

  #open(name: string, nowMs: number): LogFile {
    const { directory, header } = this.#options;
    // The directory may have been removed by hand since it was last looked at.
    onDisk(`make ${directory}`, () => mkdirSync(directory, { recursive: true, mode: 0o750 }));
    const file = LogFile.open(join(directory, name), Buffer.from(header(nowMs)));
    try {
      this.#syncDirectory();
    } catch (error) {
      file.close();
      throw error;
    }
    return file;
  }

  #fileNamed(name: string): LogFile {
    assert(this.#namePattern.test(name), `not a file of this log: ${name}`);
    if (this.#current?.numbered.name === name) return this.#current.file;
    const waiting = this.#unsynced.get(name);
    if (waiting !== undefined) return waiting;
    return this.#open(name, this.#options.clock.nowMs());
  }

  #demandCurrent() {
    assert(this.#current !== undefined, "a log has a current file once it was located");
    return this.#current;
  }

  #lastOfDay(day: string): NumberedFile {
    return this.#listed().findLast((file) => file.day === day) ?? this.#numbered(day, 1);
  }

  #numbered(day: string, index: number): NumberedFile {
    return { name: `${this.#options.prefix}${day}-${index}.LOG`, day, index };
  }

  /** Our files, oldest first. */
  #listed(): NumberedFile[] {
    const { directory } = this.#options;
    return onDisk(`list ${directory}`, () => readdirSync(directory))
      .flatMap((name) => {
        const [, day, index] = this.#namePattern.exec(name) ?? [];
        return day === undefined || index === undefined
          ? []
          : [{ name, day, index: Number(index) }];
      })
      .sort((left, right) => left.day.localeCompare(right.day) || left.index - right.index);
  }

  #syncDirectory(): void {
    const { directory } = this.#options;
    onDisk(`flush ${directory}`, () => {
      const descriptor = openSync(directory, "r");
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    });
  }
}

/** Lines that are no comments. */
function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(LF, from);
    if (bytes[from] !== HASH) count += 1;
    if (end < 0) break;
    from = end + 1;
  }
  return count;
}

const LF = 0x0a;
const HASH = 0x23;

/** `yyyymmdd` in UTC. */
function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "");
}

function dayEndMs(day: string): number {
  const iso = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`;
  return Date.parse(iso) + DAY;
}
