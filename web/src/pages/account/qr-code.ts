/** Octets of error correction per block, by version from 1; level M (ISO/IEC 18004 table 9). */
const ECC_OCTETS = [
  ...[10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26],
] as const;
/** Blocks, by version from 1; level M. */
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16] as const;
/** Level M in the format information. */
const LEVEL = 0;
/** Mask 0: (row + column) mod 2. Any of the eight is right; others may read a little better. */
const MASK = 0;

/** Dark modules of a QR code, row by row; `undefined`: the text is too long for version 20. */
export function qrCode(text: string): readonly (readonly boolean[])[] | undefined {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= ECC_OCTETS.length; version += 1) {
    const lengthBits = version < 10 ? 8 : 16;
    const capacity = dataOctets(version);
    if (4 + lengthBits + bytes.length * 8 > capacity * 8) continue;
    const grid = new Grid(version);
    grid.drawCodewords(withErrorCorrection(dataOf(bytes, { lengthBits, capacity }), version));
    grid.drawFormat();
    return grid.rows;
  }
  return undefined;
}

/** Bits of the data segment: byte mode, length, octets, terminator, padding. */
function dataOf(
  bytes: Uint8Array,
  { lengthBits, capacity }: { readonly lengthBits: number; readonly capacity: number },
): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((value >>> bit) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, lengthBits);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, capacity * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < capacity * 8; pad ^= 0xec ^ 0x11) put(pad, 8);
  const octets = new Uint8Array(capacity);
  for (const [index, bit] of bits.entries()) {
    octets[index >>> 3] = ((octets[index >>> 3] ?? 0) << 1) | bit;
  }
  return octets;
}

function at(table: readonly number[], version: number): number {
  return table[version - 1] ?? 0;
}

/** Modules that are no pattern, no version and no format, in octets. */
function rawOctets(version: number): number {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const count = Math.floor(version / 7) + 2;
    modules -= (25 * count - 10) * count - 55;
    if (version >= 7) modules -= 36;
  }
  return Math.floor(modules / 8);
}

function dataOctets(version: number): number {
  return rawOctets(version) - at(ECC_OCTETS, version) * at(BLOCKS, version);
}

/** Splits data into blocks, adds what corrects errors, and interleaves them. */
function withErrorCorrection(data: Uint8Array, version: number): readonly number[] {
  const count = at(BLOCKS, version);
  const eccOctets = at(ECC_OCTETS, version);
  const raw = rawOctets(version);
  const shortBlocks = count - (raw % count);
  const shortOctets = Math.floor(raw / count) - eccOctets;
  const divisor = generatorOf(eccOctets);
  const blocks: { readonly data: readonly number[]; readonly ecc: readonly number[] }[] = [];
  let from = 0;
  for (let block = 0; block < count; block += 1) {
    const to = from + shortOctets + (block < shortBlocks ? 0 : 1);
    const part = [...data.subarray(from, to)];
    blocks.push({ data: part, ecc: remainderOf(part, divisor) });
    from = to;
  }
  const out: number[] = [];
  for (let place = 0; place <= shortOctets; place += 1) {
    for (const block of blocks) out.push(...block.data.slice(place, place + 1));
  }
  for (let place = 0; place < eccOctets; place += 1) {
    for (const block of blocks) out.push(...block.ecc.slice(place, place + 1));
  }
  return out;
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function product(left: number, right: number): number {
  let result = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    result = (result << 1) ^ ((result >>> 7) * 0x11d);
    result ^= ((right >>> bit) & 1) * left;
  }
  return result;
}

/** (x - 1)(x - 2)(x - 4)… of that degree, without its leading 1. */
function generatorOf(degree: number): readonly number[] {
  let result: number[] = [...Array.from({ length: degree - 1 }, () => 0), 1];
  let root = 1;
  for (let step = 0; step < degree; step += 1) {
    result = result.map((value, place) => product(value, root) ^ (result[place + 1] ?? 0));
    root = product(root, 2);
  }
  return result;
}

function remainderOf(data: readonly number[], divisor: readonly number[]): readonly number[] {
  let result = divisor.map(() => 0);
  for (const octet of data) {
    const factor = octet ^ (result[0] ?? 0);
    result = divisor.map((value, place) => (result[place + 1] ?? 0) ^ product(value, factor));
  }
  return result;
}

