import type { SyntaxFault } from "./shell-syntax.ts";

/** Leaves a parser from any depth; never leaves `parseShell`. */
export class SyntaxStop extends Error {
  readonly fault: SyntaxFault;

  constructor(fault: SyntaxFault) {
    super(fault.problem);
    this.fault = fault;
  }
}

/** Brackets, blocks and subexpressions within one another. */
const DEPTH_MAX = 40;

/** A place in the text that is read. */
export class TextCursor {
  readonly text: string;
  at: number;
  /** Line ends are spaces while it is above 0: in parentheses. */
  openCount = 0;
  #depth: number;

  /** Reads from `at` to the end of the text, at so many levels already. */
  constructor(text: string, { at, depth }: { readonly at: number; readonly depth: number }) {
    this.text = text;
    this.at = at;
    this.#depth = depth;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, or "" at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  get depth(): number {
    return this.#depth;
  }

  /** Takes what a sticky pattern finds here. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match;
  }

  /** Whether a sticky pattern finds something here. */
  sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  /** Takes this text if it is here. */
  takeText(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Over spaces, comments and lines that a backtick joins; line ends only in parentheses. */
  skipSpace(): void {
    while (this.take(this.openCount > 0 ? SPACE_AND_LINES : SPACE) !== undefined);
  }

  /** Over line ends too. */
  skipLines(): void {
    while (this.take(SPACE_AND_LINES) !== undefined);
  }

  /** Reads something one level deeper. */
  nest<Value>(read: () => Value): Value {
    if (this.#depth === DEPTH_MAX) throw this.stop(`it goes deeper than ${DEPTH_MAX} levels`);
    this.#depth += 1;
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
  }

  /** What is wrong here, or at another place. */
  stop(problem: string, at: number = this.at): SyntaxStop {
    return new SyntaxStop({ problem, at, isIncomplete: false });
  }

  /** What was opened there has no end yet. */
  incomplete(problem: string, at: number): SyntaxStop {
    return new SyntaxStop({ problem, at, isIncomplete: true });
  }
}

const SPACE = /[^\S\n]+|`\r?\n|#[^\n]*/y;
const SPACE_AND_LINES = /\s+|`\r?\n|#[^\n]*/y;
