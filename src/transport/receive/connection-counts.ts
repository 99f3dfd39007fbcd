import { randomInt } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { SKETCH_ROWS, sketchCells } from "./sketch-cells.ts";

/** Cells of a row; 20,000 connections at once leave most rows of a source to itself. */
const CELLS = 1 << 14;
const TABLE_CELLS = SKETCH_ROWS * CELLS;
/** Names whose cells are remembered: a connection asks for those of its two names six times. */
const NAMES_KNOWN_MAX = 1024;

/**
 * Connections open now, counted under any name ("connector", "connector and source"), by all
 * transport threads together. It is a count-min sketch: constant memory however many sources there
 * are. Each thread writes its own table, and clears it at start, so that a thread that died leaves
 * no connection behind for ever.
 */
export interface ConnectionCounts {
  /** How many are open under that name, in all threads; never too few. */
  count(name: string): number;
  enter(name: string): void;
  /** Takes back one `enter`. */
  leave(name: string): void;
}

/** Bytes of shared memory that `threads` threads need. */
export function connectionCountsBytes(threads: number): number {
  return (1 + threads * TABLE_CELLS) * Int32Array.BYTES_PER_ELEMENT;
}

/** This thread's view of the counts in `memory`; its own table starts at zero. */
export function openConnectionCounts(
  memory: SharedArrayBuffer,
  place: { readonly thread: number; readonly threads: number },
): ConnectionCounts {
  const { thread, threads } = place;
  assert(thread >= 0 && thread < threads, "a thread has a table of its own");
  assert(memory.byteLength >= connectionCountsBytes(threads), "every thread has a table");
  const all = new Int32Array(memory, Int32Array.BYTES_PER_ELEMENT);
  // The first cell is the salt, drawn by the first thread.
  const head = new Int32Array(memory, 0, 1);
  Atomics.compareExchange(head, 0, 0, randomInt(1, 2 ** 31 - 1));
  const salt = Atomics.load(head, 0);
  const own = thread * TABLE_CELLS;
  for (let cell = 0; cell < TABLE_CELLS; cell += 1) Atomics.store(all, own + cell, 0);
  const known = new Map<string, Int32Array>();
  const cellsOf = (name: string) => {
    let cells = known.get(name);
    if (cells === undefined) {
      if (known.size >= NAMES_KNOWN_MAX) known.clear();
      cells = sketchCells(name, { salt, cells: CELLS });
      known.set(name, cells);
    }
    return cells;
  };
  const add = (name: string, by: number) => {
    for (const cell of cellsOf(name)) Atomics.add(all, own + cell, by);
  };
  return {
    count(name) {
      const cells = cellsOf(name);
      let count = 0;
      for (let table = 0; table < threads * TABLE_CELLS; table += TABLE_CELLS) {
        let least = Number.POSITIVE_INFINITY;
        for (const cell of cells) least = Math.min(least, Atomics.load(all, table + cell));
        count += least;
      }
      return count;
    },
    enter: (name) => add(name, 1),
    leave: (name) => add(name, -1),
  };
}

/** Counts of one thread alone. */
export function ownConnectionCounts(): ConnectionCounts {
  const counts = new Map<string, number>();
  return {
    count: (name) => counts.get(name) ?? 0,
    enter: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    leave(name) {
      const left = (counts.get(name) ?? 0) - 1;
      if (left > 0) counts.set(name, left);
      else counts.delete(name);
    },
  };
}