/** The square, with what is in every code already in its place. */
class Grid {
  readonly #size: number;
  readonly rows: boolean[][];
  /** Modules that hold no data. */
  readonly #fixed: boolean[][];

  constructor(version: number) {
    this.#size = version * 4 + 17;
    const empty = () =>
      Array.from({ length: this.#size }, () => Array.from({ length: this.#size }, () => false));
    this.rows = empty();
    this.#fixed = empty();
    for (let place = 0; place < this.#size; place += 1) {
      this.#fix(6, place, place % 2 === 0);
      this.#fix(place, 6, place % 2 === 0);
    }
    const far = this.#size - 4;
    for (const [row, column] of [
      [3, 3],
      [3, far],
      [far, 3],
    ] as const) {
      this.#drawFinder(row, column);
    }
    this.#drawAlignments(version);
    this.drawFormat();
    if (version >= 7) this.#drawVersion(version);
  }

  #fix(row: number, column: number, isDark: boolean): void {
    const cells = this.rows[row];
    const fixed = this.#fixed[row];
    if (cells === undefined || fixed === undefined) return;
    if (column < 0 || column >= this.#size) return;
    cells[column] = isDark;
    fixed[column] = true;
  }

  #drawFinder(row: number, column: number): void {
    for (let down = -4; down <= 4; down += 1) {
      for (let right = -4; right <= 4; right += 1) {
        const ring = Math.max(Math.abs(down), Math.abs(right));
        this.#fix(row + down, column + right, ring !== 2 && ring !== 4);
      }
    }
  }

  #drawAlignments(version: number): void {
    const places = alignmentPlaces(version);
    const last = places.length - 1;
    for (const [down, row] of places.entries()) {
      for (const [right, column] of places.entries()) {
        const isFinder =
          (down === 0 && right === 0) ||
          (down === 0 && right === last) ||
          (down === last && right === 0);
        if (isFinder) continue;
        for (let dy = -2; dy <= 2; dy += 1) {
          for (let dx = -2; dx <= 2; dx += 1) {
            this.#fix(row + dy, column + dx, Math.max(Math.abs(dy), Math.abs(dx)) !== 1);
          }
        }
      }
    }
  }

  /** Level and mask, with their error correction, twice (ISO/IEC 18004 §7.9). */
  drawFormat(): void {
    const data = (LEVEL << 3) | MASK;
    let rest = data;
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (place: number) => ((bits >>> place) & 1) === 1;
    for (let place = 0; place <= 5; place += 1) this.#fix(place, 8, bit(place));
    this.#fix(7, 8, bit(6));
    this.#fix(8, 8, bit(7));
    this.#fix(8, 7, bit(8));
    for (let place = 9; place < 15; place += 1) this.#fix(8, 14 - place, bit(place));
    for (let place = 0; place < 8; place += 1) this.#fix(8, this.#size - 1 - place, bit(place));
    for (let place = 8; place < 15; place += 1) this.#fix(this.#size - 15 + place, 8, bit(place));
    this.#fix(this.#size - 8, 8, true);
  }

  /** The version, with its error correction, twice (ISO/IEC 18004 §7.10). */
  #drawVersion(version: number): void {
    let rest = version;
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let place = 0; place < 18; place += 1) {
      const isDark = ((bits >>> place) & 1) === 1;
      const far = this.#size - 11 + (place % 3);
      const near = Math.floor(place / 3);
      this.#fix(near, far, isDark);
      this.#fix(far, near, isDark);
    }
  }

  /** Up and down in pairs of columns from the right, around what is fixed; masked. */
  drawCodewords(octets: readonly number[]): void {
    let index = 0;
    for (let right = this.#size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const isUpward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.#size; step += 1) {
        const row = isUpward ? this.#size - 1 - step : step;
        for (const column of [right, right - 1]) {
          const cells = this.rows[row];
          if (cells === undefined || this.#fixed[row]?.[column] !== false) continue;
          const octet = octets[index >>> 3] ?? 0;
          const isSet = ((octet >>> (7 - (index & 7))) & 1) === 1;
          cells[column] = isSet !== ((row + column) % 2 === 0);
          index += 1;
        }
      }
    }
  }
}

function alignmentPlaces(version: number): readonly number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const last = version * 4 + 10;
  const others = Array.from({ length: count - 1 }, (_, place) => last - place * step).reverse();
  return [6, ...others];
}
