import type { OutputProperty, OutputType, OutputValue } from "../../cmdlet/output-type.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { evaluate } from "./evaluate.ts";
import type { LocalCall } from "./local-cmdlet.ts";
import { runBlock } from "./run-block.ts";
import { ShellFault } from "./shell-fault.ts";
import type { ShellBlock, ShellNode } from "./shell-syntax.ts";
import { joinValues, memberOf, type ShellValue, typeOf, valueText } from "./shell-value.ts";

/** A column of Select-Object: properties by name, or `@{Name='x'; Expression={ … }}`. */
export type Column =
  | { readonly kind: "names"; readonly pattern: string; readonly at: number }
  | { readonly kind: "block"; readonly name: string; readonly block: ShellBlock };

/** Reads the columns that were given. @throws ShellFault */
export async function readColumns(
  nodes: readonly ShellNode[],
  call: LocalCall,
): Promise<readonly Column[]> {
  const columns: Column[] = [];
  for (const node of nodes) {
    if (node.kind === "block") {
      columns.push({ kind: "block", name: node.text.slice(1, -1).trim(), block: node });
    } else if (node.kind === "hash") {
      columns.push(await readCalculated(node, call));
    } else {
      const value = await evaluate(node, call.scope);
      const texts = Array.isArray(value.value) ? value.value : [value.value];
      for (const text of texts) {
        columns.push({ kind: "names", pattern: valueText(text), at: node.at });
      }
    }
  }
  return columns;
}

async function readCalculated(
  { entries, at }: Extract<ShellNode, { kind: "hash" }>,
  call: LocalCall,
): Promise<Column> {
  const find = (...names: readonly string[]) =>
    entries.find(({ name }) => names.includes(name.toLowerCase()))?.value;
  const label = find("name", "n", "label", "l");
  const expression = find("expression", "e");
  if (expression === undefined || label === undefined) {
    throw new ShellFault("write @{Name='Title'; Expression={ $_.Property }}", { at });
  }
  const name = valueText((await evaluate(label, call.scope)).value);
  if (expression.kind === "block") return { kind: "block", name, block: expression };
  const pattern = valueText((await evaluate(expression, call.scope)).value);
  return { kind: "names", pattern, at };
}

/** Names out of a type that columns ask for. @throws ShellFault when there is none */
function namesOf(
  type: OutputType,
  { pattern, at }: Extract<Column, { kind: "names" }>,
): readonly string[] {
  const known = Object.keys(type.properties);
  const found = known.filter(compileWildcard(pattern));
  if (found.length > 0) return found;
  const hint = formatSuggestion(pattern, known) || `; it has ${known.join(", ")}`;
  throw new ShellFault(`${type.name} has no property ${JSON.stringify(pattern)}${hint}`, { at });
}

/** Makes objects with these columns; those of one type come out as one type. */
export class ColumnPicker {
  readonly #columns: readonly Column[];
  readonly #call: LocalCall;
  readonly #types = new WeakMap<OutputType, OutputType>();

  constructor(columns: readonly Column[], call: LocalCall) {
    this.#columns = columns;
    this.#call = call;
  }

  async pick(item: ShellValue): Promise<ShellValue> {
    const type = typeOf(item);
    const cells = new Map<string, { value: OutputValue; property: OutputProperty }>();
    for (const column of this.#columns) {
      if (column.kind === "block") {
        const { value, property } = joinValues(await runBlock(column.block, item, this.#call));
        cells.set(column.name, { value, property: property ?? columnProperty(value) });
        continue;
      }
      for (const name of namesOf(type, column)) {
        const { value } = memberOf(item, name, column.at);
        cells.set(name, { value, property: type.properties[name] ?? columnProperty(value) });
      }
    }
    const names = [...cells.keys()];
    const value = Object.fromEntries(names.map((name) => [name, cells.get(name)?.value ?? null]));
    return { value, type: this.#typeFor(type, item, cells) };
  }

  #typeFor(
    type: OutputType,
    item: ShellValue,
    cells: ReadonlyMap<string, { readonly property: OutputProperty }>,
  ): OutputType | undefined {
    if (item.type === undefined) return undefined;
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const names = [...cells.keys()];
    const properties = Object.fromEntries(
      [...cells].map(([name, { property }]) => [name, property]),
    );
    const made = { name: type.name, properties, table: names };
    this.#types.set(type, made);
    return made;
  }
}

function columnProperty(value: OutputValue): OutputProperty {
  const kind =
    typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "text";
  return { kind, doc: "" };
}
