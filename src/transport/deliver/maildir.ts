import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, opendir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { DAY, HOUR } from "../../base/units.ts";
import { DirectorySync, syncDirectory } from "./directory-sync.ts";
import { codeOf } from "./system-error.ts";

/** A file left in `tmp` this long belongs to a delivery that died (Maildir: 36 hours). */
const STALE_AFTER_MS = 36 * HOUR;
const CLEAN_INTERVAL_MS = DAY;
/** Entries looked at in one cleaning of `tmp`. */
const CLEAN_ENTRIES_MAX = 10_000;
/** Maildirs known to exist; of the others we look again. */
const PREPARED_MAX = 10_000;
const SUBDIRECTORIES = ["tmp", "new", "cur"] as const;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** The content of a message, whole or as it is read. */
export type Pieces = readonly Uint8Array[] | AsyncIterable<Uint8Array>;

/** Writes messages into Maildirs so that a crash leaves each either whole in `new` or not there. */
export class MaildirWriter {
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  readonly #host: string;
  readonly #newSync = new DirectorySync();
  /** By path, when its `tmp` was last cleaned. */
  readonly #prepared = new LRUCache<string, number>({ max: PREPARED_MAX });

  constructor(options: {
    readonly hostName: string;
    readonly clock: Clock;
    readonly diagnostics: Diagnostics;
  }) {
    this.#clock = options.clock;
    this.#diagnostics = options.diagnostics;
    this.#host = maildirHost(options.hostName);
  }

  /**
   * The name of a message's file, up to its size: the same for every attempt at the same delivery,
   * so that an attempt after a crash finds, or replaces, what the one before it left.
   */
  nameOf(delivery: {
    readonly messageId: number;
    readonly position: number;
    readonly receivedMs: number;
  }): string {
    const { messageId, position, receivedMs } = delivery;
    const seconds = Math.floor(receivedMs / 1000);
    return `${seconds}.M${receivedMs % 1000}I${messageId}R${position}.${this.#host}`;
  }

  /**
   * Puts a message into `new`; the Maildir is made when it is not there. Resolves with the bytes of
   * the file once file and name survive a power cut. Rejects with the system's error, or what
   * `pieces` throws, and then no file is in `tmp`.
   * @param pieces called for each try, as a Maildir that has gone meanwhile is made again
   */
  async write(maildir: string, name: string, pieces: () => Pieces): Promise<number> {
    if (this.#isDue(maildir)) await this.#prepare(maildir);
    try {
      return await this.#writeOnce(maildir, name, pieces());
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      await this.#prepare(maildir);
      return await this.#writeOnce(maildir, name, pieces());
    }
  }

  /** Whether it is in `new`, or in `cur`, where a reader has moved it and added flags. */
  async has(maildir: string, name: string): Promise<boolean> {
    for (const subdirectory of ["new", "cur"]) {
      for await (const entry of entriesOf(join(maildir, subdirectory))) {
        if (entry.startsWith(name) && /^(?:[,:]|$)/.test(entry.slice(name.length))) return true;
      }
    }
    return false;
  }

  #isDue(maildir: string): boolean {
    const cleanedMs = this.#prepared.get(maildir);
    return cleanedMs === undefined || this.#clock.nowMs() - cleanedMs > CLEAN_INTERVAL_MS;
  }

  async #writeOnce(maildir: string, name: string, pieces: Pieces): Promise<number> {
    const seconds = Math.floor(this.#clock.nowMs() / 1000);
    // Threads share a pid and may have the same counter: chance tells them apart.
    const unique = `${seconds}.P${process.pid}R${randomBytes(8).toString("hex")}.${this.#host}`;
    const temporary = join(maildir, "tmp", unique);
    const handle = await open(temporary, "wx", FILE_MODE);
    try {
      let bytes: number;
      try {
        bytes = await writePieces(handle, pieces);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      // Readers take the size from the name and are spared a stat each (Maildir++ quotas).
      await rename(temporary, join(maildir, "new", `${name},S=${bytes}`));
      await this.#newSync.sync(join(maildir, "new"));
      return bytes;
    } catch (error) {
      // After the rename it is not there any more, and that is fine.
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  async #prepare(maildir: string): Promise<void> {
    // A folder (Maildir++) is in a Maildir, which is to be whole, and durable, before it.
    if (basename(maildir).startsWith(".")) await this.#prepare(dirname(maildir));
    let isNew = false;
    for (const subdirectory of SUBDIRECTORIES) {
      const options = { recursive: true, mode: DIRECTORY_MODE };
      const made = await mkdir(join(maildir, subdirectory), options);
      isNew ||= made !== undefined;
    }
    if (isNew) {
      // Each name on the way is an entry of the directory above: data, mailboxes, address, Maildir.
      let path = maildir;
      for (let level = 0; level < 4; level += 1) {
        await syncDirectory(path);
        path = dirname(path);
      }
    }
    await this.#cleanTemporary(join(maildir, "tmp"));
    this.#prepared.set(maildir, this.#clock.nowMs());
  }

  async #cleanTemporary(directory: string): Promise<void> {
    const oldestMs = this.#clock.nowMs() - STALE_AFTER_MS;
    let seenCount = 0;
    let removedCount = 0;
    try {
      for await (const entry of entriesOf(directory)) {
        seenCount += 1;
        if (seenCount > CLEAN_ENTRIES_MAX) break;
        const path = join(directory, entry);
        const { mtimeMs } = await stat(path);
        if (mtimeMs >= oldestMs) continue;
        await unlink(path);
        removedCount += 1;
      }
    } catch (error) {
      // Litter keeps no mail from being delivered.
      this.#diagnostics.warn("maildir-cleaning-failed", { directory, code: codeOf(error) });
    }
    if (removedCount > 0) this.#diagnostics.info("maildir-cleaned", { directory, removedCount });
  }
}

/** Names in a directory, read bit by bit (it may hold a million); none when it is not there. */
export async function* entriesOf(directory: string): AsyncGenerator<string, void, undefined> {
  try {
    for await (const entry of await opendir(directory, { bufferSize: 512 })) yield entry.name;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** `/` and `:` mean something in a Maildir's names; the convention writes them in octal. */
function maildirHost(hostName: string): string {
  const host = hostName.replaceAll("/", "\\057").replaceAll(":", "\\072");
  return host.replaceAll(/[^A-Za-z0-9.\\_-]/g, "_").slice(0, 100);
}

async function writePieces(handle: FileHandle, pieces: Pieces): Promise<number> {
  let bytes = 0;
  if (Symbol.asyncIterator in pieces) {
    for await (const piece of pieces) bytes += await writeWhole(handle, [piece]);
    return bytes;
  }
  return writeWhole(handle, pieces);
}

/** The system may write less than it was given; the rest then goes again, or its error comes. */
async function writeWhole(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<number> {
  let rest = pieces.filter((piece) => piece.length > 0);
  let bytes = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest);
    bytes += bytesWritten;
    rest = skip(rest, bytesWritten);
  }
  return bytes;
}

function skip(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    const skipped = Math.min(left, piece.length);
    left -= skipped;
    if (skipped < piece.length) rest.push(piece.subarray(skipped));
  }
  return rest;
}
