import { isUtf8 } from "node:buffer";
import type { InputCursor } from "./input-cursor.ts";

/** A command line, or what is wrong with it. `octets` counts the CRLF. */
export type Line =
  | { readonly kind: "line"; readonly text: string; readonly octets: number }
  /** Longer than the reader's limit; read to its end and forgotten. */
  | { readonly kind: "too-long" }
  /** Holds a bare CR, a NUL or invalid UTF-8. */
  | { readonly kind: "bad-character" }
  /** An LF without CR before it. Where the next line starts is then a matter of opinion. */
  | { readonly kind: "bare-line-feed" };

const LF = 10;
const CR = 13;

/**
 * Cuts command lines from the input at CRLF and at nothing else (RFC 5321 §2.3.8). Holds at most
 * `octetsMax` of a line that has not ended; an idle reader holds nothing.
 */
export class LineReader {
  readonly #octetsMax: number;
  #partial: Buffer | undefined;
  #octets = 0;
  #afterCr = false;
  #bad = false;
  #ascii = true;

  constructor(octetsMax: number) {
    this.#octetsMax = octetsMax;
  }

  /** The next line, or `undefined` when the input ends before it does. */
  read(input: InputCursor): Line | undefined {
    const { bytes } = input;
    const start = input.offset;
    for (let index = start; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte === LF) {
        input.offset = index + 1;
        if (!this.#afterCr) return this.#finish({ kind: "bare-line-feed" });
        return this.#finish(this.#line(bytes, start, index + 1));
      }
      if (this.#afterCr || byte === 0) this.#bad = true;
      this.#afterCr = byte === CR;
      if (byte > 127) this.#ascii = false;
    }
    this.#keep(bytes, start);
    input.offset = bytes.length;
    return undefined;
  }

  /** Forgets a line begun. */
  clear(): void {
    this.#partial = undefined;
    this.#octets = 0;
    this.#afterCr = false;
    this.#bad = false;
    this.#ascii = true;
  }

  #finish(line: Line): Line {
    this.clear();
    return line;
  }

  #line(bytes: Buffer, start: number, end: number): Line {
    const octets = this.#octets + end - start;
    if (octets > this.#octetsMax) return { kind: "too-long" };
    if (this.#bad) return { kind: "bad-character" };
    let whole = bytes.subarray(start, end);
    if (this.#partial !== undefined) {
      whole = Buffer.concat([this.#partial.subarray(0, this.#octets), whole]);
    }
    if (this.#ascii) return { kind: "line", text: whole.toString("latin1", 0, octets - 2), octets };
    if (!isUtf8(whole)) return { kind: "bad-character" };
    return { kind: "line", text: whole.toString("utf8", 0, octets - 2), octets };
  }

  /** Keeps a line's beginning; past the limit only its length counts. */
  #keep(bytes: Buffer, start: number): void {
    const count = bytes.length - start;
    if (count === 0) return;
    const octets = this.#octets + count;
    if (octets > this.#octetsMax) {
      this.#partial = undefined;
    } else {
      if (this.#partial === undefined || this.#partial.length < octets) {
        // Doubled, so that a line that comes byte by byte is not copied each time.
        const grown = Buffer.allocUnsafeSlow(Math.min(octets * 2, this.#octetsMax));
        this.#partial?.copy(grown, 0, 0, this.#octets);
        this.#partial = grown;
      }
      bytes.copy(this.#partial, this.#octets, start);
    }
    this.#octets = octets;
  }
}
