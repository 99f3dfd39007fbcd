import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Clock, delay } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { LogFailure } from "../base/log-file.ts";
import { type LogFileEntry, LogReader, listLogFiles } from "../base/log-reader.ts";
import { KiB, MINUTE, SECOND } from "../base/units.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type {
  IndexedFile,
  IndexedSegment,
  TrackingIndexStore,
} from "../store/tracking-index-store.ts";
import { readLines } from "./line-window.ts";
import { LogTail, type TailWindow, type TokenLines } from "./log-tail.ts";
import { restMs } from "./pace-of-indexing.ts";
import { mayHold } from "./token-filter.ts";
import { TokenIndexBuilder } from "./token-index.ts";
import {
  indexableBytes,
  type LogPiece,
  listPieces,
  type Stretch,
  selectStretch,
} from "./tracking-pieces.ts";

const PREFIX = "MSGTRK";
const LOOK_INTERVAL_MS = 2 * SECOND;
const AFTER_FAILURE_MS = MINUTE;
/** Read and taken apart in one go, a few milliseconds. */
const STEP_BYTES = 512 * KiB;
const HEAD_BYTES = 256;
/** Filters read from the disk at each look, until all are in memory. */
const FILTERS_PER_LOOK = 100;

/** How the index stands. */
export interface TrackingIndexStatus {
  readonly enabled: boolean;
  readonly files: number;
  readonly logBytes: number;
  readonly segments: number;
  readonly indexedEvents: number;
  readonly indexedBytes: number;
  /** Bytes of the log that could be indexed and are not yet. */
  readonly waitingBytes: number;
  /** Bytes of the index on the disk. */
  readonly indexBytes: number;
}

/** What the index works with. */
export interface TrackingIndexParts {
  /** Where the tracking log's files are. */
  readonly directory: string;
  /** Opens the index, or begins a new one where it is damaged. */
  readonly openStore: () => TrackingIndexStore;
  /** Deletes the closed index: it could not be read. */
  readonly removeStore: () => void;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Share of all processors that has been used of late, 0 to 1. */
  readonly busyShare: () => number;
  readonly indexed: (events: number, spentMs: number) => void;
}

/** How far an update has come; `false` ends it. */
export type UpdateProgress = (bytes: { readonly done: number; readonly total: number }) => boolean;

/**
 * The index over the message tracking log: looks for files that are new, gone or changed, and
 * indexes what will not change any more, a segment at a time. Lives in a thread that may wait for
 * the disk and rests between its steps.
 */
