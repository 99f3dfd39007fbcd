/** Rows of a table, all there or read page by page as they come into view. */
export interface RowSource<Row> {
  readonly count: number;
  /** `undefined`: not read yet. */
  readonly at: (index: number) => Row | undefined;
  /** Rows from `first` to `last` are in view: whatever of them is missing is to be read. */
  readonly onView?: (range: { readonly first: number; readonly last: number }) => void;
}

/** Rows drawn as "loading" below what was read: they come into view, and more is read. */
const PENDING_ROWS = 20;

/** Rows that are read on as one comes to their end. */
export function readingRows<Row>(pages: {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  readonly readMore: () => void;
}): RowSource<Row> {
  const { rows, hasMore, readMore } = pages;
  return {
    count: rows.length + (hasMore ? PENDING_ROWS : 0),
    at: (index) => rows[index],
    onView: ({ last }) => {
      if (last >= rows.length - 1) readMore();
    },
  };
}

/** Rows that are all there. */
export function arrayRows<Row>(rows: readonly Row[]): RowSource<Row> {
  return { count: rows.length, at: (index) => rows[index] };
}
