import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { freeBytes } from "../base/free-bytes.ts";
import type { EventJournal } from "./event-journal.ts";
import type { QueueSqlite } from "./queue-sqlite.ts";
import type { StoreFailure } from "./queue-store.ts";
import type { QueueRequest, QueueResponse, ReadRequest, WriteRequest } from "./store-request.ts";

/**
 * Content bytes that one transaction takes at most: a longer one would keep everybody else waiting.
 */
const GROUP_BYTES_MAX = 16 * 1024 * 1024;

/** Called once per request, after its transaction is on disk, or has failed. */
export type Respond = (response: QueueResponse | StoreFailure) => void;

interface PendingWrite {
  readonly request: WriteRequest;
  readonly respond: Respond;
  response: QueueResponse;
}

/** What the group commit tells about itself. */
export interface GroupCommitMetrics {
  committed(writes: number, durationMs: number): void;
  failed(writes: number, full: boolean): void;
}

/**
 * Runs all requests that wait as one transaction, so that one flush serves them all. A request that
 * fails by itself fails alone; when the disk fails, all of the group do, and nothing of them
 * remains.
 */
export class GroupCommit {
  readonly #queue: QueueSqlite;
  readonly #journal: EventJournal;
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  readonly #metrics: GroupCommitMetrics;
  #writes: PendingWrite[] = [];
  #reads: { readonly request: ReadRequest; readonly respond: Respond }[] = [];

  constructor(parts: {
    readonly queue: QueueSqlite;
    readonly journal: EventJournal;
    readonly clock: Clock;
    readonly diagnostics: Diagnostics;
    readonly metrics: GroupCommitMetrics;
  }) {
    this.#queue = parts.queue;
    this.#journal = parts.journal;
    this.#clock = parts.clock;
    this.#diagnostics = parts.diagnostics;
    this.#metrics = parts.metrics;
  }

  /** Adds a request to the next group. */
  add(request: QueueRequest, respond: Respond): void {
    if (isRead(request)) this.#reads.push({ request, respond });
    else this.#writes.push({ request, respond, response: undefined });
  }

  get isEmpty(): boolean {
    return this.#writes.length === 0 && this.#reads.length === 0;
  }

  /** Writes what waits, then answers the reads: they see all that was asked before them. */
  flush(): void {
    const writes = this.#writes;
    this.#writes = [];
    for (let start = 0; start < writes.length; ) {
      const end = groupEnd(writes, start);
      this.#write(writes.slice(start, end));
      start = end;
    }
    const reads = this.#reads;
    this.#reads = [];
    for (const { request, respond } of reads) respond(this.#read(request));
    this.#journal.maintain();
  }

  #write(group: readonly PendingWrite[]): void {
    const startMs = this.#clock.monotonicMs();
    const failure = this.#transact(group);
    if (failure === undefined) {
      this.#metrics.committed(group.length, this.#clock.monotonicMs() - startMs);
      for (const write of group) {
        write.respond(write.response);
        if (write.request.kind === "appendContent") freeBytes(write.request.bytes);
      }
    } else if (failure.isDisk || group.length === 1) {
      this.#metrics.failed(group.length, failure.cause.full);
      this.#diagnostics.error("store-write-failed", {
        reason: failure.cause.message,
        writes: group.length,
        full: failure.cause.full,
      });
      for (const write of group) write.respond(failure.cause);
    } else {
      // One of them is wrong by itself; the others must not suffer for it.
      for (const write of group) this.#write([write]);
    }
  }

  #transact(
    group: readonly PendingWrite[],
  ): { readonly cause: StoreFailure; readonly isDisk: boolean } | undefined {
    let committing = false;
    try {
      this.#queue.begin();
      let events = "";
      for (const write of group) {
        write.response = this.#apply(write.request);
        if (write.request.kind === "commit") events += write.request.rows.events;
      }
      this.#journal.record(events);
      committing = true;
      this.#queue.commit();
    } catch (error) {
      this.#queue.rollback();
      this.#journal.rolledBack();
      const cause = this.#queue.failure(error);
      return { cause, isDisk: committing || cause.full };
    }
    this.#journal.committed();
    return undefined;
  }

  #apply(request: WriteRequest): QueueResponse {
    switch (request.kind) {
      case "reserveIds":
        return this.#queue.reserveIds(request.count);
      case "appendContent":
        this.#queue.appendContent(request.contentId, request.index, request.bytes);
        return undefined;
      case "discardContent":
        this.#queue.discardContent(request.contentId);
        return undefined;
      case "commit":
        this.#queue.applyChange(request.rows);
        return undefined;
      case "openQueue":
        return this.#queue.openQueue(request.key);
      case "removeQueue":
        this.#queue.removeQueue(request.queueId);
        return undefined;
      case "expireSafetyNet":
        return this.#queue.expireSafetyNet(request.keptUntilMs, request.limit);
      case "recordCrash":
        return this.#queue.recordCrash(request.messageIds);
      default:
        return unreachable(request);
    }
  }

  #read(request: ReadRequest): QueueResponse | StoreFailure {
    try {
      switch (request.kind) {
        case "readContent":
          return this.#queue.readContent(request.contentId, request.index);
        case "listQueues":
          return this.#queue.listQueues();
        case "readQueue":
          return this.#queue.readQueue(request.queueId, request.page);
        case "readMessage":
          return this.#queue.readMessage(request.messageId);
        case "nextDueMs":
          return this.#queue.nextDueMs(request.queueId, request.afterMs);
        case "readSafetyNet":
          return this.#queue.readSafetyNet(request.page);
        case "readNotices":
          return this.#queue.readNotices(request);
        default:
          return unreachable(request);
      }
    } catch (error) {
      const failure = this.#queue.failure(error);
      this.#diagnostics.error("store-read-failed", { reason: failure.message });
      return failure;
    }
  }
}

function isRead(request: QueueRequest): request is ReadRequest {
  return (
    request.kind.startsWith("read") || request.kind === "listQueues" || request.kind === "nextDueMs"
  );
}

function groupEnd(writes: readonly PendingWrite[], start: number): number {
  let bytes = 0;
  for (let index = start; index < writes.length; index += 1) {
    bytes += contentBytes(writes[index]?.request);
    if (bytes > GROUP_BYTES_MAX) return Math.max(index, start + 1);
  }
  return writes.length;
}

function contentBytes(request: WriteRequest | undefined): number {
  if (request?.kind === "appendContent") return request.bytes.byteLength;
  if (request?.kind !== "commit") return 0;
  let bytes = 0;
  for (const [, , , , , content] of request.rows.messages) {
    for (const piece of content) bytes += piece.byteLength;
  }
  return bytes;
}
