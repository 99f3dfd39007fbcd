import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { basename } from "node:path";

/** A log could not be written or read. What got to the disk of it is written over next time. */
export class LogFailure extends Error {
  override readonly name = "LogFailure";
  /** Space or quota ran out. */
  readonly full: boolean;
  constructor(message: string, options: { readonly full: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.full = options.full;
  }
}

/** Runs one step on the disk; what the system refuses becomes a LogFailure that names the step. */
export function onDisk<Value>(step: string, run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof LogFailure) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new LogFailure(`${step}: ${code}`, {
      full: code === "ENOSPC" || code === "EDQUOT",
      cause,
    });
  }
}

const GAP_PIECE_BYTES = 64 * 1024;

/** One log file held open. Each method throws LogFailure when the disk refuses. */
export class LogFile {
  readonly name: string;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #headerBytes: number;
  #bytes: number;

  private constructor(options: {
    readonly path: string;
    readonly descriptor: number;
    readonly headerBytes: number;
    readonly bytes: number;
  }) {
    this.name = basename(options.path);
    this.#path = options.path;
    this.#descriptor = options.descriptor;
    this.#headerBytes = options.headerBytes;
    this.#bytes = options.bytes;
  }

  /**
   * Opens or makes a file. A line without an end at its tail is what a crash left, and is cut off;
   * a file too short for its header gets a new one, flushed: a place in the file is only given out
   * once the file itself is sure to be found again.
   */
  static open(path: string, header: Uint8Array): LogFile {
    return onDisk(`open ${path}`, () => {
      const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o640);
      try {
        const bytes = fstatSync(descriptor).size;
        const file = new LogFile({ path, descriptor, headerBytes: header.length, bytes });
        if (bytes < header.length) {
          file.truncate(0);
          file.write(0, header);
          fsyncSync(descriptor);
        } else {
          file.#cutTornLine();
        }
        return file;
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
    });
  }

  /** Bytes written so far: where the next line goes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing stands in it but its header. */
  get empty(): boolean {
    return this.#bytes <= this.#headerBytes;
  }

  /** Writes at `offset`, over what is there or past it; a gap before it becomes comment lines. */
  write(offset: number, bytes: Uint8Array): void {
    onDisk(`write ${this.#path}`, () => {
      while (this.#bytes < offset) {
        this.#writeAll(this.#bytes, commentLine(Math.min(offset - this.#bytes, GAP_PIECE_BYTES)));
      }
      this.#writeAll(offset, bytes);
    });
  }

  /** Cuts the file off behind `bytes`. */
  truncate(bytes: number): void {
    if (this.#bytes <= bytes) return;
    onDisk(`truncate ${this.#path}`, () => ftruncateSync(this.#descriptor, bytes));
    this.#bytes = bytes;
  }

  /** What was written survives a power cut once this returns. */
  sync(): void {
    onDisk(`flush ${this.#path}`, () => fdatasyncSync(this.#descriptor));
  }

  /** Ends the use of this file. */
  close(): void {
    onDisk(`close ${this.#path}`, () => closeSync(this.#descriptor));
  }

  #writeAll(offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    }
    this.#bytes = Math.max(this.#bytes, offset + bytes.length);
  }

  #cutTornLine(): void {
    const piece = new Uint8Array(GAP_PIECE_BYTES);
    let end = this.#bytes;
    while (end > 0) {
      const start = Math.max(0, end - piece.length);
      const count = readSync(this.#descriptor, piece, 0, end - start, start);
      const newline = piece.subarray(0, count).lastIndexOf(0x0a);
      if (newline >= 0) {
        this.truncate(start + newline + 1);
        return;
      }
      end = start;
    }
  }
}

/** A line of exactly `bytes` bytes that readers of the log skip. */
function commentLine(bytes: number): Uint8Array {
  const line = Buffer.alloc(bytes, bytes < 3 ? "\n" : " ");
  if (bytes >= 3) {
    line.write("#", 0, "latin1");
    line.write("\r\n", bytes - 2, "latin1");
  }
  return line;
}
