const LINE = `${"x".repeat(76)}\r\n`;
const PIECE_BYTES = 64 * 1024;

/** Content in the place of what was sent and not recorded: as long, from the same sender. */
export class ReplayContent {
  readonly #head: Buffer;
  #offset = 0;

  constructor(sender: string) {
    const from = sender === "" ? "" : `From: <${sender}>\r\n`;
    this.#head = Buffer.from(`Subject: Replay\r\n${from}\r\n`);
  }

  /** The next `count` octets, in pieces; what ends with them ends a line. */
  *take(count: number): Generator<Buffer> {
    for (let left = count; left > 0; ) {
      const piece = this.#piece(Math.min(left, PIECE_BYTES));
      this.#offset += piece.length;
      left -= piece.length;
      // DATA has to end with a line end, which belongs to it.
      if (left === 0 && piece.length > 1) piece.write("\r\n", piece.length - 2);
      yield piece;
    }
  }

  #piece(count: number): Buffer {
    const piece = Buffer.alloc(count, LINE);
    if (this.#offset < this.#head.length) {
      this.#head.copy(piece, 0, this.#offset, this.#offset + count);
    }
    return piece;
  }
}
