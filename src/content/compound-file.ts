/** A stream or storage of a compound file. */
export interface CompoundEntry {
  readonly name: string;
  readonly bytes: number;
  readonly isStream: boolean;
  /** As 32 hexadecimal digits in the order of the bytes. */
  readonly classId: string;
  /** Its bytes, `bytesMax` at most; what is damaged ends it. */
  read(bytesMax: number): Buffer;
}

const HEADER_BYTES = 512;
const HEADER_FAT_COUNT = 109;
const ENTRY_BYTES = 128;
/** Streams and storages that are told; documents have some dozens. */
const ENTRIES_MAX = 5000;
/** Sector numbers from here on end a chain or mark something. */
const SECTOR_MAX = 0xfffffffa;
const STREAM = 2;
const ROOT = 5;

/**
 * Reads the directory of a compound file (MS-CFB §2), as Office wrote documents until 2007 and
 * still writes encrypted ones. `undefined` when it is none. Never throws; chains that run in
 * circles end at the length that the file can have.
 */
export function readCompoundFile(bytes: Buffer): readonly CompoundEntry[] | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const shift = bytes.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) return undefined;
  return new CompoundFile(bytes, 2 ** shift).entries();
}

class CompoundFile {
  readonly #bytes: Buffer;
  readonly #sectorBytes: number;
  readonly #fat: readonly number[];
  #miniFat: readonly number[] = [];
  #miniStream: Buffer = Buffer.alloc(0);

  constructor(bytes: Buffer, sectorBytes: number) {
    this.#bytes = bytes;
    this.#sectorBytes = sectorBytes;
    this.#fat = this.#readFat();
  }

  entries(): readonly CompoundEntry[] {
    const directory = this.#chain(this.#bytes.readUInt32LE(48), ENTRIES_MAX * ENTRY_BYTES);
    const found: CompoundEntry[] = [];
    for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
      const entry = directory.subarray(at, at + ENTRY_BYTES);
      const type = entry[66] ?? 0;
      if (type === 0) continue;
      if (type === ROOT) this.#openMiniStream(entry);
      found.push(this.#entry(entry, type));
    }
    return found;
  }

  #entry(entry: Buffer, type: number): CompoundEntry {
    const nameBytes = Math.min(Math.max(entry.readUInt16LE(64) - 2, 0), 62);
    const start = entry.readUInt32LE(116);
    const size = Math.min(entry.readUInt32LE(120), this.#bytes.length);
    const isMini = size < this.#bytes.readUInt32LE(56);
    return {
      name: entry.toString("utf16le", 0, nameBytes),
      bytes: size,
      isStream: type === STREAM,
      classId: entry.toString("hex", 80, 96),
      read: (bytesMax) => {
        const wanted = Math.min(size, bytesMax);
        return isMini ? this.#miniChain(start, wanted) : this.#chain(start, wanted);
      },
    };
  }

  #openMiniStream(root: Buffer): void {
    // A number for every 64 bytes that the file can have.
    const fatBytes = this.#chain(this.#bytes.readUInt32LE(60), this.#bytes.length / 16);
    this.#miniFat = numbers(fatBytes);
    this.#miniStream = this.#chain(root.readUInt32LE(116), root.readUInt32LE(120));
  }

  #sector(index: number): Buffer | undefined {
    const at = (index + 1) * this.#sectorBytes;
    return at >= this.#bytes.length ? undefined : this.#bytes.subarray(at, at + this.#sectorBytes);
  }

  /** The table of chains: its sectors are named in the header and, when many, in a chain of own. */
  #readFat(): readonly number[] {
    const places: number[] = [];
    for (let index = 0; index < HEADER_FAT_COUNT; index += 1) {
      places.push(this.#bytes.readUInt32LE(76 + 4 * index));
    }
    // As many as it takes to name every sector of the file: a circle would go on for ever.
    const sectorsMax = Math.ceil((4 * this.#bytes.length) / this.#sectorBytes ** 2) + 1;
    let next = this.#bytes.readUInt32LE(68);
    while (next < SECTOR_MAX && places.length < HEADER_FAT_COUNT + sectorsMax) {
      const sector = this.#sector(next);
      if (sector === undefined) break;
      const list = numbers(sector);
      places.push(...list.slice(0, -1));
      next = list.at(-1) ?? SECTOR_MAX;
    }
    return places
      .filter((place) => place < SECTOR_MAX)
      .slice(0, sectorsMax)
      .flatMap((place) => numbers(this.#sector(place) ?? Buffer.alloc(0)));
  }

  #chain(start: number, bytesMax: number): Buffer {
    const sectors: Buffer[] = [];
    const countMax = Math.ceil(Math.min(bytesMax, this.#bytes.length) / this.#sectorBytes);
    let at = start;
    while (at < SECTOR_MAX && sectors.length < countMax) {
      const sector = this.#sector(at);
      if (sector === undefined) break;
      sectors.push(sector);
      at = this.#fat[at] ?? SECTOR_MAX;
    }
    return Buffer.concat(sectors).subarray(0, bytesMax);
  }

  #miniChain(start: number, bytesMax: number): Buffer {
    const pieces: Buffer[] = [];
    const countMax = Math.ceil(bytesMax / 64);
    let at = start;
    while (at < SECTOR_MAX && pieces.length < countMax) {
      const piece = this.#miniStream.subarray(at * 64, at * 64 + 64);
      if (piece.length === 0) break;
      pieces.push(piece);
      at = this.#miniFat[at] ?? SECTOR_MAX;
    }
    return Buffer.concat(pieces).subarray(0, bytesMax);
  }
}

function numbers(bytes: Buffer): number[] {
  const list: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) list.push(bytes.readUInt32LE(at));
  return list;
}
