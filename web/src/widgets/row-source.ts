/** Rows of a table, all there or read page by page as they come into view. */
export interface RowSource<Row> {
  readonly count: number;
  /** `undefined`: not read yet. */
  readonly at: (index: number) => Row | undefined;
  /** Rows from `first` to `last` are in view: whatever of them is missing is to be read. */
  readonly onView?: (range: { readonly first: number; readonly last: number }) => void;
}

/** Rows that are all there. */
export function arrayRows<Row>(rows: readonly Row[]): RowSource<Row> {
  return { count: rows.length, at: (index) => rows[index] };
}
