/** Turns a stream of bytes into another, chunk by chunk, in constant memory. Use one per body. */
export interface Transcoder {
  /** What can be said of everything pushed so far and has not been returned yet. */
  push(bytes: Uint8Array): Uint8Array;
  /** The rest. */
  end(): Uint8Array;
}

/** No bytes. */
export const EMPTY_BYTES = new Uint8Array(0);
const HEX = Buffer.from("0123456789ABCDEF");
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DASH = 45;
const EQUALS = 61;
/** RFC 2045 §6.7 (5) allows 76 with the `=` of a soft break. */
const QUOTED_LINE_BYTES = 75;
/** 76 characters of base64 (RFC 2045 §6.8). */
const BASE64_LINE_INPUT_BYTES = 57;
const BASE64_LINE_BYTES = 76;
/** White space held back by a decoder because it may be padding at a line's end. */
const PADDING_BYTES_MAX = 1000;

/**
 * Quoted-printable (RFC 2045 §6.7). CRLF stays a line break, every other CR or LF is escaped, so
 * that decoding gives the same bytes. A `-` after a soft break is escaped too: else a line could
 * come to look like a boundary. The output's last line has no line break unless the input's has.
 */
export class QuotedPrintableEncoder implements Transcoder {
  #out: Uint8Array = EMPTY_BYTES;
  #length = 0;
  /** Zero: the output so far ends in a line break, or is empty. */
  #column = 0;
  #afterSoftBreak = false;
  /** A CR, space or tab whose meaning the next byte decides; 0 for none. */
  #held = 0;

  push(bytes: Uint8Array): Uint8Array {
    // Each byte may become three, each third of a line's worth of them brings a soft break.
    this.#start(bytes.length * 4 + 16);
    for (const byte of bytes) this.#take(byte);
    return this.#out.subarray(0, this.#length);
  }

  end(): Uint8Array {
    this.#start(16);
    if (this.#held !== 0) this.#escape(this.#held);
    this.#held = 0;
    return this.#out.subarray(0, this.#length);
  }

  /** Whether the output ends inside a line; a soft break ends it and adds nothing to the data. */
  get midLine(): boolean {
    return this.#column > 0;
  }

  #start(bytesMax: number): void {
    this.#out = new Uint8Array(bytesMax);
    this.#length = 0;
  }

  #take(byte: number): void {
    const held = this.#held;
    if (held !== 0) {
      this.#held = 0;
      if (held === CR) {
        if (byte === LF) {
          this.#lineBreak();
          return;
        }
        this.#escape(CR);
      } else if (byte === CR) this.#escape(held);
      else this.#literal(held);
    }
    if (byte === CR || byte === SPACE || byte === TAB) this.#held = byte;
    else if (byte < SPACE || byte > 126 || byte === EQUALS) this.#escape(byte);
    else this.#literal(byte);
  }

  #lineBreak(): void {
    this.#out[this.#length++] = CR;
    this.#out[this.#length++] = LF;
    this.#column = 0;
    this.#afterSoftBreak = false;
  }

  #literal(byte: number): void {
    if (this.#column >= QUOTED_LINE_BYTES) this.#softBreak();
    if (byte === DASH && this.#afterSoftBreak) {
      this.#escape(byte);
      return;
    }
    this.#afterSoftBreak = false;
    this.#out[this.#length++] = byte;
    this.#column += 1;
  }

  #escape(byte: number): void {
    if (this.#column + 3 > QUOTED_LINE_BYTES) this.#softBreak();
    this.#afterSoftBreak = false;
    writeEscape(this.#out, this.#length, byte);
    this.#length += 3;
    this.#column += 3;
  }

  #softBreak(): void {
    this.#out[this.#length++] = EQUALS;
    this.#lineBreak();
    this.#afterSoftBreak = true;
  }
}

/** Writes `=XX` at `at`. */
export function writeEscape(out: Uint8Array, at: number, byte: number): void {
  out[at] = EQUALS;
  out[at + 1] = HEX[byte >> 4] ?? 0;
  out[at + 2] = HEX[byte & 15] ?? 0;
}

/** Base64 in lines of 76 characters with CRLF between them, none after the last (RFC 2045 §6.8). */
export class Base64Encoder implements Transcoder {
  #carry: Uint8Array = EMPTY_BYTES;
  #begun = false;

