import { fault, ok, type Result } from "../base/result.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { cutFilter, type FilterFault, type FilterToken } from "./filter-token.ts";

/** The operators that compare, as PowerShell and Exchange have them (reference §5.6). */
export const FILTER_OPERATORS = ["eq", "ne", "gt", "ge", "lt", "le", "like", "notlike"] as const;

/** A name out of FILTER_OPERATORS. */
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** A value as it was written; what it means depends on the property. */
export interface FilterOperand {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly at: number;
}

/** A filter as it was written, before anybody knows the properties. */
export type FilterSyntax =
  | { readonly kind: "and" | "or"; readonly terms: readonly FilterSyntax[] }
  | { readonly kind: "not"; readonly term: FilterSyntax }
  | {
      readonly kind: "compare";
      readonly property: string;
      readonly at: number;
      readonly operator: FilterOperator;
      readonly operatorAt: number;
      readonly operand: FilterOperand;
    };

/** Parentheses and -not within one another. */
const DEPTH_MAX = 40;
/** `-ieq` and the like: PowerShell's long form of what we do anyway, compare without case. */
const INSENSITIVE = /^i(?=eq$|ne$|gt$|ge$|lt$|le$|like$|notlike$)/;

/**
 * Reads `Status -eq 'Retry' -and (MessageCount -gt 10 -or -not LastError -eq $null)`. -not binds
 * tighter than -and, -and tighter than -or. Total: whatever is wrong is the fault.
 */
export function parseFilterSyntax(text: string): Result<FilterSyntax, FilterFault> {
  const cut = cutFilter(text);
  if (!cut.ok) return cut;
  if (cut.value.length === 0) {
    return fault({ problem: "it is empty; write for example Status -eq 'Retry'", at: 0 });
  }
  const parser = new Parser(cut.value, text.length);
  return parser.read();
}

/** Leaves the parser from any depth; never leaves this file. */
class Stop extends Error {
  readonly fault: FilterFault;
  constructor(problem: string, at: number) {
    super(problem);
    this.fault = { problem, at };
  }
}

class Parser {
  readonly #tokens: readonly FilterToken[];
  readonly #endAt: number;
  #next = 0;

  constructor(tokens: readonly FilterToken[], endAt: number) {
    this.#tokens = tokens;
    this.#endAt = endAt;
  }

  read(): Result<FilterSyntax, FilterFault> {
    try {
      const syntax = this.#readJoined("or", 0);
      const rest = this.#peek();
      if (rest !== undefined) throw this.#unexpected(rest);
      return ok(syntax);
    } catch (error) {
      if (error instanceof Stop) return fault(error.fault);
      throw error;
    }
  }

  #peek(): FilterToken | undefined {
    return this.#tokens[this.#next];
  }

  /** Takes the next token when it is of that kind and, if told, of that text. */
  #take(kind: FilterToken["kind"], text?: string): FilterToken | undefined {
    const token = this.#peek();
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined;
    this.#next += 1;
    return token;
  }

  #readJoined(kind: "and" | "or", depth: number): FilterSyntax {
    const readTerm = () => (kind === "or" ? this.#readJoined("and", depth) : this.#readTerm(depth));
    const first = readTerm();
    const terms = [first];
    while (this.#take("operator", kind) !== undefined) terms.push(readTerm());
    return terms.length === 1 ? first : { kind, terms };
  }

  #readTerm(depth: number): FilterSyntax {
    const at = this.#peek()?.at ?? this.#endAt;
    if (depth > DEPTH_MAX) throw new Stop(`it goes deeper than ${DEPTH_MAX} levels`, at);
    if (this.#take("not") !== undefined) {
      return { kind: "not", term: this.#readTerm(depth + 1) };
    }
    const open = this.#take("open");
    if (open === undefined) return this.#readComparison();
    const inside = this.#readJoined("or", depth + 1);
    if (this.#take("close") !== undefined) return inside;
    const rest = this.#peek();
    throw rest === undefined
      ? new Stop("the parenthesis here is not closed", open.at)
      : this.#unexpected(rest);
  }

  #readComparison(): FilterSyntax {
    const property = this.#take("word");
    if (property === undefined) {
      const found = this.#peek();
      const hint = "the name of a property is missing";
      throw new Stop(
        found === undefined ? `${hint} at its end` : `${hint} before ${show(found)}`,
        found?.at ?? this.#endAt,
      );
    }
    const { operator, at } = this.#readOperator(property);
    return {
      kind: "compare",
      property: property.text,
      at: property.at,
      operator,
      operatorAt: at,
      operand: this.#readOperand(operator),
    };
  }

  #readOperator(property: FilterToken): {
    readonly operator: FilterOperator;
    readonly at: number;
  } {
    const token = this.#take("operator");
    if (token === undefined) {
      const choice = FILTER_OPERATORS.map((operator) => `-${operator}`).join(", ");
      const at = this.#peek()?.at ?? this.#endAt;
      throw new Stop(`after ${property.text} comes an operator: ${choice}`, at);
    }
    const name = token.text.replace(INSENSITIVE, "");
    const operator = FILTER_OPERATORS.find((known) => known === name);
    if (operator !== undefined) return { operator, at: token.at };
    const hint = formatSuggestion(name, FILTER_OPERATORS).replace('"', '"-');
    throw new Stop(`there is no operator -${token.text}${hint}`, token.at);
  }

  #readOperand(operator: FilterOperator): FilterOperand {
    const quoted = this.#take("quoted");
    if (quoted !== undefined) return { text: quoted.text, isQuoted: true, at: quoted.at };
    const word = this.#take("word");
    if (word === undefined) {
      const at = this.#peek()?.at ?? this.#endAt;
      const hint = "within double quotes a shell takes $null and $true away: use single quotes";
      throw new Stop(`the value after -${operator} is missing (${hint})`, at);
    }
    let text = word.text;
    // A date with its time, without quotes: 11/21/2026 8:00 AM
    if (/^\d{1,4}[/-]\d{1,2}[/-]\d{1,4}$/.test(text)) {
      text += this.#takeIfLike(/^\d{1,2}:\d\d/);
      text += this.#takeIfLike(/^[ap]m$/i);
    }
    return { text, isQuoted: false, at: word.at };
  }

  #takeIfLike(pattern: RegExp): string {
    const token = this.#peek();
    if (token?.kind !== "word" || !pattern.test(token.text)) return "";
    this.#next += 1;
    return ` ${token.text}`;
  }

  #unexpected(token: FilterToken): Stop {
    const hint =
      token.kind === "close" ? "it closes nothing" : "comparisons are joined with -and or -or";
    const quotes = token.kind === "word" ? ", and a value with spaces needs quotes" : "";
    return new Stop(`${show(token)} is not expected here; ${hint}${quotes}`, token.at);
  }
}

function show({ kind, text }: FilterToken): string {
  return kind === "operator" ? `-${text}` : JSON.stringify(text);
}
