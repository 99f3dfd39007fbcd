import type { OutputObject } from "../cmdlet/output-type.ts";
import { RIGHT_ALIGNED, tableCell } from "./cell-text.ts";
import type { OutputView, ViewOptions } from "./output-view.ts";
import { displayWidth, padText, truncateText } from "./safe-text.ts";

/** Rows whose widths decide those of the columns; later ones are cut to fit. */
const BATCH_ROWS = 200;
/** Between two columns. */
const GAP = 2;
/** Columns of text are not cut below that. */
const TEXT_WIDTH_MIN = 8;
/** Off a terminal nothing is cut, but one long cell must not make every row as long. */
const PADDED_WIDTH_MAX = 100;

interface Column {
  readonly name: string;
  readonly side: "left" | "right";
  /** Columns of the terminal. */
  readonly width: number;
}

/** A table that fits the terminal: texts are cut with `…`, numbers never. */
export function createTableView(options: ViewOptions): OutputView {
  let columns: readonly Column[] | undefined;
  let batch: (readonly string[])[] = [];
  const flush = (): string => {
    if (batch.length === 0) return "";
    const rows = batch;
    batch = [];
    let head = "";
    if (columns === undefined) {
      columns = layOut(options, rows);
      head = formatHead(columns, options);
    }
    const laidOut = columns;
    return head + rows.map((row) => formatRow(laidOut, row, options)).join("");
  };
  return {
    push(value: OutputObject) {
      batch.push(cellsOf(value, options));
      return batch.length >= BATCH_ROWS ? flush() : "";
    },
    flush,
    end: flush,
  };
}

function cellsOf(value: OutputObject, { outputType, properties }: ViewOptions): readonly string[] {
  return properties.map((name) =>
    tableCell(value[name], outputType.properties[name]?.kind ?? "text"),
  );
}

function layOut(
  { outputType, properties, width }: ViewOptions,
  rows: readonly (readonly string[])[],
): readonly Column[] {
  const natural = properties.map((name, index) =>
    Math.max(name.length, ...rows.map((row) => displayWidth(row[index] ?? ""))),
  );
  const sides = properties.map((name) =>
    RIGHT_ALIGNED.includes(outputType.properties[name]?.kind ?? "text") ? "right" : "left",
  );
  const widths =
    width === undefined
      ? natural.map((columns) => Math.min(columns, PADDED_WIDTH_MAX))
      : shrink(natural, { sides, room: width - GAP * (properties.length - 1) });
  return properties.map((name, index) => ({
    name,
    side: sides[index] ?? "left",
    width: widths[index] ?? name.length,
  }));
}

/** Takes room from the widest texts first, so that they end up alike. */
function shrink(
  natural: readonly number[],
  { sides, room }: { readonly sides: readonly ("left" | "right")[]; readonly room: number },
): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const texts = widths.map((width, index) => (sides[index] === "left" ? width : 0));
    const widest = Math.max(...texts);
    if (widest <= TEXT_WIDTH_MIN) break;
    const index = texts.lastIndexOf(widest);
    const second = Math.max(TEXT_WIDTH_MIN, ...texts.filter((width) => width < widest));
    const taken = Math.min(excess, Math.max(1, widest - second));
    widths[index] = widest - taken;
    excess -= taken;
  }
  return widths;
}

function formatHead(columns: readonly Column[], options: ViewOptions): string {
  const names = columns.map(({ name, width }) => truncateText(name, width));
  const line = formatRow(columns, names, options);
  const rule = formatRow(
    columns,
    names.map((name) => "-".repeat(displayWidth(name))),
    options,
  );
  return options.hasColour ? `\x1b[1m${line}${rule.trimEnd()}\x1b[0m\n` : line + rule;
}

function formatRow(
  columns: readonly Column[],
  cells: readonly string[],
  { width: terminalWidth }: ViewOptions,
): string {
  const texts = columns.map(({ width, side }, index) => {
    const cell = cells[index] ?? "";
    return padText(terminalWidth === undefined ? cell : truncateText(cell, width), width, side);
  });
  return `${texts.join(" ".repeat(GAP)).trimEnd()}\n`;
}
