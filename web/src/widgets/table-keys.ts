import { type KeyboardEvent, useRef } from "react";
import type { RowSource } from "./row-source.ts";
import type { Selection } from "./selection.ts";

/** Height of every row. */
export const ROW_PX = 36;

/** What keys have to know of a table. */
export interface KeyedTable<Row> {
  readonly rows: RowSource<Row>;
  readonly keyOf: (row: Row) => string;
  readonly selection?: Selection;
  readonly onOpen?: (row: Row) => void;
}

/** What keys do in a table, whose rows are `ROW_PX` high. */
export function useTableKeys<Row>(
  table: KeyedTable<Row> & {
    readonly current: number;
    readonly count: number;
    readonly moveTo: (index: number) => void;
  },
) {
  const { rows, keyOf, selection, onOpen, current, count, moveTo } = table;
  const anchor = useRef(0);
  return (event: KeyboardEvent<HTMLDivElement>) => {
    // Buttons and boxes in cells have keys of their own.
    const isRow = (event.target as HTMLElement).getAttribute("role") === "row";
    if (!isRow) return;
    const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / ROW_PX) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: count - 1,
    };
    const target = steps[event.key];
    const row = rows.at(current);
    if (target !== undefined) {
      event.preventDefault();
      if (event.shiftKey && selection !== undefined) {
        const from = Math.max(0, Math.min(anchor.current, target));
        const to = Math.min(count - 1, Math.max(anchor.current, target));
        selection.add(keysBetween(table, from, to));
      } else {
        anchor.current = Math.max(0, Math.min(target, count - 1));
      }
      moveTo(target);
    } else if (event.key === " " && selection !== undefined && row !== undefined) {
      event.preventDefault();
      anchor.current = current;
      selection.toggle(keyOf(row));
    } else if (event.key === "Enter" && onOpen !== undefined && row !== undefined) {
      event.preventDefault();
      onOpen(row);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && selection !== undefined) {
      event.preventDefault();
      selection.set(keysBetween(table, 0, count - 1));
    }
  };
}

/** Of the rows that have been read. */
export function keysBetween<Row>(
  { rows, keyOf }: Pick<KeyedTable<Row>, "rows" | "keyOf">,
  first: number,
  last: number,
): readonly string[] {
  const keys: string[] = [];
  for (let index = first; index <= last; index += 1) {
    const row = rows.at(index);
    if (row !== undefined) keys.push(keyOf(row));
  }
  return keys;
}
