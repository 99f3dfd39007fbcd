import { hash, randomFillSync } from "node:crypto";
import { assert } from "../base/assert.ts";
import { DAY, MINUTE } from "../base/units.ts";
import { type FailureRecord, levelAt } from "./back-off.ts";

/** Rows of the sketch: a name is overcounted only where others share its cell in every row. */
const ROWS = 4;
/** Cells of a row, 8 bytes each. */
const CELLS = 1 << 15;
/** Places for users with sources that they have logged on from, in groups of WAYS. */
const PLACES = 1 << 15;
const WAYS = 4;
const SALT_BYTES = 16;
const TABLE_START = SALT_BYTES;
const PLACES_START = TABLE_START + ROWS * CELLS * BigUint64Array.BYTES_PER_ELEMENT;
const MEMORY_BYTES = PLACES_START + PLACES * BigUint64Array.BYTES_PER_ELEMENT;

/** A cell: the level in thousandths in the low bits, above it the time in milliseconds. */
const LEVEL_BITS = 20n;
const LEVEL_MASK = (1n << LEVEL_BITS) - 1n;
const LEVEL_UNIT = 1000;
const LEVEL_MAX = 1000;
/** A place: minutes in the low bits (until 2097), above them the mark of user and source. */
const MINUTE_BITS = 26n;
const MINUTE_MASK = (1n << MINUTE_BITS) - 1n;
/** How long a source counts as one that the user logs on from. */
const KNOWN_MS = 30 * DAY;

/**
 * Failed logons of all transport threads under any name, and where who has logged on from. Constant
 * memory however many names there are: failures are a count-min sketch whose counts decay by
 * themselves. Cells are chosen by a salted SHA-256, so that nobody can look for names that share
 * their cells with somebody else's.
 */
export interface FailureCounts {
  /** Failures under that name; rather too many than too few. */
  read(name: string, nowMs: number): FailureRecord;
  add(name: string, nowMs: number): void;
  /** Forgets the failures under that name. */
  clear(name: string): void;
  /** The name is one of a user and a source that belong together. */
  remember(name: string, nowMs: number): void;
  isRemembered(name: string, nowMs: number): boolean;
}

/** Shared memory for all threads of a server, salted. */
export function createFailureMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(MEMORY_BYTES);
  randomFillSync(new Uint8Array(memory, 0, SALT_BYTES));
  return memory;
}

/** A thread's view of the counts in `memory`. */
export function openFailureCounts(memory: SharedArrayBuffer): FailureCounts {
  assert(memory.byteLength === MEMORY_BYTES, "memory made by createFailureMemory");
  const salt = Buffer.from(memory, 0, SALT_BYTES).toString("base64");
  const table = new BigUint64Array(memory, TABLE_START, ROWS * CELLS);
  const places = new BigUint64Array(memory, PLACES_START, PLACES);
  const digestOf = (name: string): Buffer => hash("sha256", `${salt}\0${name}`, "buffer");
  return {
    read(name, nowMs) {
      let least: FailureRecord = { level: LEVEL_MAX, lastMs: nowMs };
      for (const cell of cellsOf(digestOf(name))) {
        const record = unpackRecord(Atomics.load(table, cell));
        if (levelAt(record, nowMs) < levelAt(least, nowMs)) least = record;
      }
      return least;
    },
    add(name, nowMs) {
      for (const cell of cellsOf(digestOf(name))) {
        replace(table, cell, (before) => {
          const level = levelAt(unpackRecord(before), nowMs) + 1;
          return packRecord({ level, lastMs: nowMs });
        });
      }
    },
    clear(name) {
      for (const cell of cellsOf(digestOf(name))) Atomics.store(table, cell, 0n);
    },
    remember(name, nowMs) {
      const { first, mark } = placeOf(digestOf(name));
      Atomics.store(places, choosePlace(places, first, mark), mark | minuteOf(nowMs));
    },
    isRemembered(name, nowMs) {
      const { first, mark } = placeOf(digestOf(name));
      for (let place = first; place < first + WAYS; place += 1) {
        const found = Atomics.load(places, place);
        const ageMs = Number(minuteOf(nowMs) - (found & MINUTE_MASK)) * MINUTE;
        if (found !== 0n && (found & ~MINUTE_MASK) === mark) return ageMs < KNOWN_MS;
      }
      return false;
    },
  };
}

function cellsOf(digest: Buffer): readonly number[] {
  return Array.from({ length: ROWS }, (_, row) => {
    return row * CELLS + (digest.readUInt32LE(row * Uint32Array.BYTES_PER_ELEMENT) % CELLS);
  });
}

function placeOf(digest: Buffer): { readonly first: number; readonly mark: bigint } {
  const first = (digest.readUInt32LE(16) % (PLACES / WAYS)) * WAYS;
  return { first, mark: digest.readBigUInt64LE(24) & ~MINUTE_MASK };
}

/** Where the mark stands already, else an empty place, else the oldest. */
function choosePlace(places: BigUint64Array, first: number, mark: bigint): number {
  let chosen = first;
  for (let place = first; place < first + WAYS; place += 1) {
    const found = Atomics.load(places, place);
    if ((found & ~MINUTE_MASK) === mark) return place;
    // An empty place is older than all others.
    if ((found & MINUTE_MASK) < (Atomics.load(places, chosen) & MINUTE_MASK)) chosen = place;
  }
  return chosen;
}

function minuteOf(nowMs: number): bigint {
  return BigInt(Math.floor(nowMs / MINUTE)) & MINUTE_MASK;
}

function packRecord({ level, lastMs }: FailureRecord): bigint {
  const units = Math.round(Math.min(level, LEVEL_MAX) * LEVEL_UNIT);
  return (BigInt(Math.floor(lastMs)) << LEVEL_BITS) | BigInt(units);
}

function unpackRecord(cell: bigint): FailureRecord {
  return { level: Number(cell & LEVEL_MASK) / LEVEL_UNIT, lastMs: Number(cell >> LEVEL_BITS) };
}

/** Other threads may write the same cell meanwhile: then once more, on what they have written. */
function replace(table: BigUint64Array, cell: number, change: (before: bigint) => bigint): void {
  for (;;) {
    const before = Atomics.load(table, cell);
    if (Atomics.compareExchange(table, cell, before, change(before)) === before) return;
  }
}
