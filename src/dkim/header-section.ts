/** One field of a header as it stands, its bytes as Latin 1. */
export interface RawField {
  /** In lower case. */
  readonly name: string;
  /** What stands behind the colon, folds included, without the line end. */
  readonly value: string;
}

/** Longer headers are not signed; the receiving side lets none in. */
const HEADER_BYTES_MAX = 1024 * 1024;
const END = Buffer.from("\r\n\r\n");
const FIELD_START = /^([!-9;-~]+)[ \t]*:/;

/** Parts a message that comes in pieces into its header section and its body. */
export class HeaderSection {
  #held: Uint8Array[] = [];
  #bytes = 0;
  /** The last bytes held, where an end that is cut in two begins. */
  #tail: Buffer = Buffer.from("\r\n");
  /** The whole section has come. */
  isComplete = false;

  /** True when the section is longer than what is looked at. */
  get isTooLong(): boolean {
    return this.#bytes > HEADER_BYTES_MAX;
  }

  /** Takes the next piece; returns what of it belongs to the body. */
  push(piece: Uint8Array): Uint8Array | undefined {
    if (this.isComplete) return piece;
    const joined = Buffer.concat([this.#tail, piece]);
    const found = joined.indexOf(END);
    if (found < 0) {
      this.#hold(piece);
      this.#tail = joined.subarray(Math.max(0, joined.length - END.length + 1));
      return undefined;
    }
    const stop = found + END.length - this.#tail.length;
    this.#hold(piece.subarray(0, stop));
    this.isComplete = true;
    return piece.subarray(stop);
  }

  /**
   * The fields from the top; `undefined` when something in it is no field, or ends its lines
   * otherwise than with CRLF: readers differ over where such a header ends, and what is in it.
   */
  fields(): readonly RawField[] | undefined {
    if (this.isTooLong) return undefined;
    const text = Buffer.concat(this.#held).toString("latin1");
    const fields: { name: string; value: string }[] = [];
    for (const line of text.replace(/(?:\r\n)+$/, "").split("\r\n")) {
      if (/[\r\n\0]/.test(line)) return undefined;
      const last = fields.at(-1);
      if (/^[ \t]/.test(line)) {
        if (last === undefined) return undefined;
        last.value += `\r\n${line}`;
        continue;
      }
      const name = FIELD_START.exec(line)?.[1];
      if (name === undefined) return undefined;
      fields.push({ name: name.toLowerCase(), value: line.slice(line.indexOf(":") + 1) });
    }
    return fields;
  }

  #hold(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (!this.isTooLong) this.#held.push(piece);
  }
}

/** A field in the relaxed form, without its line end (RFC 6376 §3.4.2). */
export function relaxField({ name, value }: RawField): string {
  const text = value.replaceAll("\r\n", "").replace(/[ \t]+/g, " ");
  return `${name.toLowerCase()}:${text.replace(/^ /, "").replace(/ $/, "")}`;
}
