import { fault, ok, type Result } from "../base/result.ts";

/** A word of a command line. */
export interface Argument {
  readonly text: string;
  /** It stood in quotes in the shell: it is a value, and its text means nothing but itself. */
  readonly isLiteral: boolean;
  /** What it is, where the shell has made it out already: a list, a variable's value. */
  readonly value?: ArgumentValue;
}

/** A value as it goes to the server. */
export type ArgumentValue =
  | string
  | boolean
  | null
  | readonly ArgumentValue[]
  | { readonly [name: string]: ArgumentValue };

/** Values in one list, and names in one hash literal. */
const ITEMS_MAX = 10_000;

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["$true", true],
  ["$false", false],
  ["$null", null],
]);

/**
 * Reads a value as PowerShell would: `$true`, `$false`, `$null`, lists `a,'b,c'` and `@(a,b)` where
 * the parameter is a list, and `@{Add='x','y'; Remove='z'}`. All else is its text. The fault is
 * the end of a sentence that begins with the parameter.
 */
export function readArgumentValue(
  { text, isLiteral, value }: Argument,
  { isList }: { readonly isList: boolean },
): Result<ArgumentValue, string> {
  if (value !== undefined) return ok(value);
  if (isLiteral) return ok(text);
  const word = readWord(text);
  if (word !== undefined) return ok(word);
  if (text.startsWith("@{")) return readHash(text);
  if (!isList) return ok(text);
  const array = /^@\(([\s\S]*)\)$/.exec(text);
  const items = readItems(array?.[1] ?? text);
  if (!items.ok) return items;
  if (array !== null) return items;
  return ok(items.value.length === 1 ? (items.value[0] ?? text) : items.value);
}

/** `undefined`: none of PowerShell's constants. */
function readWord(text: string): boolean | null | undefined {
  return WORDS.get(text.toLowerCase());
}

function readItems(text: string): Result<readonly ArgumentValue[], string> {
  if (text.trim() === "") return ok([]);
  const parts = splitOutsideQuotes(text, ",");
  if (!parts.ok) return parts;
  return ok(parts.value.map((part) => readItem(part.trim())));
}

function readItem(text: string): ArgumentValue {
  const quoted = unquote(text);
  if (quoted !== undefined) return quoted;
  return readWord(text) ?? text;
}

/** What is in the quotes, when they are around the whole and doubled inside. */
function unquote(text: string): string | undefined {
  const match = /^'((?:[^']|'')*)'$|^"((?:[^"]|"")*)"$/.exec(text);
  if (match === null) return undefined;
  const [, single, double = ""] = match;
  return single?.replaceAll("''", "'") ?? double.replaceAll('""', '"');
}

function readHash(text: string): Result<ArgumentValue, string> {
  const form = "write @{Add='a','b'; Remove='c'}";
  if (!text.endsWith("}")) return fault(`has no } at its end; ${form}`);
  const parts = splitOutsideQuotes(text.slice(2, -1).replaceAll("\n", ";"), ";");
  if (!parts.ok) return parts;
  const entries = new Map<string, ArgumentValue>();
  for (const part of parts.value.map((one) => one.trim())) {
    if (part === "") continue;
    const match = /^(?:([\w-]{1,64})|'([^']{1,64})'|"([^"]{1,64})")\s*=\s*([\s\S]+)$/.exec(part);
    if (match === null) return fault(`has ${JSON.stringify(part)} without name or value; ${form}`);
    const [, bare, single, double = "", written = ""] = match;
    const name = bare ?? single ?? double;
    if (entries.has(name)) return fault(`names ${name} twice`);
    const value = readArgumentValue({ text: written, isLiteral: false }, { isList: true });
    if (!value.ok) return value;
    entries.set(name, value.value);
  }
  return ok(Object.fromEntries(entries));
}

/** Cuts at a separator that is in no quotes. A quote in the middle of a word is only a quote. */
function splitOutsideQuotes(text: string, separator: string): Result<readonly string[], string> {
  const parts: string[] = [];
  let quote = "";
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (/['"]/.test(character) && opensQuote(text, at)) {
      quote = character;
    } else if (character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
      if (parts.length === ITEMS_MAX) return fault(`has more than ${ITEMS_MAX} values`);
    }
  }
  if (quote !== "") return fault(`has a ${quote} without its end`);
  return ok([...parts, text.slice(start)]);
}

/** Whether a quote begins a value: O'Brien has none. */
function opensQuote(text: string, at: number): boolean {
  return at === 0 || /[\s,;=('"]/.test(text.charAt(at - 1));
}
