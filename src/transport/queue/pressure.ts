/** How much new mail is let in just now (reference §8). */
export interface Pressure {
  /** MAIL is answered 452 4.3.1; Pickup and Replay pause. */
  readonly rejects: boolean;
  /** The reply to MAIL is held back so long, in milliseconds. */
  readonly delayMs: number;
}

const REJECTS = 0;
const DELAY_MS = 1;
const TAKES_NO_MAIL = 2;
const SENDS_NO_MAIL = 3;
const WORDS = 4;

/** What an administrator has switched off (Set-ServerComponentState). */
export interface ServiceState {
  /** New mail is let in; otherwise connections and MAIL are answered 421 4.3.2. */
  readonly takesMail: boolean;
  /** Deliveries are attempted; otherwise mail waits in its queues. */
  readonly sendsMail: boolean;
}

/**
 * The main thread's word on back pressure and on what is in service, readable by every thread at no
 * cost.
 */
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

  get takesMail(): boolean {
    return Atomics.load(this.#words, TAKES_NO_MAIL) === 0;
  }

  get sendsMail(): boolean {
    return Atomics.load(this.#words, SENDS_NO_MAIL) === 0;
  }

  setServices({ takesMail, sendsMail }: ServiceState): void {
    Atomics.store(this.#words, TAKES_NO_MAIL, takesMail ? 0 : 1);
    Atomics.store(this.#words, SENDS_NO_MAIL, sendsMail ? 0 : 1);
  }

  set(pressure: Pressure): void {
    Atomics.store(this.#words, REJECTS, pressure.rejects ? 1 : 0);
    Atomics.store(this.#words, DELAY_MS, pressure.delayMs);
  }
}
