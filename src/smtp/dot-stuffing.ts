/**
 * Makes content fit for DATA (RFC 5321 §4.5.2): a dot before each line that starts with one.
 * Content
 * comes in pieces cut anywhere. A piece without such a line, the usual case, is passed on uncopied.
 */
export class DotStuffer {
  /** Of all pieces so far; `undefined` before the first byte. */
  #lastByte: number | undefined;
  #endsWithCrLf = false;

  /**
   * The piece as it goes on the wire. A dot after any LF is doubled, not only after CRLF: a
   * receiver
   * that takes a bare LF for a line end must not find an end of data here (outbound smuggling).
   */
  stuff(bytes: Uint8Array): Uint8Array {
    const length = bytes.length;
    if (length === 0) return bytes;
    const source = asBuffer(bytes);
    const isLineStart = this.#lastByte === undefined || this.#lastByte === LF;
    const leading = isLineStart && source[0] === DOT;
    const beforeLast = length > 1 ? source[length - 2] : this.#lastByte;
    this.#lastByte = source[length - 1];
    this.#endsWithCrLf = this.#lastByte === LF && beforeLast === CR;
    const first = source.indexOf(LINE_DOT);
    return !leading && first < 0 ? bytes : copyStuffed(source, { leading, first });
  }

  /** What ends the content: a CRLF when the last line has none, then the lone dot. */
  end(): string {
    return this.#lastByte === undefined || this.#endsWithCrLf ? ".\r\n" : "\r\n.\r\n";
  }
}

const LF = 10;
const CR = 13;
const DOT = 46;
const LINE_DOT = Buffer.from("\n.");

function copyStuffed(source: Buffer, found: { leading: boolean; first: number }): Uint8Array {
  let count = found.leading ? 1 : 0;
  for (let at = found.first; at >= 0; at = source.indexOf(LINE_DOT, at + 2)) count += 1;
  const out = Buffer.allocUnsafe(source.length + count);
  let read = 0;
  let written = 0;
  if (found.leading) out[written++] = DOT;
  for (let at = found.first; at >= 0; at = source.indexOf(LINE_DOT, at + 2)) {
    written += source.copy(out, written, read, at + 1);
    out[written++] = DOT;
    read = at + 1;
  }
  source.copy(out, written, read);
  return out;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
