import type { Figure } from "./scenario.ts";

/** One row per figure: value, what is asked, and whether it is reached. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    formatValue(figure.value, figure.unit),
    figure.must === undefined ? "" : formatValue(figure.must, figure.unit),
    figure.aim === undefined ? "" : formatValue(figure.aim, figure.unit),
    judge(figure),
  ]);
  return formatRows([["Measure", "Value", "Must reach", "Aim", ""], ...rows]);
}

/** Medians of both trees and their ratio; above 1 is better here than there. */
export function formatComparison(
  ours: readonly (readonly Figure[])[],
  theirs: readonly (readonly Figure[])[],
): string {
  const names = new Set(ours.flat().map(({ name }) => name));
  const rows = [...names].flatMap((name) => {
    const here = medianOf(ours, name);
    const there = medianOf(theirs, name);
    if (here === undefined || there === undefined) return [];
    const quotient = here.value / there.value;
    const ratio = here.better === "higher" ? quotient : 1 / quotient;
    const values = [here, there].map(({ value, unit }) => formatValue(value, unit));
    return [[name, ...values, ratio.toFixed(2)]];
  });
  return formatRows([["Measure", "Here", "There", "Gain"], ...rows]);
}

function medianOf(rounds: readonly (readonly Figure[])[], name: string): Figure | undefined {
  const figures = rounds.flat().filter((figure) => figure.name === name);
  return figures.toSorted((left, right) => left.value - right.value)[figures.length >> 1];
}

function judge({ value, must, aim, better }: Figure): string {
  const reaches = (goal: number): boolean => (better === "higher" ? value >= goal : value <= goal);
  if (must === undefined) return "";
  if (!reaches(must)) return "FALLS SHORT";
  return aim === undefined || reaches(aim) ? "aim reached" : "reached";
}

function formatValue(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${unit}`.trim();
}

/** A table in Markdown, columns in line. */
function formatRows(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length), 3));
  const lines = rows.map(
    (row) => `| ${widths.map((width, at) => (row[at] ?? "").padEnd(width)).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
