import { decodeEncodedWords } from "../mail/encoded-word.ts";
import { decodeText } from "./charset.ts";

/** The value of Content-Type or Content-Disposition: a word and parameters. */
export interface StructuredField {
  /** `type/subtype` or the disposition, in lower case; `""` when it cannot be read. */
  readonly value: string;
  /** By name in lower case, decoded (RFC 2231, and RFC 2047 as many senders write it). */
  readonly parameters: ReadonlyMap<string, string>;
  /** A parameter comes twice: readers differ over which one holds. */
  readonly isAmbiguous: boolean;
}

/** More parameters than any sender writes; further ones are passed over. */
const PARAMETERS_MAX = 200;
/** Words of a value end here (RFC 2045 §5.1), white space besides. */
const ENDS_WORD = /[\s;,"(=]/;

interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** Reads the field as tolerantly as mail readers do. Total, linear in time. */
export function parseStructuredField(text: string): StructuredField {
  const reader = new FieldReader(text);
  let value = reader.word();
  reader.skip();
  // "text / plain" is read by some.
  if (!value.includes("/") && reader.takeSlash()) value = `${value}/${reader.word()}`;
  const parameters: Parameter[] = [];
  while (!reader.isDone && parameters.length < PARAMETERS_MAX) {
    const parameter = reader.parameter();
    if (parameter !== undefined) parameters.push(parameter);
  }
  return { value: value.toLowerCase(), ...joinParameters(parameters) };
}

class FieldReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isDone(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Passes white space and comments (RFC 5322 §3.2.2). */
  skip(): void {
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] ?? "";
      if (character === "(") depth += 1;
      else if (depth > 0) {
        if (character === "\\") this.#at += 1;
        else if (character === ")") depth -= 1;
      } else if (!/\s/.test(character)) return;
    }
  }

  word(): string {
    this.skip();
    const from = this.#at;
    while (!this.isDone && !ENDS_WORD.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  takeSlash(): boolean {
    if (this.#text[this.#at] !== "/") return false;
    this.#at += 1;
    return true;
  }

  /** The next `name=value`; `undefined` when something else stood there, which is passed over. */
  parameter(): Parameter | undefined {
    this.skip();
    const name = this.word().toLowerCase();
    this.skip();
    if (name === "" || this.#text[this.#at] !== "=") {
      this.#at += name === "" || this.#text[this.#at] === ";" ? 1 : 0;
      return undefined;
    }
    this.#at += 1;
    this.skip();
    const value = this.#text[this.#at] === '"' ? this.#quoted() : this.#bare();
    return { name, value };
  }

  #quoted(): string {
    const pieces: string[] = [];
    this.#at += 1;
    let from = this.#at;
    for (; !this.isDone && this.#text[this.#at] !== '"'; this.#at += 1) {
      if (this.#text[this.#at] !== "\\") continue;
      pieces.push(this.#text.slice(from, this.#at));
      this.#at += 1;
      from = this.#at;
    }
    pieces.push(this.#text.slice(from, this.#at));
    this.#at += 1;
    return pieces.join("");
  }

  /** Up to `;`: file names with spaces and without quotes are common. */
  #bare(): string {
    const end = this.#text.indexOf(";", this.#at);
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#at = end === -1 ? this.#text.length : end;
    const comment = text.search(/\s\(/);
    return (comment === -1 ? text : text.slice(0, comment)).trim();
  }
}

/** Parameters that senders write encoded words into, against RFC 2047 §5. */
const NAMES: ReadonlySet<string> = new Set(["name", "filename"]);
/** `name`, `name*`, `name*0`, `name*0*`: RFC 2231 §3, §4. */
const SECTION = /^([^*]+)(?:\*(\d{1,4}))?(\*)?$/;

interface Piece {
  readonly index: number;
  readonly isEncoded: boolean;
  readonly text: string;
}

function joinParameters(
  parameters: readonly Parameter[],
): Pick<StructuredField, "parameters" | "isAmbiguous"> {
  const joined = new Map<string, string>();
  const pieces = new Map<string, Piece[]>();
  let isAmbiguous = false;
  for (const { name, value } of parameters) {
    const match = SECTION.exec(name);
    const base = match?.[1] ?? name;
    if (match === null || base === name) {
      if (joined.has(name) && joined.get(name) !== value) isAmbiguous = true;
      else joined.set(name, NAMES.has(name) ? decodeEncodedWords(value) : value);
      continue;
    }
    const piece = { index: Number(match[2] ?? 0), isEncoded: match[3] === "*", text: value };
    const known = pieces.get(base);
    if (known === undefined) pieces.set(base, [piece]);
    else if (known.some(({ index }) => index === piece.index)) isAmbiguous = true;
    else known.push(piece);
  }
  // The extended form wins over the plain one, which is there for readers that don't know it.
  for (const [base, list] of pieces) joined.set(base, joinPieces(list));
  return { parameters: joined, isAmbiguous };
}

/** RFC 2231 §4.1: the charset stands in the first piece and holds for all encoded ones. */
function joinPieces(list: readonly Piece[]): string {
  const ordered = [...list].sort((one, other) => one.index - other.index);
  const first = /^([^']*)'[^']*'/.exec(ordered[0]?.isEncoded === true ? ordered[0].text : "");
  const bytes = ordered.map(({ isEncoded, text }, index) => {
    const rest = index === 0 && first !== null ? text.slice(first[0].length) : text;
    return isEncoded ? decodePercents(rest) : Buffer.from(rest);
  });
  return decodeText(Buffer.concat(bytes), first?.[1] ?? undefined).text;
}

function decodePercents(text: string): Buffer {
  const binary = Buffer.from(text)
    .toString("latin1")
    .replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(binary, "latin1");
}