  push(bytes: Uint8Array): Uint8Array {
    const input = Buffer.concat([this.#carry, bytes]);
    const whole = input.length - (input.length % BASE64_LINE_INPUT_BYTES);
    this.#carry = input.subarray(whole);
    return this.#encode(input, whole);
  }

  end(): Uint8Array {
    const rest = Buffer.from(this.#carry);
    this.#carry = EMPTY_BYTES;
    return this.#encode(rest, rest.length);
  }

  #encode(input: Buffer, length: number): Uint8Array {
    if (length === 0) return EMPTY_BYTES;
    const text = input.toString("base64", 0, length);
    const lineCount = Math.ceil(text.length / BASE64_LINE_BYTES);
    const out = Buffer.allocUnsafe(text.length + 2 * lineCount);
    let at = 0;
    for (let from = 0; from < text.length; from += BASE64_LINE_BYTES) {
      if (this.#begun) {
        out[at++] = CR;
        out[at++] = LF;
      }
      this.#begun = true;
      at += out.write(text.slice(from, from + BASE64_LINE_BYTES), at, "latin1");
    }
    return out.subarray(0, at);
  }
}

/**
 * Undoes quoted-printable as readers do: padding before a line break goes, a `=` that begins
 * nothing known stays as it is (RFC 2045 §6.7 (3) and its note on robustness).
 */
export class QuotedPrintableDecoder implements Transcoder {
  #carry: Uint8Array = EMPTY_BYTES;

  push(bytes: Uint8Array): Uint8Array {
    return this.#decode(
      this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]),
      false,
    );
  }

  end(): Uint8Array {
    return this.#decode(this.#carry, true);
  }

  #decode(bytes: Uint8Array, final: boolean): Uint8Array {
    const out = new Uint8Array(bytes.length);
    let length = 0;
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      const isEquals = byte === EQUALS;
      if (!isEquals && byte !== SPACE && byte !== TAB) {
        out[length++] = byte;
        at += 1;
        continue;
      }
      const end = skipPadding(bytes, isEquals ? at + 1 : at);
      const undecided = end + 1 >= bytes.length && end - at <= PADDING_BYTES_MAX;
      if (undecided && !final) break;
      if (bytes[end] === CR && bytes[end + 1] === LF) {
        at = isEquals ? end + 2 : end;
      } else if (isEquals) {
        const value = hexValue(bytes[at + 1]) * 16 + hexValue(bytes[at + 2]);
        const known = value >= 0;
        out[length++] = known ? value : EQUALS;
        at += known ? 3 : 1;
      } else {
        out.set(bytes.subarray(at, end), length);
        length += end - at;
        at = end;
      }
    }
    this.#carry = bytes.slice(at);
    return out.subarray(0, length);
  }
}

function skipPadding(bytes: Uint8Array, from: number): number {
  const limit = Math.min(bytes.length, from + PADDING_BYTES_MAX);
  let at = from;
  while (at < limit && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
  return at;
}

/** Far below zero for what is no hex digit, so that a sum with it is negative. */
function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -4096;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -4096;
}

const BASE64_VALUES = base64Values();

/** Undoes base64; what is not of its alphabet is passed over (RFC 2045 §6.8). */
export class Base64Decoder implements Transcoder {
  #bits = 0;
  #bitCount = 0;

  push(bytes: Uint8Array): Uint8Array {
    const out = new Uint8Array(Math.ceil(bytes.length * 0.75) + 1);
    let length = 0;
    for (const byte of bytes) {
      if (byte === EQUALS) {
        this.#bitCount = 0;
        continue;
      }
      const value = BASE64_VALUES[byte] ?? 255;
      if (value === 255) continue;
      this.#bits = ((this.#bits << 6) | value) & 0xffff;
      this.#bitCount += 6;
      if (this.#bitCount < 8) continue;
      this.#bitCount -= 8;
      out[length++] = this.#bits >> this.#bitCount;
    }
    return out.subarray(0, length);
  }

  end(): Uint8Array {
    return EMPTY_BYTES;
  }
}

function base64Values(): Uint8Array {
  const values = new Uint8Array(256).fill(255);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let value = 0; value < 64; value += 1) values[alphabet.charCodeAt(value)] = value;
  return values;
}
