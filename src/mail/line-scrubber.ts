import { ByteProfile } from "./byte-profile.ts";
import { EMPTY_BYTES, writeEscape } from "./transfer-encoding.ts";

/** Lines grow no longer than this before one is broken; leaves room for an escape (998 allowed). */
const BREAK_COLUMN = 990;
const LF = 10;
const CR = 13;
const DASH = 45;
const EQUALS = 61;
/** Stands for a bad byte: not dropped, because what is left could come to look like a boundary. */
const STAR = 42;

/** What the bytes are, which says what may be done to them without changing what they mean. */
export type ScrubbedKind =
  /** A bad byte is escaped, a long line broken softly. */
  | "quoted-printable"
  /** A bad byte becomes a `*`, which readers ignore (RFC 2045 §6.8); a long line is broken. */
  | "base64"
  /** Text that readers ignore: a bad byte becomes a `*`. */
  | "ignored";

/**
 * Makes bytes that are encoded already, or not looked at, fit for a hop that takes no more than
 * `to`. What fits passes as it is, without a copy.
 */
export class LineScrubber {
  readonly #kind: ScrubbedKind;
  readonly #to: "7BIT" | "8BITMIME";
  #profile = new ByteProfile();
  #dirty = false;
  #column = 0;
  #heldCr = false;
  /** Bytes since the last `=`: an escape is not broken in two. */
  #sinceEquals = 3;
  #out: Uint8Array = EMPTY_BYTES;
  #length = 0;

  constructor(kind: ScrubbedKind, to: "7BIT" | "8BITMIME") {
    this.#kind = kind;
    this.#to = to;
  }

  push(bytes: Uint8Array): Uint8Array {
    if (!this.#dirty) {
      this.#profile.push(bytes);
      const column = columnAfter(bytes, this.#column);
      const whole = bytes[bytes.length - 1] !== CR && !this.#heldCr;
      // Short of the limit, so that there is room for a break when the line turns out to go on.
      if (this.#profile.fits(this.#to) && whole && column < BREAK_COLUMN) {
        this.#column = column;
        return bytes;
      }
      this.#dirty = !this.#profile.fits(this.#to);
    }
    // A byte may become three, and every so many of them bring a line break of up to six.
    this.#out = new Uint8Array(bytes.length * 4 + 16);
    this.#length = 0;
    for (const byte of bytes) this.#take(byte);
    return this.#out.subarray(0, this.#length);
  }

  end(): Uint8Array {
    if (!this.#heldCr) return EMPTY_BYTES;
    this.#out = new Uint8Array(16);
    this.#length = 0;
    this.#heldCr = false;
    this.#bad(CR);
    return this.#out.subarray(0, this.#length);
  }

  #take(byte: number): void {
    if (this.#heldCr) {
      this.#heldCr = false;
      if (byte === LF) {
        this.#put(CR);
        this.#put(LF);
        this.#column = 0;
        this.#sinceEquals = 3;
        return;
      }
      this.#bad(CR);
    }
    if (byte === CR) this.#heldCr = true;
    else if (byte === LF || byte === 0 || (byte >= 128 && this.#to === "7BIT")) this.#bad(byte);
    else this.#good(byte);
  }

  #good(byte: number): void {
    if (this.#column >= BREAK_COLUMN && this.#sinceEquals >= 2) {
      this.#breakLine();
      // The rest of a line must not come to look like a boundary.
      if (byte === DASH) {
        this.#bad(byte);
        return;
      }
    }
    this.#sinceEquals = byte === EQUALS ? 0 : this.#sinceEquals + 1;
    this.#put(byte);
  }

  #bad(byte: number): void {
    if (this.#column >= BREAK_COLUMN) this.#breakLine();
    if (this.#kind === "quoted-printable") {
      writeEscape(this.#out, this.#length, byte);
      this.#length += 3;
      this.#column += 3;
    } else this.#put(STAR);
    this.#sinceEquals = 3;
  }

  #breakLine(): void {
    if (this.#kind === "quoted-printable") this.#put(EQUALS);
    this.#put(CR);
    this.#put(LF);
    this.#column = 0;
    this.#sinceEquals = 3;
  }

  #put(byte: number): void {
    this.#out[this.#length++] = byte;
    this.#column += 1;
  }
}

function columnAfter(bytes: Uint8Array, column: number): number {
  const end = bytes.lastIndexOf(LF);
  return end === -1 ? column + bytes.length : bytes.length - end - 1;
}