export class TrackingIndex {
  readonly #parts: TrackingIndexParts;
  #store: TrackingIndexStore;
  readonly #files = new Map<string, IndexedFile>();
  readonly #segments = new Map<string, IndexedSegment[]>();
  readonly #filters = new Map<number, Uint8Array>();
  readonly #tail = new LogTail();
  #isEnabled = true;
  #isStopped = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: TrackingIndexParts) {
    this.#parts = parts;
    this.#store = parts.openStore();
    this.#load();
  }

  /** Switches the building on or off; what is indexed stays in use. */
  configure(enabled: boolean): void {
    this.#isEnabled = enabled;
  }

  /** Looks for work every two seconds, until `stop`. */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#isStopped) {
      const isDone = await this.#exclusive(() => this.#guarded(() => this.#once()));
      await delay(clock, isDone === undefined ? AFTER_FAILURE_MS : isDone ? LOOK_INTERVAL_MS : 0);
    }
  }

  /** Ends the work at the next step and closes the database. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#exclusive(async () => this.#store.close());
  }

  /**
   * Indexes whatever can be, without rests; `rebuild` throws away first what there is. Resolves
   * with how many bytes were indexed. @throws StoreFailure, LogFailure
   */
  async update(how: { readonly rebuild: boolean; readonly progress: UpdateProgress }) {
    return this.#exclusive(async () => {
      let files = this.#refresh();
      if (how.rebuild) for (const { name } of files) this.#forget(name);
      const total = indexableBytes(files, this.#segmentsOf);
      let done = 0;
      while (!this.#isStopped && how.progress({ done, total: Math.max(done, total) })) {
        const stretch = selectStretch(files, this.#segmentsOf);
        if (stretch === undefined) break;
        done += await this.#build(stretch, () => nextTurn());
        files = this.#refresh();
      }
      return done;
    });
  }

  /** The log as it is now, oldest piece first. @throws LogFailure */
  pieces(): readonly LogPiece[] {
    try {
      return listPieces(this.#refresh(), this.#segmentsOf);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#replaceStore(error);
      return listPieces(this.#list(), this.#segmentsOf);
    }
  }

  /** A reader of one of its files; `undefined` when the file has gone. @throws LogFailure */
  openFile(name: string): LogReader | undefined {
    return LogReader.open(join(this.#parts.directory, name));
  }

  /** Whether a segment may have a line with that token. Asks memory only. */
  mayHold(segment: IndexedSegment, hash: number): boolean {
    const filter = this.#filters.get(segment.id);
    return filter === undefined || mayHold(filter, hash);
  }

  /**
   * Reads filters of segments into memory, some at each call; true when all are there.
   * @throws StoreFailure
   */
  loadFilters(): boolean {
    let count = 0;
    for (const { id } of [...this.#segments.values()].flat()) {
      if (this.#filters.has(id)) continue;
      if (count === FILTERS_PER_LOOK) return false;
      const filter = this.#store.readFilter(id);
      if (filter !== undefined) this.#filters.set(id, filter);
      count += 1;
    }
    return true;
  }

  /** A bucket of a segment; `undefined` when it cannot be had: then the lines have to be read. */
  readBucket(segment: IndexedSegment, bucket: number): Uint8Array | undefined {
    try {
      return this.#store.readBucket(segment.id, bucket);
    } catch (error) {
      this.#replaceStore(error);
      return undefined;
    }
  }

  /** The tokens of a window of a file that is not indexed. @throws LogFailure */
  indexWindow(reader: LogReader, window: TailWindow): TokenLines {
    return this.#tail.indexWindow(reader, window);
  }

  /** @throws LogFailure */
  status(): TrackingIndexStatus {
    const files = this.#list();
    const segments = [...this.#segments.values()].flat();
    return {
      enabled: this.#isEnabled,
      files: files.length,
      logBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      segments: segments.length,
      indexedEvents: segments.reduce((sum, { events }) => sum + events, 0),
      indexedBytes: segments.reduce((sum, { fromByte, toByte }) => sum + toByte - fromByte, 0),
      waitingBytes: indexableBytes(files, this.#segmentsOf),
      indexBytes: this.#store.bytes(),
    };
  }

  readonly #segmentsOf = (file: string): readonly IndexedSegment[] =>
    this.#segments.get(file) ?? [];

  #list(): readonly LogFileEntry[] {
    return listLogFiles({ directory: this.#parts.directory, prefix: PREFIX });
  }

  #load(): void {
    this.#files.clear();
    this.#segments.clear();
    this.#filters.clear();
    for (const file of this.#store.listFiles()) this.#files.set(file.name, file);
    for (const segment of this.#store.listSegments()) this.#append(segment);
  }

  #append(segment: IndexedSegment): void {
    const known = this.#segments.get(segment.file);
    if (known === undefined) this.#segments.set(segment.file, [segment]);
    else known.push(segment);
  }

  /** One at a time: a look, or an update. */
  #exclusive<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** `undefined` when it failed, which is told and tried again later. */
  async #guarded(work: () => Promise<boolean>): Promise<boolean | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreFailure && !error.full) this.#replaceStore(error);
      else if (!(error instanceof LogFailure || error instanceof StoreFailure)) throw error;
      this.#parts.diagnostics.warn("tracking-index-failed", { reason: error.message });
      return undefined;
    }
  }

  /** One look, and one segment at most; true when there was nothing to do. */
  async #once(): Promise<boolean> {
    if (this.#isStopped) return true;
    const files = this.#refresh();
    this.loadFilters();
    if (!this.#isEnabled) return true;
    const stretch = selectStretch(files, this.#segmentsOf);
    if (stretch === undefined) return true;
    const { clock, busyShare } = this.#parts;
    const rest = (stepMs: number) => delay(clock, restMs(stepMs, busyShare()));
    await this.#build(stretch, rest);
    return false;
  }

  /** Forgets files that are gone, or are not what they were. */
  #refresh(): readonly LogFileEntry[] {
    const files = this.#list();
    const listed = new Map(files.map((file) => [file.name, file]));
    for (const known of this.#files.values()) {
      const file = listed.get(known.name);
      if (file === undefined || this.#isChanged(known, file)) this.#forget(known.name);
    }
    this.#tail.notice(files.at(-1));
    return files;
  }

  #isChanged(known: IndexedFile, file: LogFileEntry): boolean {
    if (known.bytes === file.bytes && known.modifiedMs === file.modifiedMs) return false;
    const indexedBytes = this.#segmentsOf(file.name).at(-1)?.toByte ?? 0;
    // As long as it was and yet written to: somebody has changed what is in it.
    if (file.bytes < indexedBytes || file.bytes === known.bytes) return true;
    return this.#readHead(file.name) !== known.head;
  }

  #readHead(name: string): string {
    const reader = this.openFile(name);
    if (reader === undefined) return "";
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const count = reader.read(head, 0);
      return createHash("sha256").update(head.subarray(0, count)).digest("base64");
    } finally {
      reader.close();
    }
  }

  #forget(name: string): void {
    for (const { id } of this.#segmentsOf(name)) this.#filters.delete(id);
    this.#files.delete(name);
    this.#segments.delete(name);
    this.#tail.clear();
    this.#store.removeFile(name);
  }

  /** Indexes one stretch; resolves with its bytes. */
  async #build(stretch: Stretch, rest: (stepMs: number) => Promise<void>): Promise<number> {
    const { clock, indexed } = this.#parts;
    const { file, fromByte } = stretch;
    const reader = this.openFile(file.name);
    if (reader === undefined) return 0;
    const builder = new TokenIndexBuilder();
    let at = fromByte;
    let spentMs = 0;
    try {
      while (at < stretch.toByte && !this.#isStopped) {
        const startMs = clock.monotonicMs();
        const toByte = Math.min(at + STEP_BYTES, stretch.toByte);
        const isEnd = toByte === file.bytes;
        const { bytes, offset } = readLines(reader, { fromByte: at, toByte, isEnd });
        builder.add(bytes, offset - fromByte);
        at = Math.max(offset + bytes.length, toByte);
        const stepMs = clock.monotonicMs() - startMs;
        spentMs += stepMs;
        await rest(stepMs);
      }
    } finally {
      reader.close();
    }
    // Meanwhile the file may have turned out to be another one than it was.
    const isOutdated = (this.#segmentsOf(file.name).at(-1)?.toByte ?? 0) !== fromByte;
    if (this.#isStopped || isOutdated) return 0;
    const startMs = clock.monotonicMs();
    const events = this.#keep(file, { fromByte, toByte: at, builder });
    const stepMs = clock.monotonicMs() - startMs;
    indexed(events, spentMs + stepMs);
    await rest(stepMs);
    return at - fromByte;
  }

  #keep(
    file: LogFileEntry,
    built: {
      readonly fromByte: number;
      readonly toByte: number;
      readonly builder: TokenIndexBuilder;
    },
  ): number {
    const { firstMs, lastMs, events, bucketBits, buckets, filter } = built.builder.finish();
    const { fromByte, toByte } = built;
    const { name, bytes, modifiedMs } = file;
    const head = this.#files.get(name)?.head ?? this.#readHead(name);
    // The file first: a segment without one would never be found to be out of date.
    const known = { name, bytes, modifiedMs, head };
    this.#store.putFile(known);
    this.#files.set(name, known);
    const segment = this.#store.addSegment(
      {
        file: name,
        fromByte,
        toByte,
        firstMs: Number.isNaN(firstMs) ? 0 : firstMs,
        lastMs: Number.isNaN(lastMs) ? 0 : lastMs,
        events,
        bucketBits,
      },
      { buckets, filter },
    );
    this.#append(segment);
    this.#filters.set(segment.id, filter);
    return events;
  }

  /** The log has everything that the index has: what cannot be read is begun anew. */
  #replaceStore(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.diagnostics.warn("tracking-index-replaced", { reason });
    this.#store.close();
    this.#parts.removeStore();
    this.#store = this.#parts.openStore();
    this.#load();
  }
}

/** Lets whatever else waits in this thread have its turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
