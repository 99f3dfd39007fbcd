/** RFC 5322 §2.1.1, without the CRLF. */
export const LINE_BYTES_MAX = 998;

/** What bytes ask of a transport, seen so far. */
export class ByteProfile {
  /** A byte of 128 or more. */
  eightBit = false;
  /** A NUL, or a CR or LF outside a CRLF. */
  binary = false;
  /** A line past `LINE_BYTES_MAX`. */
  longLine = false;
  bytes = 0;
  /** Bytes that quoted-printable has to escape. */
  escapeCount = 0;
  #column = 0;
  #afterCr = false;

  push(bytes: Uint8Array): void {
    let column = this.#column;
    let afterCr = this.#afterCr;
    for (const byte of bytes) {
      if (afterCr) {
        afterCr = false;
        if (byte === 10) {
          column = 0;
          continue;
        }
        this.binary = true;
      }
      if (byte === 13) {
        afterCr = true;
        continue;
      }
      column += 1;
      if (column > LINE_BYTES_MAX) this.longLine = true;
      if (byte < 32 || byte > 126 || byte === 61) {
        if (byte >= 128) this.eightBit = true;
        else if (byte === 0 || byte === 10) this.binary = true;
        if (byte !== 9) this.escapeCount += 1;
      }
    }
    this.#column = column;
    this.#afterCr = afterCr;
    this.bytes += bytes.length;
  }

  /** Nothing follows: a CR at the very end is a bare one. */
  end(): void {
    if (this.#afterCr) this.binary = true;
  }

  /** Whether these bytes can pass a hop that takes no more than `to`. */
  fits(to: "7BIT" | "8BITMIME"): boolean {
    return !this.binary && !this.longLine && (to === "8BITMIME" || !this.eightBit);
  }
}
