import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A row of the message tracking log, by field name. */
export type TrackingRow = Readonly<Record<string, string>>;

/** Every row of the message tracking log, in the order of the files and lines. */
export function readTracking(dataFolder: string): readonly TrackingRow[] {
  return globSync("logs/*/MSGTRK*.LOG", { cwd: dataFolder })
    .sort()
    .flatMap((path) => parseLog(readFileSync(join(dataFolder, path), "utf8")));
}

/** Reads a log in Exchange's form: `#Fields:` names the columns. A cut last line is left out. */
export function parseLog(text: string): readonly TrackingRow[] {
  let names: readonly string[] = [];
  const rows: TrackingRow[] = [];
  for (const line of text.split("\r\n").slice(0, -1)) {
    if (line.startsWith("#Fields: ")) names = line.slice("#Fields: ".length).split(",");
    if (line.startsWith("#")) continue;
    const values = splitCsv(line);
    if (values.length !== names.length) {
      throw new Error(`a line of ${values.length} fields, not ${names.length}: ${line}`);
    }
    rows.push(Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""])));
  }
  return rows;
}

/** The values of one CSV line (RFC 4180, no line breaks inside quotes). */
export function splitCsv(line: string): readonly string[] {
  const values: string[] = [];
  let at = 0;
  for (;;) {
    let end: number;
    if (line[at] === '"') {
      end = at + 1;
      while (end < line.length && (line[end] !== '"' || line[end + 1] === '"')) {
        end += line[end] === '"' ? 2 : 1;
      }
      values.push(line.slice(at + 1, end).replaceAll('""', '"'));
      end += 1;
    } else {
      const comma = line.indexOf(",", at);
      end = comma < 0 ? line.length : comma;
      values.push(line.slice(at, end));
    }
    if (end >= line.length) return values;
    if (line[end] !== ",") throw new Error(`text after a closing quote: ${line}`);
    at = end + 1;
  }
}

/** The events of one message, oldest first, as `EVENT(SOURCE)`. */
export function storyOf(rows: readonly TrackingRow[], messageId: string): readonly string[] {
  return rows
    .filter((row) => row["message-id"] === messageId)
    .map((row) => `${row["event-id"]}(${row["source"]})`);
}
