/** How much new mail is let in just now (reference §8). */
export interface Pressure {
  /** MAIL is answered 452 4.3.1; Pickup and Replay pause. */
  readonly rejects: boolean;
  /** The reply to MAIL is held back so long, in milliseconds. */
  readonly delayMs: number;
}

const REJECTS = 0;
const DELAY_MS = 1;
const WORDS = 2;

/** The supervisor's word on back pressure, readable by every thread at no cost. */
export class PressureGauge {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  get pressure(): Pressure {
    return {
      rejects: this.rejects,
      delayMs: Atomics.load(this.#words, DELAY_MS),
    };
  }

  get rejects(): boolean {
    return Atomics.load(this.#words, REJECTS) === 1;
  }

  set(pressure: Pressure): void {
    Atomics.store(this.#words, REJECTS, pressure.rejects ? 1 : 0);
    Atomics.store(this.#words, DELAY_MS, pressure.delayMs);
  }
}
