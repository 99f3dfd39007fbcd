import { randomInt } from "node:crypto";
import { assert } from "../../base/assert.ts";
import {
  isInWindow,
  RATE_WINDOW,
  type RateWindow,
  type SliceCount,
  sliceAt,
  slicesOf,
} from "./rate-window.ts";
import { SKETCH_ROWS, sketchCells } from "./sketch-cells.ts";

/** What is counted: every part tells two counts apart, and none may be left out. */
export interface RateKey {
  /** Mail that comes in is never counted with mail that goes out. */
  readonly direction: "in" | "out";
  readonly events: "connections" | "messages" | "recipients";
  /** Who: an address, an account; "" for all together. */
  readonly source: string;
  /** Where: a receive connector, a domain; "" for everywhere. */
  readonly destination: string;
}

/**
 * Events of the last minute, hour or day, counted under any key by all transport threads together,
 * in constant memory however many keys there are: a count-min sketch per slice of time. A count is
 * never too low. It is too high where other keys share its cell in all four rows: with N events in
 * the window, by more than N/12,000 for one key in 50. A restart forgets everything.
 */
export interface RateCounts {
  /** The key's slices within the window that hold anything. */
  count(key: RateKey, at: { readonly window: RateWindow; readonly nowMs: number }): SliceCount[];
  /** Counts `amount` events now. */
  add(
    key: RateKey,
    at: { readonly window: RateWindow; readonly nowMs: number; readonly amount: number },
  ): void;
}

/** Cells of a row that all threads of a server share. */
const SHARED_CELLS = 1 << 15;
/** Cells of a row where a single thread counts for itself. */
const OWN_CELLS = 1 << 8;
const HEAD_BYTES = 8;
const WINDOWS: readonly RateWindow[] = Object.values(RATE_WINDOW);
const SLICES = WINDOWS.reduce((sum, window) => sum + slicesOf(window), 0);
const COUNT_BITS = 32n;
const COUNT_MAX = 0xffff_ffffn;

function bytesFor(cells: number): number {
  return HEAD_BYTES + SKETCH_ROWS * cells * SLICES * BigUint64Array.BYTES_PER_ELEMENT;
}

/** Bytes of shared memory for all threads; pages that nobody counts in are never touched. */
export function rateCountsBytes(): number {
  return bytesFor(SHARED_CELLS);
}

/** Counts of one thread alone. */
export function ownRateCounts(): RateCounts {
  return openRateCounts(new SharedArrayBuffer(bytesFor(OWN_CELLS)));
}

/** A thread's view of the counts in `memory`, which starts as zeros. */
export function openRateCounts(memory: SharedArrayBuffer): RateCounts {
  const cells = (memory.byteLength - HEAD_BYTES) / (bytesFor(1) - HEAD_BYTES);
  assert(cells >= 1 && Number.isInteger(Math.log2(cells)), "the memory was made for counts");
  const head = new Int32Array(memory, 0, 1);
  // Drawn by whichever thread comes first.
  Atomics.compareExchange(head, 0, 0, randomInt(1, 2 ** 31 - 1));
  const salt = Atomics.load(head, 0);
  // A cell holds the number of its slice above a count of 32 bits. So it tells itself that it is
  // out of date, and nobody has to clear it at the right moment.
  const all = new BigUint64Array(memory, HEAD_BYTES);
  const starts = new Map<RateWindow, number>();
  let start = 0;
  for (const window of WINDOWS) {
    starts.set(window, start);
    start += SKETCH_ROWS * cells * slicesOf(window);
  }
  const rowsOf = (key: RateKey, window: RateWindow) => {
    const { direction, events, source, destination } = key;
    const name = `${direction}\0${events}\0${destination}\0${source}`;
    const first = starts.get(window);
    assert(first !== undefined, "counts are kept for the known windows");
    const slices = slicesOf(window);
    return sketchCells(name, { salt, cells }).map((cell) => first + cell * slices);
  };
  return {
    count(key, { window, nowMs }) {
      const rows = rowsOf(key, window);
      const found: SliceCount[] = [];
      for (let slot = 0; slot < slicesOf(window); slot += 1) {
        const least = leastOf(all, rows, slot);
        if (least !== undefined && isInWindow(window, least.slice, nowMs)) found.push(least);
      }
      return found;
    },
    add(key, { window, nowMs, amount }) {
      const slice = sliceAt(window, nowMs);
      const slot = slice % slicesOf(window);
      for (const row of rowsOf(key, window)) addTo(all, row + slot, { slice, amount });
    },
  };
}

/** The key's count in one slot: the least of its cells, for others may only have added to them. */
function leastOf(all: BigUint64Array, rows: Int32Array, slot: number): SliceCount | undefined {
  let least: SliceCount | undefined;
  for (const row of rows) {
    const value = Atomics.load(all, row + slot);
    if (value === 0n) return undefined;
    const slice = Number(value >> COUNT_BITS);
    const count = Number(value & COUNT_MAX);
    // A cell of an older slice: the key has not been counted in the newer one.
    if (least === undefined || slice < least.slice) least = { slice, count };
    else if (slice === least.slice && count < least.count) least = { slice, count };
  }
  return least;
}

function addTo(
  all: BigUint64Array,
  cell: number,
  { slice, amount }: { readonly slice: number; readonly amount: number },
): void {
  const mark = BigInt(slice) << COUNT_BITS;
  for (;;) {
    const before = Atomics.load(all, cell);
    const counted = before >> COUNT_BITS === BigInt(slice) ? before & COUNT_MAX : 0n;
    const sum = counted + BigInt(amount);
    const after = mark | (sum > COUNT_MAX ? COUNT_MAX : sum);
    if (Atomics.compareExchange(all, cell, before, after) === before) return;
  }
}
