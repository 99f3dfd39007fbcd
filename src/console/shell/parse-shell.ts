import { fault, ok, type Result } from "../../base/result.ts";
import { KiB } from "../../base/units.ts";
import { ExpressionParser } from "./parse-expression.ts";
import { joinParts } from "./parse-text.ts";
import type {
  CommandWord,
  PipeElement,
  Pipeline,
  Script,
  ShellCommand,
  ShellNode,
  Statement,
  SyntaxFault,
} from "./shell-syntax.ts";
import { SyntaxStop, TextCursor } from "./text-cursor.ts";

/** Characters of a line or of a whole script. */
const TEXT_CHARACTERS_MAX = 256 * KiB;

/**
 * Reads what was typed at the prompt or stands in a file: pipelines, assignments, expressions,
 * quotes and comments as PowerShell has them. Total: whatever is wrong is the fault.
 */
export function parseShell(text: string): Result<Script, SyntaxFault> {
  if (text.length > TEXT_CHARACTERS_MAX) {
    const problem = `there are more than ${TEXT_CHARACTERS_MAX} characters`;
    return fault({ problem, at: TEXT_CHARACTERS_MAX, isIncomplete: false });
  }
  try {
    const cursor = new TextCursor(text, { at: 0, depth: 0 });
    return ok(new ScriptParser(cursor).readScript());
  } catch (error) {
    if (error instanceof SyntaxStop) return fault(error.fault);
    throw error;
  }
}

const EXPRESSION_START = /[$'"@([]|![^\s]?|-?\d|-not(?![\w-])/iy;
const TARGET = /\$(\w{1,64})[^\S\n]*=(?!=)/y;
const COMMAND_NAME = /[^\s|;,(){}'"`$@<>&[\]]+/y;
const PARAMETER = /--?([A-Za-z][\w-]*)(?=[\s|;:(){}]|$)/y;
const WORD_END = /[|;)}\n]/y;

class ScriptParser extends ExpressionParser {
  readScript(): Script {
    const statements: Statement[] = [];
    for (;;) {
      while (this.cursor.take(/[\s;]+|`\r?\n|#[^\n]*/y) !== undefined);
      if (this.cursor.isAtEnd) return { statements };
      statements.push(this.#readStatement());
      this.cursor.skipSpace();
      if (!this.cursor.isAtEnd && !/[\n;]/.test(this.cursor.next)) throw this.#unexpected();
    }
  }

  protected override readBlockScript(cursor: TextCursor): Script {
    return new ScriptParser(cursor).readScript();
  }

  #readStatement(): Statement {
    const { at } = this.cursor;
    const target = this.cursor.take(TARGET)?.[1];
    if (target !== undefined && /^(?:true|false|null|_)$/i.test(target)) {
      throw this.cursor.stop(`$${target} is no variable that could be set`, at);
    }
    return { target, pipeline: this.readPipeline(), at };
  }

  protected override readPipeline(): Pipeline {
    const elements: PipeElement[] = [];
    for (;;) {
      elements.push(this.#readElement(elements.length === 0));
      this.cursor.skipSpace();
      const { at } = this.cursor;
      if (this.cursor.sees(/\|\|/y)) throw this.cursor.stop("there is no ||; use ;", at);
      if (!this.cursor.takeText("|")) return { elements };
      this.cursor.skipLines();
      if (this.cursor.isAtEnd) throw this.cursor.incomplete("a cmdlet is missing after |", at);
    }
  }

  #readElement(isFirst: boolean): PipeElement {
    this.cursor.skipSpace();
    const { at } = this.cursor;
    if (this.cursor.isAtEnd) throw this.cursor.incomplete("a cmdlet is missing at the end", at);
    if (this.cursor.sees(EXPRESSION_START)) {
      if (!isFirst) throw this.cursor.stop("a cmdlet must stand here; values can only be first");
      return { kind: "expression", node: this.readExpression(), at };
    }
    const name = this.cursor.take(COMMAND_NAME)?.[0];
    if (name === undefined) throw this.#unexpected();
    return this.#readCommand(name, at);
  }

  #readCommand(name: string, at: number): ShellCommand {
    const words: CommandWord[] = [];
    for (;;) {
      this.cursor.skipSpace();
      if (this.cursor.isAtEnd || this.cursor.sees(WORD_END)) {
        return { kind: "command", name, at, words };
      }
      words.push(this.#readWord());
    }
  }

  #readWord(): CommandWord {
    const { at } = this.cursor;
    const name = this.cursor.take(PARAMETER)?.[1];
    if (name === undefined) return { kind: "value", node: this.#readValue(), at };
    if (!this.cursor.takeText(":")) return { kind: "name", name, value: undefined, at };
    this.cursor.skipSpace();
    const isAlone = this.cursor.isAtEnd || this.cursor.sees(WORD_END);
    return { kind: "name", name, value: isAlone ? emptyText(at) : this.#readValue(), at };
  }

  /** A value, or several with commas. */
  #readValue(): ShellNode {
    const first = this.#readArgument();
    const items = [first];
    for (;;) {
      const { at } = this.cursor;
      this.cursor.skipSpace();
      if (!this.cursor.takeText(",")) {
        this.cursor.at = at;
        return items.length === 1 ? first : { kind: "list", items, at: first.at };
      }
      this.cursor.skipLines();
      if (this.cursor.isAtEnd) throw this.cursor.incomplete("a value is missing after ,", at);
      items.push(this.#readArgument());
    }
  }

  #readArgument(): ShellNode {
    const { cursor } = this;
    const { at } = cursor;
    // A Message-ID in its brackets is only a word.
    if (cursor.sees(/(?:\d|\*)?>|<(?![^\s|;<>]*>)|&/y)) {
      const cure = cursor.sees(/\d?>/y)
        ? "pipe into Out-File, or put it in quotes"
        : "put it in quotes";
      throw cursor.stop(`${cursor.next} has no meaning here; ${cure}`);
    }
    const nested = this.readQuotedOrNested();
    const value = nested === undefined ? undefined : this.readPostfix(nested);
    if (value !== undefined) {
      const isWhole = cursor.isAtEnd || cursor.sees(/[\s|;,(){}]/y);
      return isWhole ? value : joinParts(this.readBareParts([partOf(value)]), at);
    }
    const start = cursor.at;
    const parts = this.readBareParts([]);
    const text = cursor.text.slice(start, cursor.at);
    if (text === "") throw this.#unexpected();
    if (parts.length === 1 && parts[0] === text) return { kind: "bare", text, at };
    return joinParts(parts, at);
  }

  #unexpected(): SyntaxStop {
    const { next } = this.cursor;
    const what = next === "\n" ? "the end of the line" : JSON.stringify(next);
    return this.cursor.stop(`${what} cannot stand here`);
  }
}

function emptyText(at: number): ShellNode {
  return { kind: "bare", text: "", at };
}

function partOf(node: ShellNode): string | ShellNode {
  return node.kind === "literal" && typeof node.value === "string" ? node.value : node;
}
