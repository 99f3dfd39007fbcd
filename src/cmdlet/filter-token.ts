import { fault, ok, type Result } from "../base/result.ts";

/** What is wrong with a filter, and where in its text, from 0. */
export interface FilterFault {
  readonly problem: string;
  readonly at: number;
}

/** A word of a filter. `text` is without quotes; operators are lower case, without their dash. */
export interface FilterToken {
  readonly kind: "word" | "quoted" | "operator" | "open" | "close" | "not";
  readonly text: string;
  readonly at: number;
}

/** Characters of a filter. */
export const FILTER_CHARACTERS_MAX = 4000;
/** Of a filter that is written well; more are refused. */
const TOKENS_MAX = 1000;

/** `Get-Date`, bare or in parentheses, with what is added to it: one word. */
const DATE_EXPRESSION = new RegExp(
  "(?:\\(\\s*Get-Date\\s*\\)|Get-Date\\b)" +
    "(?:\\s{0,9}\\.\\s{0,9}Add[A-Za-z]{1,12}\\(\\s{0,9}-?[\\d.]{1,12}\\s{0,9}\\)){0,5}",
  "iy",
);
const SPACE = /\s+/y;
const OPERATOR = /-([A-Za-z]+)(?=$|[\s()'"!])/y;
const WORD = /[^\s()'"]+/y;
const QUOTED: Readonly<Record<string, RegExp>> = {
  "'": /'((?:[^']|'')*)'/y,
  '"': /"((?:[^"]|"")*)"/y,
};

/** Cuts the text of a filter into words. PowerShell's braces around the whole are taken off. */
export function cutFilter(text: string): Result<readonly FilterToken[], FilterFault> {
  if (text.length > FILTER_CHARACTERS_MAX) {
    const problem = `a filter has at most ${FILTER_CHARACTERS_MAX} characters`;
    return fault({ problem, at: FILTER_CHARACTERS_MAX });
  }
  const hasBraces = /^\s*\{/.test(text) && /\}\s*$/.test(text);
  // What is inside keeps its places, so that faults point into what the caller wrote.
  const inner = !hasBraces ? text : text.replace("{", " ").replace(/\}\s*$/, "");
  const tokens: FilterToken[] = [];
  let at = skipSpace(inner, 0);
  while (at < inner.length) {
    if (tokens.length === TOKENS_MAX) {
      return fault({ problem: `a filter has at most ${TOKENS_MAX} words`, at });
    }
    const cut = cutToken(inner, at);
    if (!cut.ok) return cut;
    tokens.push(cut.value.token);
    at = skipSpace(inner, cut.value.end);
  }
  return ok(tokens);
}

function skipSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

interface Cut {
  readonly token: FilterToken;
  readonly end: number;
}

function cutToken(text: string, at: number): Result<Cut, FilterFault> {
  const cut = (kind: FilterToken["kind"], word: string, length: number) =>
    ok({ token: { kind, text: word, at }, end: at + length });
  const date = matchAt(DATE_EXPRESSION, text, at);
  if (date !== null) return cut("word", date[0], date[0].length);
  const first = text.charAt(at);
  if (first === "(") return cut("open", first, 1);
  if (first === ")") return cut("close", first, 1);
  if (first === "!") return cut("not", first, 1);
  const pattern = QUOTED[first];
  if (pattern !== undefined) {
    const match = matchAt(pattern, text, at);
    if (match === null) return fault({ problem: `the ${first} here has no end`, at });
    const [whole, inside = ""] = match;
    return cut("quoted", inside.replaceAll(first + first, first), whole.length);
  }
  const operator = matchAt(OPERATOR, text, at);
  if (operator !== null) {
    const name = (operator[1] ?? "").toLowerCase();
    return cut(name === "not" ? "not" : "operator", name, operator[0].length);
  }
  const word = matchAt(WORD, text, at)?.[0] ?? first;
  return cut("word", word, word.length);
}
