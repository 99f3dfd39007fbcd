import type { OutputObject, OutputTree } from "../cmdlet/output-type.ts";
import { tableCell } from "./cell-text.ts";
import { createListView } from "./list-view.ts";
import type { OutputView, ViewOptions } from "./output-view.ts";
import { displayWidth } from "./safe-text.ts";

/** Columns by which a node stands to the right of its parent. */
const INDENT = 2;
/** Deeper ones are not moved further, so that there is room for what they say. */
const DEPTH_MAX = 20;
/** Lines are not made shorter than that, however narrow the terminal. */
const WIDTH_MIN = 30;

const MARKS: Readonly<Record<string, { readonly sign: string; readonly colour: string }>> = {
  Pass: { sign: "✓", colour: "32" },
  Info: { sign: "·", colour: "0" },
  Warning: { sign: "!", colour: "33" },
  Fail: { sign: "✗", colour: "31" },
};
const UNMARKED = { sign: "·", colour: "0" };

/** One node a line as it comes, indented by its depth; a list where there is no tree. */
export function createTreeView(options: ViewOptions): OutputView {
  const { tree } = options.outputType;
  if (tree === undefined) return createListView(options);
  return { push: (value) => formatNode(value, tree, options), flush: () => "", end: () => "" };
}

function formatNode(value: OutputObject, tree: OutputTree, options: ViewOptions): string {
  const depth = Math.min(Number(value[tree.depth] ?? 0) || 0, DEPTH_MAX);
  const marked = value[tree.mark];
  const { sign, colour } = MARKS[typeof marked === "string" ? marked : ""] ?? UNMARKED;
  const title = cellsOf(value, tree.title, options).map(({ cell }) => cell);
  const [first = "", ...others] = wrap(title.join("  "), depth * INDENT + 2, options);
  const margin = " ".repeat(depth * INDENT);
  const mark = options.hasColour ? `\x1b[${colour}m${sign}\x1b[0m` : sign;
  const lines = [`${margin}${mark} ${first}`, ...others.map((line) => `${margin}  ${line}`)];
  for (const { name, cell } of cellsOf(value, tree.details, options)) {
    const texts = wrap(`${name}: ${cell}`, (depth + 2) * INDENT, options);
    lines.push(...texts.map((text) => `${margin}    ${text}`));
  }
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

function cellsOf(
  value: OutputObject,
  names: readonly string[],
  { outputType, properties }: ViewOptions,
): readonly { readonly name: string; readonly cell: string }[] {
  return names
    .filter((name) => properties.includes(name))
    .map((name) => ({
      name,
      cell: tableCell(value[name], outputType.properties[name]?.kind ?? "text"),
    }))
    .filter(({ cell }) => cell !== "");
}

function wrap(text: string, indent: number, { width }: ViewOptions): readonly string[] {
  if (width === undefined) return [text];
  const room = Math.max(WIDTH_MIN, width - indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > room) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
