import type { Clock } from "../base/clock.ts";
import type { ContentLimits } from "./content-limits.ts";

/** What may still be spent on looking into the attachments of one message. */
export class LookBudget {
  readonly #clock: Clock;
  readonly #endMs: number;
  #bytes: number;
  #files: number;

  constructor(limits: ContentLimits, clock: Clock) {
    this.#clock = clock;
    this.#endMs = clock.monotonicMs() + limits.timeMsMax;
    this.#bytes = limits.decodedBytesMax;
    this.#files = limits.fileCountMax;
  }

  /** Bytes that may still be unpacked or decoded. */
  get bytesLeft(): number {
    return this.isLate ? 0 : this.#bytes;
  }

  /** The time for this message is over. */
  get isLate(): boolean {
    return this.#clock.monotonicMs() >= this.#endMs;
  }

  /** Counts bytes that have been unpacked; false when they are more than there was room for. */
  spend(bytes: number): boolean {
    this.#bytes -= bytes;
    return this.#bytes >= 0;
  }

  /** Counts one more file; false when there are too many, or when it is late. */
  takeFile(): boolean {
    if (this.#files <= 0 || this.isLate) return false;
    this.#files -= 1;
    return true;
  }
}
