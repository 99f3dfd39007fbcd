import {
  Checkbox,
  makeStyles,
  mergeClasses,
  Skeleton,
  SkeletonItem,
  tokens,
} from "@fluentui/react-components";
import { ArrowSortDownRegular, ArrowSortUpRegular } from "@fluentui/react-icons";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { visibleText } from "../base/visible-text.ts";
import { neededPx, useFittingColumns } from "./fitting-columns.ts";
import { ForeignText } from "./foreign-text.tsx";
import { CHOSEN, HOVERED } from "./marked-style.ts";
import type { RowSource } from "./row-source.ts";
import type { Selection } from "./selection.ts";
import { keysBetween, ROW_PX, useTableKeys } from "./table-keys.ts";
import { texts } from "./texts.ts";

/** Before the first column and behind the last. */
const ROW_PADDING_PX = 16;
/** The box that selects, with its gap. */
const BOX_PX = 40;
/** As far as the browser lays out reliably; beyond, rows are reached by filters. */
const ROWS_MAX = 250_000;

/** A column. */
export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** What it is called where no title stands above it. */
  readonly label?: string;
  /** As in `grid-template-columns`: `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly render: (row: Row) => ReactNode;
  readonly isSortable?: boolean;
  readonly align?: "start" | "end";
  /** 1 always stays; where there is no room, the others go, 3 before 2, if rows open. */
  readonly priority?: 1 | 2 | 3;
}

/** By which column rows are sorted. */
export interface Sort {
  readonly key: string;
  readonly isAscending: boolean;
}

/** What a table shows and tells. */
export interface DataTableProps<Row> {
  /** For screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: RowSource<Row>;
  readonly keyOf: (row: Row) => string;
  /** What a row is called, for screen readers. */
  readonly nameOf: (row: Row) => string;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  readonly selection?: Selection;
  /** Enter or a click on a row. */
  readonly onOpen?: (row: Row) => void;
  /** The row whose detail is open. */
  readonly openKey?: string | undefined;
  /** What stands in place of rows when there are none. */
  readonly empty?: ReactNode;
}

