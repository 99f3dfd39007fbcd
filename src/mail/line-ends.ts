const CR = 13;
const LF = 10;

/**
 * Makes every line end of a text CRLF: bare LF, bare CR and CRLF alike (RFC 5321 §2.3.8). For
 * files; on the wire a bare CR or LF is refused. The last line gets an end too.
 */
export class LineEndNormalizer {
  #pendingCr = false;
  #endsInLf = true;
  /** An octet above 127 has been seen. */
  has8Bit = false;
  hasNul = false;

  /** The bytes with their line ends changed; may share memory with `bytes` when nothing is. */
  write(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes;
    let out: Buffer | undefined;
    let length = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte > 127) this.has8Bit = true;
      else if (byte === 0) this.hasNul = true;
      const misses = this.#pendingCr ? byte !== LF : byte === LF;
      if (misses && out === undefined) {
        out = Buffer.allocUnsafe(bytes.length * 2 + 1);
        out.set(bytes.subarray(0, at));
        length = at;
      }
      if (out !== undefined) {
        if (misses) {
          out[length] = byte === LF ? CR : LF;
          length += 1;
        }
        out[length] = byte;
        length += 1;
      }
      this.#pendingCr = byte === CR;
    }
    this.#endsInLf = bytes[bytes.length - 1] === LF;
    return out === undefined ? bytes : out.subarray(0, length);
  }

  /** What must still follow. */
  end(): Uint8Array {
    if (this.#pendingCr) return Buffer.from("\n");
    return this.#endsInLf ? Buffer.alloc(0) : Buffer.from("\r\n");
  }
}
