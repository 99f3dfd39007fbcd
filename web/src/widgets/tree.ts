/** A node with those below it. */
export interface TreeNode<Row> {
  readonly row: Row;
  /** Its place in the list that the tree was made of. */
  readonly index: number;
  readonly children: readonly TreeNode<Row>[];
}

interface OpenNode<Row> extends TreeNode<Row> {
  readonly depth: number;
  readonly children: OpenNode<Row>[];
}

/** The tree of rows that say how deep they are: each belongs to the nearest less deep before it. */
export function buildTree<Row>(
  rows: readonly Row[],
  depthOf: (row: Row) => number,
): readonly TreeNode<Row>[] {
  const trunk: OpenNode<Row>[] = [];
  const path: OpenNode<Row>[] = [];
  for (const [index, row] of rows.entries()) {
    const node: OpenNode<Row> = { row, index, depth: depthOf(row), children: [] };
    while ((path.at(-1)?.depth ?? -1) >= node.depth) path.pop();
    (path.at(-1)?.children ?? trunk).push(node);
    path.push(node);
  }
  return trunk;
}
