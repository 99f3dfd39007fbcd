import { KiB, MiB } from "../../base/units.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import {
  findBlockEnd,
  joinParts,
  readDollar,
  readDoubleQuoted,
  readEscape,
  readSingleQuoted,
  readVariable,
} from "./parse-text.ts";
import {
  type Arithmetic,
  COMPARISONS,
  type Pipeline,
  type Script,
  type ShellNode,
} from "./shell-syntax.ts";
import { SyntaxStop, TextCursor } from "./text-cursor.ts";

const NUMBER = /-?\d{1,15}(?:\.\d{1,9})?(KB|MB|GB|TB)?(?![\w.:/-])/iy;
/** A word where a value is expected: `Retry`, `-2h`, `2026-11-21T08:00:00Z`, `127.0.0.1`. */
const BARE_OPERAND = /(?:-\d|[A-Za-z0-9*?<])[^\s|;,(){}'"`$]*/y;
const OPERATOR = /-([A-Za-z]+)(?![\w-])/y;
const NAME = /[A-Za-z_][\w-]{0,63}/y;
/** `-ieq` and the like: the long form of what we do anyway, compare without case. */
const INSENSITIVE = /^[i](?=eq$|ne$|gt$|ge$|lt$|le$|like$|notlike$)/;
const UNITS: Readonly<Record<string, number>> = {
  KB: KiB,
  MB: MiB,
  GB: 1024 * MiB,
  TB: MiB * MiB,
};

/** Values and expressions. What stands in parentheses and braces is read by the script parser. */
export abstract class ExpressionParser {
  protected readonly cursor: TextCursor;

  constructor(cursor: TextCursor) {
    this.cursor = cursor;
  }

  protected abstract readPipeline(): Pipeline;
  /** A whole text of its own, as in a block. */
  protected abstract readBlockScript(cursor: TextCursor): Script;

  /** `-or` binds least, then `-and`, `-not`, comparisons, signs, commas. */
  protected readExpression(): ShellNode {
    return this.#readJoined("or", () => this.#readJoined("and", () => this.#readNot()));
  }

  #readJoined(kind: "and" | "or", readTerm: () => ShellNode): ShellNode {
    let left = readTerm();
    for (;;) {
      const { at } = left;
      if (!this.#takeOperator(kind)) return left;
      left = { kind, left, right: readTerm(), at };
    }
  }

  #takeOperator(name: string): boolean {
    this.cursor.skipSpace();
    const before = this.cursor.at;
    if (this.cursor.take(OPERATOR)?.[1]?.toLowerCase() === name) {
      this.cursor.skipSpace();
      return true;
    }
    this.cursor.at = before;
    return false;
  }

  #readNot(): ShellNode {
    this.cursor.skipSpace();
    const { at } = this.cursor;
    if (this.cursor.takeText("!") || this.#takeOperator("not")) {
      return this.cursor.nest(() => ({ kind: "not", operand: this.#readNot(), at }));
    }
    return this.#readComparison();
  }

  #readComparison(): ShellNode {
    const left = this.#readSum();
    this.cursor.skipSpace();
    const { at } = this.cursor;
    const word = this.cursor.take(OPERATOR)?.[1]?.toLowerCase();
    if (word === undefined) return left;
    if (word === "and" || word === "or") {
      this.cursor.at = at;
      return left;
    }
    const name = word.replace(INSENSITIVE, "");
    const operator = COMPARISONS.find((known) => known === name);
    if (operator === undefined) {
      const isPattern = /^i?(?:not)?match$/.test(word);
      const hint = formatSuggestion(name, COMPARISONS).replace('"', '"-');
      const cure = isPattern ? "; use -like with * and ?" : hint;
      throw this.cursor.stop(`there is no operator -${word}${cure}`, at);
    }
    const right = this.#readSum();
    return { kind: "compare", operator, left, right, at };
  }

  #readSum(): ShellNode {
    return this.#readSigned(/[+](?!\+)|-(?![A-Za-z])/y, () =>
      this.#readSigned(/[*/%]/y, () => this.#readList()),
    );
  }

  #readSigned(sign: RegExp, readTerm: () => ShellNode): ShellNode {
    let left = readTerm();
    for (;;) {
      this.cursor.skipSpace();
      const operator = this.cursor.take(sign)?.[0];
      if (operator === undefined) return left;
      const kind = "arithmetic";
      left = { kind, operator: operator as Arithmetic, left, right: readTerm(), at: left.at };
    }
  }

  #readList(): ShellNode {
    const first = this.#readUnary();
    const items = [first];
    for (this.cursor.skipSpace(); this.cursor.takeText(","); this.cursor.skipSpace()) {
      this.cursor.skipLines();
      items.push(this.#readUnary());
    }
    return items.length === 1 ? first : { kind: "list", items, at: first.at };
  }

  #readUnary(): ShellNode {
    this.cursor.skipSpace();
    const { at } = this.cursor;
    const number = this.readNumber();
    if (number !== undefined) return number;
    if (this.cursor.sees(/-[$(]/y)) {
      this.cursor.at += 1;
      return { kind: "negate", operand: this.#readUnary(), at };
    }
    const value = this.readQuotedOrNested();
    if (value !== undefined) return this.readPostfix(value);
    const bare = this.cursor.take(BARE_OPERAND)?.[0];
    if (bare !== undefined) return { kind: "literal", value: bare, at };
    if (this.cursor.isAtEnd) throw this.cursor.incomplete("a value is missing at the end", at);
    throw this.cursor.stop(`a value is missing before ${show(this.cursor.next)}`);
  }

  /** A number that stands for itself, with a unit or without. */
  protected readNumber(): ShellNode | undefined {
    const { at } = this.cursor;
    const match = this.cursor.take(NUMBER);
    if (match === undefined) return undefined;
    const unit = match[1];
    const digits = unit === undefined ? match[0] : match[0].slice(0, -unit.length);
    const value = Number(digits) * (UNITS[unit?.toUpperCase() ?? ""] ?? 1);
    return { kind: "literal", value, at };
  }

  /** Whatever says by its first character what it is. */
  protected readQuotedOrNested(): ShellNode | undefined {
    const { cursor } = this;
    const { at, next } = cursor;
    switch (next) {
      case "'":
        return { kind: "literal", value: readSingleQuoted(cursor), at };
      case '"':
        return joinParts(
          readDoubleQuoted(cursor, (from) => this.#readParenthesis(from)),
          at,
        );
      case "$":
        if (cursor.takeText("$(")) return this.#readParenthesis(at);
        return readVariable(cursor);
      case "(":
        cursor.at += 1;
        return this.#readParenthesis(at);
      case "@":
        if (cursor.takeText("@{")) return cursor.nest(() => this.#readHash(at));
        if (cursor.takeText("@(")) return cursor.nest(() => this.#readArray(at));
        return undefined;
      case "{":
        return cursor.nest(() => this.#readBlock(at));
      default:
        return undefined;
    }
  }

  /** `.Name`, `.Method(…)`, `[0]`, any number of them. */
  protected readPostfix(target: ShellNode): ShellNode {
    let value = target;
    for (let count = 0; ; count += 1) {
      const { at } = this.cursor;
      if (count > 100) throw this.cursor.stop("there are too many members in a row");
      if (this.cursor.sees(/\.[A-Za-z_]/y)) {
        this.cursor.at += 1;
        const name = this.cursor.take(NAME)?.[0] ?? "";
        value = this.cursor.takeText("(")
          ? { kind: "method", target: value, name, arguments: this.#readArguments(at), at }
          : { kind: "member", target: value, name, at };
      } else if (this.cursor.takeText("[")) {
        const index = this.cursor.nest(() => this.readExpression());
        this.#close("]", at);
        value = { kind: "index", target: value, index, at };
      } else {
        return value;
      }
    }
  }

  /** The parts of a bare word, up to where it ends; at least one character is there. */
  protected readBareParts(first: readonly (string | ShellNode)[]): readonly (string | ShellNode)[] {
    const parts = [...first];
    const read = (at: number) => this.#readParenthesis(at);
    for (;;) {
      const chunk = this.cursor.take(/[^\s|;,(){}'"`$]+/y);
      const { next } = this.cursor;
      if (chunk !== undefined) parts.push(chunk[0]);
      else if (next === "'") parts.push(readSingleQuoted(this.cursor));
      else if (next === '"') parts.push(...readDoubleQuoted(this.cursor, read));
      else if (next === "$") parts.push(readDollar(this.cursor, read));
      else if (next === "`" && !this.cursor.sees(/`\r?\n/y)) parts.push(readEscape(this.cursor));
      else return parts;
    }
  }

  /** What is in parentheses, whose first has been taken. */
  #readParenthesis(at: number): ShellNode {
    return this.cursor.nest(() => {
      const pipeline = this.#inParentheses(() => this.readPipeline());
      this.#close(")", at);
      const [only, ...others] = pipeline.elements;
      if (only?.kind === "expression" && others.length === 0) return only.node;
      return { kind: "pipeline", pipeline, at };
    });
  }

  #readArguments(at: number): readonly ShellNode[] {
    const list = this.cursor.nest(() => this.#readArray(at));
    return list.kind === "list" ? list.items : [list];
  }

  #readArray(at: number): ShellNode {
    const items = this.#inParentheses(() => {
      this.cursor.skipSpace();
      if (this.cursor.next === ")") return [];
      const [only, ...others] = this.readPipeline().elements;
      if (only?.kind === "expression" && others.length === 0) {
        return only.node.kind === "list" ? only.node.items : [only.node];
      }
      const elements = only === undefined ? [] : [only, ...others];
      return [{ kind: "pipeline", pipeline: { elements }, at } as const];
    });
    this.#close(")", at);
    return { kind: "list", items, at };
  }

  #readHash(at: number): ShellNode {
    const { openCount } = this.cursor;
    this.cursor.openCount = 0;
    const entries: { name: string; value: ShellNode }[] = [];
    for (;;) {
      while (this.cursor.take(/[\s;]+/y) !== undefined);
      if (this.cursor.isAtEnd) throw this.cursor.incomplete("the @{ here has no end", at);
      if (this.cursor.takeText("}")) break;
      const nameAt = this.cursor.at;
      const name = this.#readHashName();
      if (entries.some((entry) => entry.name.toLowerCase() === name.toLowerCase())) {
        throw this.cursor.stop(`${name} is there twice`, nameAt);
      }
      entries.push({ name, value: this.readExpression() });
      this.cursor.skipSpace();
      if (!this.cursor.isAtEnd && !/[\n;}]/.test(this.cursor.next)) {
        throw this.cursor.stop(`after the value of ${name} comes ; or }`);
      }
    }
    this.cursor.openCount = openCount;
    return { kind: "hash", entries, at };
  }

  #readHashName(): string {
    const { at } = this.cursor;
    const name =
      this.cursor.next === "'"
        ? readSingleQuoted(this.cursor)
        : (this.cursor.take(/"([^"`$\n]*)"/y)?.[1] ?? this.cursor.take(/[\w-]{1,64}/y)?.[0]);
    this.cursor.skipSpace();
    if (name === undefined || name === "" || !this.cursor.takeText("=")) {
      if (this.cursor.isAtEnd) throw this.cursor.incomplete("the @{ here has no end", at);
      throw this.cursor.stop("write @{Name='value'; Other='a','b'}", at);
    }
    return name;
  }

  #readBlock(at: number): ShellNode {
    const { cursor } = this;
    const end = findBlockEnd(cursor.text, at);
    if (end === undefined) throw cursor.incomplete("the { here has no end", at);
    cursor.at = end;
    const inner = new TextCursor(cursor.text.slice(0, end - 1), {
      at: at + 1,
      depth: cursor.depth,
    });
    const text = cursor.text.slice(at, end);
    try {
      return { kind: "block", script: this.readBlockScript(inner), text, at };
    } catch (error) {
      // A filter in braces is read by the server; only who runs the block needs its script.
      if (!(error instanceof SyntaxStop)) throw error;
      return { kind: "block", script: { ...error.fault, isIncomplete: false }, text, at };
    }
  }

  #inParentheses<Value>(read: () => Value): Value {
    this.cursor.openCount += 1;
    const value = read();
    this.cursor.skipSpace();
    this.cursor.openCount -= 1;
    return value;
  }

  #close(bracket: ")" | "]", openAt: number): void {
    this.cursor.skipSpace();
    if (this.cursor.takeText(bracket)) return;
    const open = bracket === ")" ? "(" : "[";
    if (this.cursor.isAtEnd) throw this.cursor.incomplete(`the ${open} here is not closed`, openAt);
    throw this.cursor.stop(`${show(this.cursor.next)} cannot stand here; ${bracket} is expected`);
  }
}

function show(character: string): string {
  return character === "\n" ? "the end of the line" : JSON.stringify(character);
}
