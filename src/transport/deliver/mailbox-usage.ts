import { stat } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../base/clock.ts";
import { MINUTE } from "../../base/units.ts";
import { entriesOf } from "./maildir.ts";
import { codeOf } from "./system-error.ts";

/** What others put into the mailbox or took out is seen after this at the latest. */
const REFRESH_AFTER_MS = 15 * MINUTE;
/** Before mail is refused, what we know must be at most this old. */
const RECHECK_AFTER_MS = MINUTE;
const MAILBOXES_MAX = 10_000;
/** Size in a file's name (Maildir++). */
const SIZE = /,S=(\d{1,15})(?:[,:]|$)/;

interface Usage {
  /** As last counted, and what was delivered since. */
  bytes: number;
  countedMs: number;
  /** Reserved and not finished. */
  inFlightBytes: number;
}

/** Room taken in a mailbox by a delivery under way; one of the two is called once. */
export interface Reservation {
  /** The file is there, and has that many bytes. */
  keep(bytes: number): void;
  /** The file is not there. */
  release(): void;
}

const UNLIMITED: Reservation = { keep() {}, release() {} };

/**
 * How full mailboxes are. Files are counted once and our own deliveries added; counted again every
 * 15 minutes, and before mail is refused unless that was done within the last minute. Mailboxes
 * without a quota are never counted.
 */
export class MailboxUsage {
  readonly #clock: Clock;
  readonly #known = new LRUCache<string, Usage>({ max: MAILBOXES_MAX });
  readonly #counting = new Map<string, Promise<Usage>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes room for a message, or says that it would pass the quota.
   * Rejects with the system's error when the mailbox can't be counted.
   */
  async reserve(
    maildir: string,
    bytes: number,
    quotaBytes: number,
  ): Promise<Reservation | undefined> {
    if (quotaBytes === Number.POSITIVE_INFINITY) return UNLIMITED;
    let usage = await this.#usageOf(maildir, REFRESH_AFTER_MS);
    if (isFull(usage)) usage = await this.#usageOf(maildir, RECHECK_AFTER_MS);
    if (isFull(usage)) return undefined;
    const taken = usage;
    taken.inFlightBytes += bytes;
    return {
      keep: (fileBytes) => {
        taken.inFlightBytes -= bytes;
        taken.bytes += fileBytes;
      },
      release: () => {
        taken.inFlightBytes -= bytes;
      },
    };

    function isFull(at: Usage): boolean {
      return at.bytes + at.inFlightBytes + bytes > quotaBytes;
    }
  }

  async #usageOf(maildir: string, ageMsMax: number): Promise<Usage> {
    const known = this.#known.get(maildir);
    if (known !== undefined && this.#clock.monotonicMs() - known.countedMs <= ageMsMax)
      return known;
    const running = this.#counting.get(maildir);
    if (running !== undefined) return running;
    const counting = this.#count(maildir).finally(() => this.#counting.delete(maildir));
    this.#counting.set(maildir, counting);
    return counting;
  }

  async #count(maildir: string): Promise<Usage> {
    const bytes = await countMaildir(maildir);
    const usage = this.#known.get(maildir) ?? { bytes: 0, countedMs: 0, inFlightBytes: 0 };
    // A delivery that ended while we counted may be in or out. A few bytes too few is the better
    // mistake: too many would refuse mail that fits.
    usage.bytes = bytes;
    usage.countedMs = this.#clock.monotonicMs();
    this.#known.set(maildir, usage);
    return usage;
  }
}

/** Bytes of all messages of a Maildir, its folders (Maildir++: `.Name`) included. */
async function countMaildir(maildir: string): Promise<number> {
  let bytes = await countFolder(maildir);
  for await (const entry of entriesOf(maildir)) {
    if (entry.startsWith(".")) bytes += await countFolder(join(maildir, entry));
  }
  return bytes;
}

async function countFolder(folder: string): Promise<number> {
  let bytes = 0;
  for (const subdirectory of ["new", "cur"]) {
    const directory = join(folder, subdirectory);
    try {
      for await (const entry of entriesOf(directory)) {
        const size = SIZE.exec(entry)?.[1];
        bytes += size === undefined ? await sizeOf(join(directory, entry)) : Number(size);
      }
    } catch (error) {
      // A file beside the folders whose name starts with a dot.
      if (codeOf(error) !== "ENOTDIR") throw error;
    }
  }
  return bytes;
}

/** 0 when the reader has moved it meanwhile. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return 0;
    throw error;
  }
}
