import { unreachable } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { OutputType } from "../cmdlet/output-type.ts";
import { compileWildcard } from "../cmdlet/wildcard.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { createCsvView } from "./csv-view.ts";
import { createJsonView } from "./json-view.ts";
import { createListView } from "./list-view.ts";
import type { OutputView, ViewOptions } from "./output-view.ts";
import type { Format } from "./run-parameters.ts";
import { createTableView } from "./table-view.ts";
import { createTreeView } from "./tree-view.ts";
import { createYamlView } from "./yaml-view.ts";

/**
 * Makes the view of a format. Whatever is in the objects, nothing in the text is obeyed by a
 * terminal; off a terminal CSV holds texts as they are.
 */
export function createOutputView(format: Format, options: ViewOptions): OutputView {
  switch (format) {
    case "table":
      return createTableView(options);
    case "list":
      return createListView(options);
    case "tree":
      return createTreeView(options);
    case "json":
      return createJsonView(options);
    case "csv":
      return createCsvView(options);
    case "yaml":
      return createYamlView(options);
    default:
      return unreachable(format);
  }
}

/**
 * The properties that a view shows: those asked for (any case, `*` and `?` allowed), else the
 * columns of the table or all. The fault is a sentence.
 */
export function selectProperties(
  outputType: OutputType,
  { format, asked }: { readonly format: Format; readonly asked: readonly string[] },
): Result<readonly string[], string> {
  const known = Object.keys(outputType.properties);
  if (asked.length === 0) {
    return ok(format === "table" && outputType.table.length > 0 ? outputType.table : known);
  }
  const selected = new Set<string>();
  for (const word of asked) {
    const found = known.filter(compileWildcard(word));
    if (found.length === 0) {
      const hint = formatSuggestion(word, known);
      const names = hint === "" ? `; it has ${known.join(", ")}` : hint;
      return fault(`${outputType.name} has no property ${JSON.stringify(word)}${names}`);
    }
    for (const name of found) selected.add(name);
  }
  return ok([...selected]);
}
