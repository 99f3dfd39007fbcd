/** Messages that one thread can have under its hands at a time; more go unmarked. */
const MARKS_MAX = 4_096;

/**
 * Ids of the messages that a thread is working on, in memory that outlives it: when the thread
 * dies, its supervisor reads here which message may have been the cause.
 */
export class MarkTable {
  readonly buffer: SharedArrayBuffer;
  readonly #ids: Float64Array;
  readonly #free: number[];

  constructor(buffer = new SharedArrayBuffer(MARKS_MAX * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#ids = new Float64Array(buffer);
    this.#free = Array.from(this.#ids, (_, index) => index);
  }

  /** Marks a message; the result unmarks it. */
  mark(messageId: number): () => void {
    const slot = this.#free.pop();
    if (slot === undefined) return () => {};
    this.#ids[slot] = messageId;
    return () => {
      this.#ids[slot] = 0;
      this.#free.push(slot);
    };
  }

  /** All marked ids, each once; for the supervisor. */
  read(): readonly number[] {
    return [...new Set(this.#ids)].filter((id) => id !== 0);
  }
}
