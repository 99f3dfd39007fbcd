/** Messages that one thread can have under its hands at a time; more go unmarked. */
const MARKS_MAX = 4_096;
/** The first place of the table is for work that nothing else can come between. */
const ALONE = 0;

/** What a thread leaves word of. */
export interface LastWork {
  /** The message that it was at when it died: nothing else can have happened meanwhile. */
  readonly alone: number | undefined;
  /** All that were under its hands, each once. */
  readonly inHand: readonly number[];
}

/**
 * Ids of the messages that a thread is working on, in memory that outlives it: when the thread
 * dies, its supervisor reads here which message may have been the cause.
 */
export class MarkTable {
  readonly buffer: SharedArrayBuffer;
  readonly #ids: Float64Array;
  readonly #free: number[];

  constructor(buffer = new SharedArrayBuffer((1 + MARKS_MAX) * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#ids = new Float64Array(buffer);
    this.#free = Array.from({ length: MARKS_MAX }, (_, index) => ALONE + 1 + index);
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

  /** Runs work on a message and leaves word of it as long as nothing else can come between. */
  alone<Value>(messageId: number, work: () => Value): Value {
    this.#ids[ALONE] = messageId;
    try {
      return work();
    } finally {
      this.#ids[ALONE] = 0;
    }
  }

  /** What the thread works on now, or did when it died; for the supervisor. */
  read(): LastWork {
    const [alone, ...marked] = this.#ids;
    return {
      alone: alone === 0 ? undefined : alone,
      inHand: [...new Set(marked)].filter((id) => id !== 0),
    };
  }
}
