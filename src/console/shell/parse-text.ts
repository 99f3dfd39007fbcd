import type { ShellNode } from "./shell-syntax.ts";
import type { TextCursor } from "./text-cursor.ts";

/** Reads `$( … )`, whose `$(` has been taken. */
export type ReadSubexpression = (at: number) => ShellNode;

type Part = string | ShellNode;

/** What a backtick makes of the character behind it; all others stay what they are. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["0", "\0"],
]);

const VARIABLE = /\$(?:(\w{1,64})|\{([^}\n]{1,64})\})/y;
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Reads `$name`, `${name}`, `$true`, `$false` or `$null`; `undefined`: there is none here. */
export function readVariable(cursor: TextCursor): ShellNode | undefined {
  const { at } = cursor;
  const match = cursor.take(VARIABLE);
  if (match === undefined) return undefined;
  const name = match[1] ?? match[2] ?? "";
  const constant = CONSTANTS.get(name.toLowerCase());
  if (constant !== undefined) return { kind: "literal", value: constant, at };
  return { kind: "variable", name, at };
}

/** Reads `'…'`, the quote doubled inside. */
export function readSingleQuoted(cursor: TextCursor): string {
  const { at } = cursor;
  const match = cursor.take(/'([^']*(?:''[^']*)*)'/y);
  if (match === undefined) throw cursor.incomplete("the ' here has no end", at);
  return (match[1] ?? "").replaceAll("''", "'");
}

/** Reads `"…"`: variables and `$( … )` are put in, a backtick protects the next character. */
export function readDoubleQuoted(cursor: TextCursor, read: ReadSubexpression): readonly Part[] {
  const { at } = cursor;
  cursor.at += 1;
  const parts: Part[] = [];
  for (;;) {
    if (cursor.isAtEnd) throw cursor.incomplete('the " here has no end', at);
    const chunk = cursor.take(/[^"`$]+/y);
    if (chunk !== undefined) parts.push(chunk[0]);
    else if (cursor.takeText('""')) parts.push('"');
    else if (cursor.takeText('"')) return parts;
    else if (cursor.next === "`") parts.push(readEscape(cursor));
    else parts.push(readDollar(cursor, read));
  }
}

/** A backtick and the character behind it. */
export function readEscape(cursor: TextCursor): string {
  cursor.at += 1;
  const character = cursor.take(/[\s\S]/uy)?.[0] ?? "";
  return ESCAPES.get(character) ?? character;
}

/** A variable, `$( … )`, or a `$` that is only one. */
export function readDollar(cursor: TextCursor, read: ReadSubexpression): Part {
  const { at } = cursor;
  if (cursor.takeText("$(")) return read(at);
  const variable = readVariable(cursor);
  if (variable === undefined) {
    cursor.at += 1;
    return "$";
  }
  // PowerShell would put nothing here; in the text of a filter that is never what was meant.
  return variable.kind === "literal" ? cursor.text.slice(at, cursor.at) : variable;
}

/** One node for what was put together; texts only are a literal. */
export function joinParts(parts: readonly Part[], at: number): ShellNode {
  if (parts.every((part) => typeof part === "string")) {
    return { kind: "literal", value: parts.join(""), at };
  }
  return { kind: "template", parts, at };
}

/** Where the block that begins at `at` ends, behind its brace; `undefined`: it has no end. */
export function findBlockEnd(text: string, at: number): number | undefined {
  const token =
    /'[^']*(?:''[^']*)*'|"[^"`]*(?:(?:`[\s\S]|"")[^"`]*)*"|`[\s\S]|(?<=[\s{;|(])#[^\n]*|['"{}]/g;
  token.lastIndex = at;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === "'" || found === '"') return undefined;
    if (found === "{") depth += 1;
    if (found === "}") depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return undefined;
}
