/** Records that have text or numbers (MS-XLS §2.3.1). */
const CONTINUE = 0x3c;
const SHARED_STRINGS = 0xfc;
const LABEL = 0x204;
const NUMBER = 0x203;
const SMALL_NUMBER = 0x27e;
const SMALL_NUMBERS = 0xbd;
const WIDE = 1;
const EXTENDED = 4;
const RICH = 8;
/** Row, column and format of a cell stand before its value. */
const CELL_BYTES = 6;

/**
 * The text of a workbook as Excel wrote it from 1997 to 2003, up to a length: all strings that
 * cells share, then labels and numbers in their order, each on a line of its own.
 */
export function readExcelText(stream: Buffer, lengthMax: number): string {
  const texts: string[] = [];
  let length = 0;
  const add = (text: string) => {
    texts.push(text);
    length += text.length + 1;
  };
  for (let at = 0; at + 4 <= stream.length && length < lengthMax; ) {
    const type = stream.readUInt16LE(at);
    const data = recordData(stream, at);
    at += 4 + stream.readUInt16LE(at + 2);
    if (type === SHARED_STRINGS) {
      const pieces = [data];
      for (; at + 4 <= stream.length && stream.readUInt16LE(at) === CONTINUE; ) {
        pieces.push(recordData(stream, at));
        at += 4 + stream.readUInt16LE(at + 2);
      }
      for (const text of new SharedStrings(pieces).read(lengthMax)) add(text);
    } else for (const text of cellTexts(type, data)) add(text);
  }
  return texts.join("\n").slice(0, lengthMax).toWellFormed();
}

function recordData(stream: Buffer, at: number): Buffer {
  return stream.subarray(at + 4, at + 4 + stream.readUInt16LE(at + 2));
}

function cellTexts(type: number, data: Buffer): readonly string[] {
  if (type === NUMBER && data.length >= CELL_BYTES + 8) return [`${data.readDoubleLE(CELL_BYTES)}`];
  if (type === SMALL_NUMBER && data.length >= CELL_BYTES + 4) {
    return [`${smallNumber(data.readUInt32LE(CELL_BYTES))}`];
  }
  if (type === SMALL_NUMBERS) {
    const count = Math.max(0, Math.floor((data.length - CELL_BYTES) / 6));
    return Array.from({ length: count }, (_, index) => {
      return `${smallNumber(data.readUInt32LE(6 + 6 * index))}`;
    });
  }
  return type === LABEL ? [...new SharedStrings([data.subarray(CELL_BYTES)], 1).read(65_536)] : [];
}

/** A number in 30 bits: an integer or the head of a float, perhaps in hundredths (§2.5.217). */
function smallNumber(bits: number): number {
  const isInteger = (bits & 2) !== 0;
  const head = Buffer.alloc(8);
  head.writeUInt32LE((bits & ~3) >>> 0, 4);
  const value = isInteger ? bits >> 2 : head.readDoubleLE(0);
  return (bits & 1) === 0 ? value : value / 100;
}

/** Strings of a table that goes on from record to record, cut anywhere (MS-XLS §2.5.293). */
class SharedStrings {
  readonly #pieces: readonly Buffer[];
  readonly #count: number | undefined;
  #piece = 0;
  #at = 0;

  /** @param count of strings; `undefined`: the table says it */
  constructor(pieces: readonly Buffer[], count?: number) {
    this.#pieces = pieces;
    this.#count = count;
  }

  *read(lengthMax: number): Generator<string, void, undefined> {
    if (this.#count === undefined) this.#skip(4);
    const count = this.#count ?? this.#number(4) ?? 0;
    let length = 0;
    for (let index = 0; index < count && length < lengthMax; index += 1) {
      const text = this.#string();
      if (text === undefined) return;
      length += text.length + 1;
      yield text;
    }
  }

  #string(): string | undefined {
    const characters = this.#number(2);
    let flags = this.#number(1);
    if (characters === undefined || flags === undefined) return undefined;
    const runs = (flags & RICH) === 0 ? 0 : (this.#number(2) ?? 0);
    const extra = (flags & EXTENDED) === 0 ? 0 : (this.#number(4) ?? 0);
    const texts: string[] = [];
    for (let left = characters; left > 0; ) {
      const piece = this.#pieces[this.#piece];
      if (piece === undefined) break;
      const size = (flags & WIDE) === 0 ? 1 : 2;
      const taken = Math.min(left, Math.floor((piece.length - this.#at) / size));
      const to = this.#at + taken * size;
      texts.push(piece.toString(size === 1 ? "latin1" : "utf16le", this.#at, to));
      left -= taken;
      this.#at = to;
      if (left === 0) break;
      // The characters go on in the next record, which says anew how wide they are.
      this.#piece += 1;
      this.#at = 0;
      const next: number | undefined = this.#number(1);
      if (next === undefined) break;
      flags = next;
    }
    this.#skip(4 * runs + extra);
    return texts.join("");
  }

  #number(size: 1 | 2 | 4): number | undefined {
    this.#passEnd();
    const piece = this.#pieces[this.#piece];
    if (piece === undefined || this.#at + size > piece.length) return undefined;
    const value = piece.readUIntLE(this.#at, size);
    this.#at += size;
    return value;
  }

  #skip(bytes: number): void {
    let left = bytes;
    for (let piece = this.#pieces[this.#piece]; piece !== undefined && left > 0; ) {
      const taken = Math.min(left, piece.length - this.#at);
      this.#at += taken;
      left -= taken;
      if (left === 0) break;
      this.#piece += 1;
      this.#at = 0;
      piece = this.#pieces[this.#piece];
    }
  }

  #passEnd(): void {
    const piece = this.#pieces[this.#piece];
    if (piece === undefined || this.#at < piece.length) return;
    this.#piece += 1;
    this.#at = 0;
  }
}
