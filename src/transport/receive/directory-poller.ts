import { constants, type Dirent, type Stats } from "node:fs";
import { type FileHandle, lstat, open, opendir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { MINUTE, SECOND } from "../../base/units.ts";

/** Both directories are looked at so often, by Exchange's word (reference §1.6). */
export const POLL_INTERVAL_MS = 5 * SECOND;
/** Files remembered between two looks: as being written, or as complained about. */
const REMEMBERED_MAX = 10_000;
const DIRECTORY_OPTIONS = { bufferSize: 256 };

/** What has become of one file. */
export type FileEnd =
  /** Durable elsewhere: the file is deleted. */
  | { readonly kind: "done" }
  /** Left where it is, named `.bad`. */
  | { readonly kind: "badmail" }
  /** Not now; the next look finds it again. */
  | { readonly kind: "later"; readonly reason: string };

/** What to poll, and what to do with what is found. */
export interface DirectoryPollerOptions {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** In force at each look; `undefined` switches polling off. */
  readonly directory: () => string | undefined;
  readonly filesPerMinuteMax: () => number;
  /** False while back pressure lets nothing in. */
  readonly admits: () => boolean;
  /** Sees an open file through. May throw: then the file is bad. */
  readonly take: (file: PolledFile) => Promise<FileEnd>;
}

/** A regular file, opened for reading. */
export interface PolledFile {
  readonly handle: FileHandle;
  /** For the records. */
  readonly name: string;
  /** Whether it still is as it was when it was opened; somebody may write on after all. */
  readonly isUnchanged: () => Promise<boolean>;
}

/** Looks through one directory for `.eml` files and sees each through to its end. */
export class DirectoryPoller {
  readonly #options: DirectoryPollerOptions;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #recovered: string | undefined;
  #minuteStartMs = Number.NEGATIVE_INFINITY;
  #takenInMinute = 0;
  /** Sizes and times of files that looked unfinished at the last look. */
  #unsettled = new Map<string, string>();
  readonly #complaints = new Set<string>();

  constructor(options: DirectoryPollerOptions) {
    this.#options = options;
  }

  /** Looks at once, and then every POLL_INTERVAL_MS after the last look has ended. */
  start(): void {
    void this.poll().finally(() => {
      if (this.#stopped) return;
      this.#timer = this.#options.clock.startTimer(POLL_INTERVAL_MS, () => this.start());
    });
  }

  /** One look at the directory. Never rejects; looks do not overlap. */
  poll(): Promise<void> {
    this.#running = this.#running
      .then(() => this.#look())
      .catch((error: unknown) => {
        this.#complain("directory-not-read", this.#options.directory() ?? "", error);
      });
    return this.#running;
  }

  /** Resolves when the look that is under way, if any, has ended. */
  idle(): Promise<void> {
    return this.#running;
  }

  /** Ends polling; resolves when the file in hand is done with. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #look(): Promise<void> {
    const { admits, directory: current } = this.#options;
    const directory = current();
    if (this.#stopped || directory === undefined) return;
    if (this.#recovered !== directory) await this.#recover(directory);
    if (!admits()) return;
    const unsettled = new Map<string, string>();
    for await (const entry of await opendir(directory, DIRECTORY_OPTIONS)) {
      if (this.#stopped || !admits() || this.#allowance() <= 0) break;
      if (!isEml(entry)) continue;
      const file = await this.#settledFile(directory, entry.name, unsettled);
      if (file) await this.#process(directory, entry.name);
    }
    this.#unsettled = unsettled;
  }

  /** Files that a stop or a crash left in work begin anew; what was queued of them comes twice. */
  async #recover(directory: string): Promise<void> {
    for await (const entry of await opendir(directory)) {
      if (!entry.isFile() || !entry.name.toLowerCase().endsWith(".tmp")) continue;
      const base = entry.name.slice(0, -".tmp".length);
      await this.#rename(directory, entry.name, { base, extension: ".eml" });
    }
    this.#recovered = directory;
  }

  /** Files that may still be taken in this minute. */
  #allowance(): number {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#minuteStartMs >= MINUTE) {
      this.#minuteStartMs = nowMs;
      this.#takenInMinute = 0;
    }
    return this.#options.filesPerMinuteMax() - this.#takenInMinute;
  }

  /**
   * Whether it is a regular file that nobody writes any more: unchanged for one interval, by its
   * own time or since the last look. Linux has no locks that would tell.
   */
  async #settledFile(
    directory: string,
    name: string,
    unsettled: Map<string, string>,
  ): Promise<boolean> {
    let stats: Stats;
    try {
      stats = await lstat(join(directory, name));
    } catch (error) {
      this.#complain("file-not-read", name, error);
      return false;
    }
    if (!stats.isFile()) {
      // A link may point at any file that we can read and its maker can not.
      this.#complain("file-not-regular", name, "only regular files are picked up");
      return false;
    }
    if (this.#options.clock.nowMs() - stats.mtimeMs >= POLL_INTERVAL_MS) return true;
    const fingerprint = fingerprintOf(stats);
    if (this.#unsettled.get(name) === fingerprint) return true;
    if (unsettled.size < REMEMBERED_MAX) unsettled.set(name, fingerprint);
    return false;
  }

  async #process(directory: string, name: string): Promise<void> {
    // Opened first: a file that cannot be stays as it is. Neither a link nor a pipe gets in here.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    let file: FileHandle;
    try {
      file = await open(join(directory, name), flags);
    } catch (error) {
      this.#complain("file-not-opened", name, error);
      return;
    }
    const base = name.slice(0, -".eml".length);
    try {
      const temporary = await this.#rename(directory, name, { base, extension: ".tmp" });
      if (temporary === undefined) return;
      this.#takenInMinute += 1;
      const end = await this.#take(file, name);
      await this.#conclude(directory, { name, temporary, base }, end);
    } finally {
      await file.close().catch((error: unknown) => this.#complain("file-not-closed", name, error));
    }
  }

  async #take(handle: FileHandle, name: string): Promise<FileEnd> {
    try {
      const before = fingerprintOf(await handle.stat());
      const isUnchanged = async () => fingerprintOf(await handle.stat()) === before;
      return await this.#options.take({ handle, name, isUnchanged });
    } catch (error) {
      // A file on which we fail would fail again at every look: it is kept for the administrator.
      this.#options.diagnostics.error("file-intake-failed", { name, error: describe(error) });
      return { kind: "badmail" };
    }
  }

  async #conclude(
    directory: string,
    file: { readonly name: string; readonly temporary: string; readonly base: string },
    end: FileEnd,
  ): Promise<void> {
    const { name, temporary, base } = file;
    switch (end.kind) {
      case "done":
        this.#complaints.delete(name);
        await unlink(join(directory, temporary)).catch((error: unknown) => {
          // It would be sent again at the next start.
          this.#options.diagnostics.error("file-not-deleted", { name, error: describe(error) });
        });
        return;
      case "badmail":
        this.#options.diagnostics.warn("badmail", { name });
        await this.#rename(directory, temporary, { base, extension: ".bad" });
        return;
      default:
        this.#complain("file-put-off", name, end.reason);
        await this.#rename(directory, temporary, { base, extension: ".eml" });
    }
  }

  /** Gives a file its new name, with the time in it when that is taken; the name it got. */
  async #rename(
    directory: string,
    from: string,
    to: { readonly base: string; readonly extension: string },
  ): Promise<string | undefined> {
    const time = new Date(this.#options.clock.nowMs()).toISOString().replace(/\D/g, "");
    for (const infix of ["", time, `${time}-${Math.floor(this.#options.clock.random() * 1e9)}`]) {
      const name = `${to.base}${infix}${to.extension}`;
      const taken = await lstat(join(directory, name)).then(
        () => true,
        () => false,
      );
      if (taken) continue;
      try {
        await rename(join(directory, from), join(directory, name));
        return name;
      } catch (error) {
        this.#complain("file-not-renamed", from, error);
        return undefined;
      }
    }
    this.#complain("file-not-renamed", from, "no free name");
    return undefined;
  }

  /** Says once what is the matter with a file, not at every look. */
  #complain(event: string, name: string, error: unknown): void {
    const key = `${event} ${name}`;
    if (this.#complaints.has(key)) return;
    if (this.#complaints.size >= REMEMBERED_MAX) this.#complaints.clear();
    this.#complaints.add(key);
    this.#options.diagnostics.warn(event, { name, error: describe(error) });
  }
}

function isEml(entry: Dirent): boolean {
  return entry.name.toLowerCase().endsWith(".eml");
}

function fingerprintOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
