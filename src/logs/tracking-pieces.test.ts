import assert from "node:assert/strict";
import { test } from "node:test";
import { MiB } from "../base/units.ts";
import type { IndexedSegment } from "../store/tracking-index-store.ts";
import { indexableBytes, listPieces, selectStretch } from "./tracking-pieces.ts";

const file = (name: string, bytes: number) => ({ name, bytes, modifiedMs: 1 });

function segment(name: string, fromByte: number, toByte: number): IndexedSegment {
  const times = { firstMs: 1, lastMs: 2, events: 3, bucketBits: 0 };
  return { id: fromByte + 1, file: name, fromByte, toByte, ...times };
}

const of = (segments: readonly IndexedSegment[]) => (name: string) =>
  segments.filter((one) => one.file === name);

for (const [why, files, segments, wanted] of [
  ["nothing in an empty directory", [], [], undefined],
  ["nothing of the file being written", [file("a", 5 * MiB)], [], undefined],
  ["a file that is done, as a whole", [file("a", 100), file("b", 50)], [], ["a", 0, 100]],
  ["the newest that is done", [file("a", 100), file("b", 50), file("c", 9)], [], ["b", 0, 50]],
  ["what is left of it", [file("a", 100), file("b", 9)], [segment("a", 0, 60)], ["a", 60, 100]],
  ["nothing twice", [file("a", 100), file("b", 9)], [segment("a", 0, 100)], undefined],
  ["a slice of a large one", [file("a", 30 * MiB), file("b", 9)], [], ["a", 0, 8 * MiB]],
  ["a slice of the one being written", [file("a", 12 * MiB)], [], ["a", 0, 8 * MiB]],
  [
    "the next slice only when it is far behind the end",
    [file("a", 12 * MiB)],
    [segment("a", 0, 8 * MiB)],
    undefined,
  ],
] as const) {
  test(`selectStretch: ${why}`, () => {
    const found = selectStretch(files, of(segments));
    assert.deepEqual(found && [found.file.name, found.fromByte, found.toByte], wanted);
    assert.equal(indexableBytes(files, of(segments)) > 0, wanted !== undefined);
  });
}

test("listPieces: what is indexed, what is not, and what lies between", () => {
  const segments = [segment("a", 10, 60), segment("b", 0, 50)];
  const pieces = listPieces([file("a", 100), file("b", 50), file("c", 7)], of(segments));
  assert.deepEqual(
    pieces.map((piece) => [piece.file, piece.fromByte, piece.toByte, piece.segment !== undefined]),
    [
      ["a", 0, 10, false],
      ["a", 10, 60, true],
      ["a", 60, 100, false],
      ["b", 0, 50, true],
      ["c", 0, 7, false],
    ],
  );
});