const useStyles = makeStyles({
  root: {
    overflow: "auto",
    flexGrow: 1,
    minHeight: "160px",
    // What gets the focus is not to be below the head.
    scrollPaddingTop: `${ROW_PX}px`,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  head: {
    position: "sticky",
    top: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke1}`,
    fontWeight: tokens.fontWeightSemibold,
  },
  row: {
    display: "grid",
    alignItems: "center",
    columnGap: "8px",
    paddingInline: "8px",
    minHeight: `${ROW_PX}px`,
  },
  bodyRow: {
    position: "absolute",
    insetInline: 0,
    height: `${ROW_PX}px`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    ":hover": HOVERED,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  opens: { cursor: "pointer" },
  chosen: CHOSEN,
  cell: {
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    // Else it would wrap, into the row below.
    "& .fui-Text": { whiteSpace: "inherit", overflow: "hidden", textOverflow: "ellipsis" },
  },
  title: { whiteSpace: "normal", overflowWrap: "break-word" },
  // A number is not to touch the words of the next column.
  end: { textAlign: "end", justifyContent: "end", paddingInlineEnd: "8px" },
  sorter: {
    padding: 0,
    minHeight: "24px",
    minWidth: "24px",
    border: "none",
    background: "none",
    color: "inherit",
    font: "inherit",
    textAlign: "inherit",
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    cursor: "pointer",
    // A cell cuts off what is outside of it.
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  body: { position: "relative" },
});

/** Who comes back to a list finds it where it was left: at the row that was opened. */
function indexOfOpen<Row>(
  { rows, keyOf, openKey }: Pick<DataTableProps<Row>, "rows" | "keyOf" | "openKey">,
  count: number,
): number {
  if (openKey === undefined) return 0;
  for (let index = 0; index < count; index += 1) {
    const row = rows.at(index);
    if (row !== undefined && keyOf(row) === openKey) return index;
  }
  return 0;
}

/**
 * A grid of rows (WAI-ARIA grid pattern) that keeps only those in view in the page, so that a
 * hundred thousand scroll smoothly. Arrows, Page and Home/End move, Space selects, with Shift from
 * the last one on, Ctrl-A all that were read, Enter opens.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, selection, empty } = props;
  const styles = useStyles();
  const scroller = useRef<HTMLDivElement>(null);
  const count = Math.min(rows.count, ROWS_MAX);
  const isThere = count > 0 || empty === undefined;
  const { columns, minWidth } = useColumns(props, { element: scroller, isThere });
  const [active, setActive] = useState(() => indexOfOpen(props, count));
  const current = Math.min(active, Math.max(0, count - 1));
  const virtualizer = useRowVirtualizer(scroller, { count, current });
  const shown = virtualizer.getVirtualItems();
  const first = virtualizer.range?.startIndex ?? 0;
  const last = virtualizer.range?.endIndex ?? 0;
  const { onView } = rows;
  useEffect(() => onView?.({ first, last }), [onView, first, last]);
  const moveTo = (index: number) => {
    const target = Math.max(0, Math.min(index, count - 1));
    setActive(target);
    virtualizer.scrollToIndex(target, { align: "auto" });
    // The row may only come into the page with the next frame.
    requestAnimationFrame(() => rowElement(scroller.current, target)?.focus());
  };
  const onKeyDown = useTableKeys({ ...props, current, count, moveTo });
  const template = [...(selection ? ["32px"] : []), ...columns.map(({ width }) => width)].join(" ");
  const style = { gridTemplateColumns: template };
  const onSort = (sort: Sort) => {
    // In another order, what is at this place is something else.
    virtualizer.scrollToOffset(0);
    setActive(0);
    props.onSort?.(sort);
  };
  if (count === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <div
      ref={scroller}
      className={styles.root}
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-multiselectable={selection !== undefined}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={styles.head} style={{ minWidth }}>
        <HeadRow {...props} columns={columns} style={style} {...(props.onSort && { onSort })} />
      </div>
      <div
        role="rowgroup"
        className={styles.body}
        style={{ minWidth, height: virtualizer.getTotalSize() }}
      >
        {shown.map(({ index, start }) => {
          const row = rows.at(index);
          return (
            <BodyRow
              // Not by what it shows: a row that has the focus keeps it when it has been read.
              key={index}
              table={props}
              columns={columns}
              row={row}
              index={index}
              isCurrent={index === current}
              style={{ ...style, transform: `translateY(${start}px)` }}
              onFocus={() => setActive(index)}
            />
          );
        })}
      </div>
    </div>
  );
}

/**
 * Where no row opens, what has no room would be nowhere: all columns are there, those that matter
 * most first, and one scrolls to the others.
 */
function useColumns<Row>(
  { columns, selection, onOpen }: DataTableProps<Row>,
  where: { readonly element: RefObject<HTMLElement | null>; readonly isThere: boolean },
): { readonly columns: readonly Column<Row>[]; readonly minWidth?: number } {
  const takenPx = ROW_PADDING_PX + (selection ? BOX_PX : 0);
  const fitting = useFittingColumns(columns, { ...where, takenPx });
  if (onOpen || fitting.length === columns.length) return { columns: fitting };
  const all = columns.toSorted((one, other) => (one.priority ?? 2) - (other.priority ?? 2));
  return { columns: all, minWidth: neededPx(all) + takenPx };
}

function useRowVirtualizer(
  scroller: RefObject<HTMLDivElement | null>,
  { count, current }: { readonly count: number; readonly current: number },
) {
  return useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    initialOffset: Math.max(0, current - 3) * ROW_PX,
    overscan: 8,
    scrollPaddingStart: ROW_PX,
    // The row with the focus stays in the page wherever one scrolls: focus must not be lost.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return count === 0 || shown.includes(current) ? shown : [...shown, current].sort(ascending);
    },
  });
}

function ascending(left: number, right: number): number {
  return left - right;
}

function rowElement(root: HTMLElement | null, index: number): HTMLElement | null {
  return root?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`) ?? null;
}

function HeadRow<Row>(
  props: DataTableProps<Row> & { readonly style: { readonly gridTemplateColumns: string } },
) {
  const { columns, sort, onSort, selection, rows, keyOf, style } = props;
  const styles = useStyles();
  const { keys } = selection ?? {};
  const loaded = Math.min(rows.count, ROWS_MAX);
  const isAll = keys !== undefined && keys.size > 0 && keys.size >= loaded;
  return (
    <div role="row" aria-rowindex={1} className={styles.row} style={style}>
      {selection && (
        <div role="columnheader">
          <Checkbox
            aria-label={texts.selectAll}
            checked={isAll ? true : keys?.size ? "mixed" : false}
            onChange={() => selection.set(isAll ? [] : keysBetween({ rows, keyOf }, 0, loaded - 1))}
          />
        </div>
      )}
      {columns.map(({ key, title, label, isSortable, align }) => {
        const isSorted = sort?.key === key;
        const direction = isSorted ? (sort.isAscending ? "ascending" : "descending") : "none";
        return (
          <div
            key={key}
            role="columnheader"
            aria-label={label}
            aria-sort={isSortable && onSort ? direction : undefined}
            className={mergeClasses(styles.cell, styles.title, align === "end" && styles.end)}
          >
            {isSortable && onSort ? (
              <button
                type="button"
                className={styles.sorter}
                onClick={() => onSort({ key, isAscending: isSorted ? !sort.isAscending : true })}
              >
                {title}
                {isSorted && (sort.isAscending ? <ArrowSortUpRegular /> : <ArrowSortDownRegular />)}
              </button>
            ) : (
              title
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Whatever is a text alone may be somebody else's. */
function asForeign(shown: ReactNode): ReactNode {
  return typeof shown === "string" ? <ForeignText text={shown} /> : shown;
}

function BodyRow<Row>(props: {
  readonly table: DataTableProps<Row>;
  readonly columns: readonly Column<Row>[];
  readonly row: Row | undefined;
  readonly index: number;
  readonly isCurrent: boolean;
  readonly style: { readonly gridTemplateColumns: string; readonly transform: string };
  readonly onFocus: () => void;
}) {
  const { table, columns, row, index, isCurrent, style, onFocus } = props;
  const { selection, keyOf, nameOf, onOpen, openKey } = table;
  const styles = useStyles();
  const key = row === undefined ? undefined : keyOf(row);
  const isSelected = key !== undefined && (selection?.keys.has(key) ?? false);
  const isMarked = isSelected || (key !== undefined && key === openKey);
  return (
    // Its keys are the grid's: see useTableKeys.
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selection ? isSelected : undefined}
      aria-current={key !== undefined && key === openKey ? true : undefined}
      tabIndex={isCurrent ? 0 : -1}
      className={mergeClasses(
        styles.row,
        styles.bodyRow,
        onOpen && styles.opens,
        isMarked && styles.chosen,
      )}
      style={style}
      onFocus={onFocus}
      onClick={() => row !== undefined && onOpen?.(row)}
      onKeyDown={() => undefined}
    >
      {selection && (
        <div role="gridcell">
          {row !== undefined && key !== undefined && (
            <Checkbox
              aria-label={texts.selectRow(visibleText(nameOf(row)))}
              checked={isSelected}
              tabIndex={-1}
              onClick={(event) => event.stopPropagation()}
              onChange={() => selection.toggle(key)}
            />
          )}
        </div>
      )}
      {columns.map((column) => (
        <div
          key={column.key}
          role="gridcell"
          className={mergeClasses(styles.cell, column.align === "end" && styles.end)}
        >
          {row === undefined ? (
            <Skeleton aria-label={texts.loading}>
              <SkeletonItem />
            </Skeleton>
          ) : (
            asForeign(column.render(row))
          )}
        </div>
      ))}
    </div>
  );
}
