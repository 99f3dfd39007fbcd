import { createHash } from "node:crypto";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
/** Blank lines of a body that are written at once, when something follows them after all. */
const BLANK_LINES = Buffer.from("\r\n".repeat(16 * 1024));
/** What may be written ahead of a piece's own bytes: CRLFs that wait, a space, a CR. */
const CARRIED_BYTES_MAX = 16;
const CARRIED_LINES_MAX = 6;

/**
 * The hash of a body in the relaxed form (RFC 6376 §3.4.4, §3.7), from pieces cut anywhere, in
 * constant memory. Only CRLF ends a line; a CR or LF alone is a byte like any other.
 */
export class RelaxedBodyHash {
  readonly #hash = createHash("sha256");
  /** Line ends not written: those at the end of the body count as one. */
  #lines = 0;
  /** White space not written: at the end of a line it does not count. */
  #space = false;
  /** A CR not written: its LF may come with the next piece. */
  #cr = false;
  #isEmpty = true;

  push(piece: Uint8Array): void {
    const out = Buffer.allocUnsafe(piece.length + CARRIED_BYTES_MAX);
    let length = 0;
    for (let index = 0; index < piece.length; index += 1) {
      const byte = piece[index] ?? 0;
      if (byte === LF && this.#cr) {
        this.#cr = false;
        this.#space = false;
        this.#lines += 1;
        continue;
      }
      const isPlain = byte !== CR && byte !== SPACE && byte !== TAB;
      if (this.#cr || (isPlain && (this.#space || this.#lines > 0))) {
        length = this.#writeHeld(out, length);
      }
      if (isPlain) {
        out[length] = byte;
        length += 1;
        // The rest of the word: most bytes are in the middle of one.
        for (let next = piece[index + 1] ?? 0; next > SPACE; next = piece[index + 1] ?? 0) {
          out[length] = next;
          length += 1;
          index += 1;
        }
      } else if (byte === CR) this.#cr = true;
      else this.#space = true;
    }
    if (length > 0) {
      this.#isEmpty = false;
      this.#hash.update(out.subarray(0, length));
    }
  }

  /** The hash of all that came, in base64. Nothing may be pushed after it. */
  end(): string {
    if (this.#cr) {
      // It ends nothing: there is no LF behind it.
      const out = Buffer.allocUnsafe(CARRIED_BYTES_MAX);
      this.#hash.update(out.subarray(0, this.#writeHeld(out, 0)));
    }
    // The last line ends in CRLF whether it did or not; an empty body stays empty.
    if (!this.#isEmpty) this.#hash.update("\r\n");
    return this.#hash.digest("base64");
  }

  /** Writes what was held back, in the order in which it came; returns where `out` goes on. */
  #writeHeld(out: Buffer, from: number): number {
    let at = from;
    if (this.#lines > CARRIED_LINES_MAX) {
      this.#hash.update(out.subarray(0, at));
      at = 0;
      this.#writeLines();
    }
    for (; this.#lines > 0; this.#lines -= 1) {
      out[at] = CR;
      out[at + 1] = LF;
      at += 2;
    }
    if (this.#space) {
      out[at] = SPACE;
      at += 1;
    }
    if (this.#cr) {
      out[at] = CR;
      at += 1;
    }
    this.#space = false;
    this.#cr = false;
    this.#isEmpty = false;
    return at;
  }

  #writeLines(): void {
    for (let bytes = this.#lines * 2; bytes > 0; bytes -= BLANK_LINES.length) {
      this.#hash.update(BLANK_LINES.subarray(0, Math.min(bytes, BLANK_LINES.length)));
    }
    this.#lines = 0;
  }
}
