import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTree, type TreeNode } from "./tree.ts";

type Row = readonly [name: string, depth: number];

function format(nodes: readonly TreeNode<Row>[]): string {
  return nodes
    .map(({ row: [name], children }) =>
      children.length === 0 ? name : `${name}(${format(children)})`,
    )
    .join(" ");
}

for (const [why, rows, tree] of [
  ["nothing", [], ""],
  [
    "rows of one depth are beside one another",
    [
      ["a", 0],
      ["b", 0],
    ],
    "a b",
  ],
  [
    "deeper ones are below",
    [
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["d", 1],
      ["e", 0],
    ],
    "a(b(c) d) e",
  ],
  [
    "a depth may be left out",
    [
      ["a", 0],
      ["b", 3],
      ["c", 2],
      ["d", 1],
    ],
    "a(b c d)",
  ],
  [
    "the first may be deep",
    [
      ["a", 2],
      ["b", 1],
      ["c", 2],
    ],
    "a b(c)",
  ],
] as const) {
  test(`buildTree: ${why}`, () => {
    assert.equal(format(buildTree<Row>(rows, ([, depth]) => depth)), tree);
  });
}
