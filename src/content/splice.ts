import { assert } from "../base/assert.ts";

/** Bytes `[from, to)` of a message that others take the place of. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/**
 * What has to follow bytes that end at `at`, so that the boundary there still begins a line: two
 * boundaries may stand one after the other, with a single line end between them.
 */
export function lineEndBefore(message: Uint8Array, at: number): string {
  const next = message[at];
  return next === undefined || next === CR || next === LF ? "" : "\r\n";
}

const CR = 13;
const LF = 10;

/** A message with some of its bytes replaced, in pieces; the rest is not copied. */
export function spliceBytes(
  message: Uint8Array,
  splices: readonly Splice[],
): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { from, to, bytes } of [...splices].sort((one, other) => one.from - other.from)) {
    assert(from >= at && to >= from, "changes of a message must not overlap");
    pieces.push(message.subarray(at, from), bytes);
    at = to;
  }
  pieces.push(message.subarray(at));
  return pieces.filter((piece) => piece.length > 0);
}
