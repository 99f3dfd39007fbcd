const EMPTY = Buffer.alloc(0);

/** Bytes received and not yet read. The readers of lines and content move `offset` through them. */
export class InputCursor {
  bytes: Buffer = EMPTY;
  offset = 0;

  /** Bytes not yet read. */
  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** Adds bytes behind what is not yet read; copies only when something is. */
  append(bytes: Buffer): void {
    this.bytes = this.remaining === 0 ? bytes : Buffer.concat([this.rest(), bytes]);
    this.offset = 0;
  }

  /** Forgets everything, so that an idle session holds no chunk. */
  clear(): void {
    this.bytes = EMPTY;
    this.offset = 0;
  }

  /** What is not yet read, and forgets it. */
  take(): Buffer {
    const rest = this.rest();
    this.clear();
    return rest;
  }

  private rest(): Buffer {
    return this.bytes.subarray(this.offset);
  }
}
