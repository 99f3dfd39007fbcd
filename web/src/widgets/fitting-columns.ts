import { type RefObject, useLayoutEffect, useState } from "react";

/** Of a column, what decides whether there is room for it. */
export interface FittingColumn {
  /** As in `grid-template-columns`: `90px`, `minmax(160px, 2fr)`. */
  readonly width: string;
  /** 1 always stays; of the others those with the highest number go first. */
  readonly priority?: 1 | 2 | 3;
}

const GAP_PX = 8;

/**
 * The columns whose least widths fit beside one another; the last of the least important go. Where
 * those that stay are still too wide, the ones in fractions give way, so that none is cut off.
 */
export function selectColumns<Column extends FittingColumn>(
  columns: readonly Column[],
  widthPx: number,
): readonly Column[] {
  const shown = new Set(columns);
  const leaving = columns
    .filter(({ priority = 2 }) => priority > 1)
    .toReversed()
    .toSorted((left, right) => (right.priority ?? 2) - (left.priority ?? 2));
  for (const column of leaving) {
    if (neededPx([...shown]) <= widthPx) break;
    shown.delete(column);
  }
  const staying = columns.filter((column) => shown.has(column));
  return neededPx(staying) <= widthPx ? staying : staying.map(withoutLeast);
}

/** What columns take at least, with their gaps. */
export function neededPx(columns: readonly FittingColumn[]): number {
  return columns.reduce((sum, { width }) => sum + leastPx(width) + GAP_PX, 0);
}

function withoutLeast<Column extends FittingColumn>(column: Column): Column {
  return { ...column, width: column.width.replace(/^minmax\(\d+px,/, "minmax(0,") };
}

/** What a column takes at least; one in fractions alone takes what is left. */
function leastPx(width: string): number {
  return Number(/(\d+)px/.exec(width)?.[1] ?? 0);
}

/** The columns that there is room for in an element, as wide as it is at the moment. */
export function useFittingColumns<Column extends FittingColumn>(
  columns: readonly Column[],
  where: {
    readonly element: RefObject<HTMLElement | null>;
    /** Whether the element is in the page. */
    readonly isThere: boolean;
    /** Of its width, what is no column's. */
    readonly takenPx: number;
  },
): readonly Column[] {
  const { element, isThere, takenPx } = where;
  const [width, setWidth] = useState(window.innerWidth);
  useLayoutEffect(() => {
    const { current } = element;
    if (!isThere || current === null) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    setWidth(current.clientWidth);
    return () => observer.disconnect();
  }, [element, isThere]);
  return selectColumns(columns, width - takenPx);
}
