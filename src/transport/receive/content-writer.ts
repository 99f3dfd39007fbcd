import { CONTENT_CHUNK_BYTES } from "../../store/queue-store.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import { ownCopy, releaseScratch, sharedCopy, takeScratch } from "./scratch-pool.ts";

/** Pieces on their way to the store at once; past it the sender must wait. */
export const PIECES_OUTSTANDING_MAX = 2;
/** Content that waits for its message: the last pieces in memory, the earlier ones stored. */
export interface WrittenContent {
  readonly contentId: number;
  readonly bytes: number;
  readonly content: readonly Uint8Array[];
  readonly firstChunk: number;
}

/** The part of the queue that content passes through. */
export type ContentStore = Pick<
  SubmissionQueue,
  "nextMessageId" | "appendContent" | "discardContent"
>;

/** How a writer is to begin. */
export interface ContentWriterOptions {
  /** Told of content that could not be removed; the store does it at its next start. */
  readonly discardFailed: (error: unknown) => void;
}

/**
 * Takes the content of one message in any pieces and hands it to the store in chunks, the last of
 * which stays in memory to travel with the message: a small message costs one call, a large one
 * constant memory. One owner: `write` in turn, then `finish` or `discard`.
 */
export class ContentWriter {
  readonly #store: ContentStore;
  readonly #options: ContentWriterOptions;
  readonly #contentId: number | Promise<number>;
  #buffer: Buffer | undefined;
  #used = 0;
  #bytes = 0;
  /** Full chunks that wait for their turn; as many as one `write` can bring. */
  #waiting: Uint8Array[] = [];
  #nextIndex = 0;
  #outstanding = 0;
  #discarded = false;
  #failure: { readonly error: unknown } | undefined;
  #listeners: (() => void)[] = [];

  constructor(store: ContentStore, options: ContentWriterOptions) {
    this.#store = store;
    this.#options = options;
    this.#contentId = store.nextMessageId();
    // It may be rejected before anybody waits for it.
    if (typeof this.#contentId !== "number")
      this.#contentId.catch((error: unknown) => this.#fail(error));
  }

  /** Octets taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Copies the bytes. A promise asks the caller to wait for it before the next write. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#discarded || this.#failure !== undefined) return undefined;
    this.#bytes += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      if (this.#used === CONTENT_CHUNK_BYTES) this.#endChunk();
      const buffer = this.#room(bytes.length - at);
      const length = Math.min(buffer.length - this.#used, bytes.length - at);
      buffer.set(
        at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length),
        this.#used,
      );
      this.#used += length;
      at += length;
    }
    if (this.#outstanding < PIECES_OUTSTANDING_MAX) return undefined;
    return this.#until(
      () => this.#waiting.length === 0 && this.#outstanding < PIECES_OUTSTANDING_MAX,
    );
  }

  /**
   * Waits until all chunks but those returned are stored. Without such chunks, and with the id at
   * hand, the answer comes at once. Throws what the store threw.
   */
  finish(): WrittenContent | Promise<WrittenContent> {
    const contentId = this.#contentId;
    if (typeof contentId === "number" && this.#nextIndex === 0 && this.#failure === undefined) {
      return this.#written(contentId);
    }
    return this.#finishLater();
  }

  /** Forgets the content and removes what was stored. May be called at any time, and again. */
  discard(): void {
    if (this.#discarded) return;
    this.#discarded = true;
    this.#waiting = [];
    this.#releaseBuffer();
    if (this.#nextIndex === 0) return;
    // A chunk still on its way would be stored after the removal.
    this.#until(() => this.#outstanding === 0)
      .then(() => this.#contentId)
      .then((contentId) => this.#store.discardContent(contentId))
      .catch((error: unknown) => this.#options.discardFailed(error));
  }

  async #finishLater(): Promise<WrittenContent> {
    await this.#until(() => this.#outstanding === 0 && this.#waiting.length === 0);
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#written(await this.#contentId);
  }

  #written(contentId: number): WrittenContent {
    // Of its exact size: it is kept until the message leaves.
    const last = sharedCopy(this.#buffer ?? EMPTY, this.#used);
    this.#releaseBuffer();
    return { contentId, bytes: this.#bytes, content: [last], firstChunk: this.#nextIndex };
  }

  /** The buffer with room for at least one byte. */
  #room(wanted: number): Buffer {
    const old = this.#buffer;
    if (old !== undefined && this.#used < old.length) return old;
    const buffer = takeScratch(this.#used + wanted);
    if (old !== undefined) {
      buffer.set(old.subarray(0, this.#used), 0);
      releaseScratch(old);
    }
    this.#buffer = buffer;
    return buffer;
  }

  #endChunk(): void {
    if (this.#buffer === undefined) return;
    this.#waiting.push(ownCopy(this.#buffer));
    this.#releaseBuffer();
    this.#used = 0;
    this.#pump();
  }

  #releaseBuffer(): void {
    if (this.#buffer !== undefined) releaseScratch(this.#buffer);
    this.#buffer = undefined;
  }

  #pump(): void {
    while (this.#outstanding < PIECES_OUTSTANDING_MAX) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return;
      const index = this.#nextIndex;
      this.#nextIndex += 1;
      this.#outstanding += 1;
      this.#append(index, chunk).then(
        () => this.#appended(),
        (error: unknown) => {
          this.#fail(error);
          this.#appended();
        },
      );
    }
  }

  async #append(index: number, chunk: Uint8Array): Promise<void> {
    const id = this.#contentId;
    await this.#store.appendContent(typeof id === "number" ? id : await id, index, chunk);
  }

  #appended(): void {
    this.#outstanding -= 1;
    if (this.#failure === undefined) this.#pump();
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting = [];
    this.#wake();
  }

  #wake(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  /** Resolves once the condition holds. A failure empties `#waiting`: nobody waits for ever. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#listeners.push(resolve);
      });
    }
  }
}

const EMPTY = Buffer.alloc(0);
