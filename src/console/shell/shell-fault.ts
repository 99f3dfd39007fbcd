import { EXIT, type ExitCode } from "../exit-code.ts";
import { safeText } from "../safe-text.ts";

/** A line could not be run, or ended early; the message says why and what to do. */
export class ShellFault extends Error {
  override readonly name = "ShellFault";
  /** Place in what was typed, from 0. */
  readonly at: number | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, where: { readonly at?: number; readonly exitCode?: ExitCode } = {}) {
    super(message);
    this.at = where.at;
    this.exitCode = where.exitCode ?? EXIT.misuse;
  }
}

/** The line has ended, and whoever ended it has said why. */
export class ShellStop extends Error {
  override readonly name = "ShellStop";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super("the line has ended");
    this.exitCode = exitCode;
  }
}

/** `exit` was typed. */
export class ShellExit extends Error {
  override readonly name = "ShellExit";
  /** `undefined`: that of the last failure. */
  readonly code: number | undefined;

  constructor(code: number | undefined) {
    super("exit");
    this.code = code;
  }
}

/** Columns of a line that is shown with a mark under it. */
const SHOWN_WIDTH = 100;

/** The line of the text with a mark under the place, `at` from 0. */
export function markPlace(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const lineEnd = text.indexOf("\n", at);
  const line = text.slice(start, lineEnd === -1 ? text.length : lineEnd);
  // Of a long line the part around the place.
  const from = Math.max(0, at - start - SHOWN_WIDTH / 2);
  const before = safeText(line.slice(from, at - start));
  const behind = safeText(line.slice(at - start, from + SHOWN_WIDTH));
  return `  ${before}${behind}\n  ${" ".repeat(before.length)}^\n`;
}
