import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { ConfigEntry, ConfigMap, ConfigValue, Position } from "./config-value.ts";
import type { FaultList } from "./configuration-fault.ts";

/** Characters of a file. A million mailboxes take about a tenth of it. */
export const YAML_CHARACTERS_MAX = 1024 * 1024 * 1024;
/** Configuration has five levels; a deeper file is a mistake or an attack. */
export const YAML_DEPTH_MAX = 32;
/** Values that all aliases of a file stand for together: `&a [*b, *b]` doubles with each line. */
export const YAML_ALIASED_MAX = 100_000;

/** Reads a file into values with their places; `undefined` when a fault was reported. */
export function parseYamlTree(text: string, faults: FaultList): ConfigMap | undefined {
  const start: Position = { line: 1, column: 1 };
  if (text.length > YAML_CHARACTERS_MAX) {
    faults.add(start, { message: `the file is longer than ${YAML_CHARACTERS_MAX} characters` });
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseNodes(text, lines);
  if (document === undefined) {
    faults.add(start, { message: "the file is nested too deeply to be read" });
    return undefined;
  }
  let lastLine = 0;
  for (const problem of [...document.errors, ...document.warnings]) {
    const { line, col } = lines.linePos(problem.pos[0]);
    // What follows on the same line is mostly the consequence of the first problem there.
    if (line === lastLine) continue;
    lastLine = line;
    faults.add({ line, column: col }, { message: `not YAML: ${oneLine(problem.message)}` });
  }
  if (!faults.isEmpty) return undefined;
  const tree = new TreeBuilder(lines, faults).build(document.contents, start, 0);
  if (!faults.isEmpty) return undefined;
  if (tree.kind === "null") return { kind: "map", entries: [], at: start };
  if (tree.kind === "map") return tree;
  faults.add(tree.at, { message: "the file must be a mapping, as in `acceptedDomains: [...]`" });
  return undefined;
}

function parseNodes(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument<Node, false>(text, {
      // Every scalar stays text: the settings know better than YAML what `00:05:00` or `no` is.
      schema: "failsafe",
      version: "1.2",
      // The library compares each key with all before it: quadratic. The readers of objects do it.
      uniqueKeys: false,
      prettyErrors: false,
      // "silent" would also hide that a second document follows.
      logLevel: "error",
      lineCounter,
    });
  } catch (error) {
    // Composing is recursive: tens of thousands of open brackets exhaust the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").slice(0, 200);
}

class TreeBuilder {
  readonly #lines: LineCounter;
  readonly #faults: FaultList;
  readonly #anchors = new Map<string, Node>();
  #aliasLevel = 0;
  #aliased = 0;

  constructor(lines: LineCounter, faults: FaultList) {
    this.#lines = lines;
    this.#faults = faults;
  }

  /** `fallback` is the place of what has none: an empty value stands where its name does. */
  build(node: Node | null, fallback: Position, depth: number): ConfigValue {
    const at = node === null ? fallback : this.#position(node, fallback);
    if (node === null) return { kind: "null", at };
    if (depth > YAML_DEPTH_MAX) return this.#refuse(at, "nested too deeply");
    if (this.#aliasLevel > 0) this.#aliased += 1;
    if (this.#aliased > YAML_ALIASED_MAX) return { kind: "null", at };
    if (isAlias(node)) return this.#buildAlias(node.source, at, depth);
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.tag?.startsWith("!")) {
      return this.#refuse(at, "YAML tags (!…) have no meaning here; leave them out");
    }
    if ("anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return scalarValue(node, at);
    if (isSeq<Node | null>(node)) {
      const items = node.items.map((item) => this.build(item, at, depth + 1));
      return { kind: "list", items, at };
    }
    if (isMap<Node | null, Node | null>(node)) {
      const entries = node.items.flatMap((pair) => this.#entry(pair, at, depth));
      return { kind: "map", entries, at };
    }
    return this.#refuse(at, "cannot be read");
  }

  #entry(
    pair: { readonly key: Node | null; readonly value: Node | null },
    at: Position,
    depth: number,
  ): readonly ConfigEntry[] {
    const key = this.build(pair.key, at, depth + 1);
    if (this.#aliased > YAML_ALIASED_MAX) return [];
    if (key.kind === "scalar") {
      return [{ name: key.text, at: key.at, value: this.build(pair.value, key.at, depth + 1) }];
    }
    this.#refuse(key.at, "a property needs a name before the colon");
    return [];
  }

  #buildAlias(source: string, at: Position, depth: number): ConfigValue {
    // A node of the tree is built again at each alias: its own aliases count too, and a node that
    // holds an alias to itself ends at YAML_DEPTH_MAX.
    const target = this.#anchors.get(source);
    if (target === undefined) return this.#refuse(at, `*${source} is no anchor above this line`);
    this.#aliasLevel += 1;
    const value = this.build(target, at, depth + 1);
    this.#aliasLevel -= 1;
    if (this.#aliased > YAML_ALIASED_MAX && this.#aliasLevel === 0) {
      return this.#refuse(at, `aliases stand for more than ${YAML_ALIASED_MAX} values`);
    }
    return value;
  }

  #position(node: Node, fallback: Position): Position {
    if (!node.range) return fallback;
    const { line, col } = this.#lines.linePos(node.range[0]);
    return { line, column: col };
  }

  #refuse(at: Position, message: string): ConfigValue {
    this.#faults.add(at, { message: `not usable YAML: ${message}` });
    return { kind: "null", at };
  }
}

/** A bare `null`, `~` or nothing is no value; in quotes it is text. */
function scalarValue(
  node: { readonly value: unknown; readonly type?: string | undefined },
  at: Position,
): ConfigValue {
  const text = typeof node.value === "string" ? node.value : "";
  const isNull = node.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(text);
  return isNull || node.type === undefined ? { kind: "null", at } : { kind: "scalar", text, at };
}
