import { fault, ok, type Result } from "../base/result.ts";
import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import { namesProperties } from "../cmdlet/filter-type.ts";
import type { ParameterTable } from "../cmdlet/parameter.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { type Argument, type ArgumentValue, readArgumentValue } from "./argument-value.ts";
import { RUN_PARAMETERS, type RunOptions, readRunOptions } from "./run-parameters.ts";

/** Of a cmdlet, what its command line depends on. */
export type Bindable = Pick<Cmdlet<never>, "name" | "parameters">;

/** A command line that was understood. Values are as written; the server reads them. */
export interface BoundCall {
  /** By name as the table has it. */
  readonly parameters: Readonly<Record<string, ArgumentValue>>;
  readonly options: RunOptions;
  /** Secrets given as `-` or without a value: to be asked for, or read from standard input. */
  readonly secretsToRead: readonly string[];
}

/** A parameter of the cmdlet or one that all have. */
interface Slot {
  readonly name: string;
  readonly isSwitch: boolean;
  readonly isList: boolean;
  readonly isSecret: boolean;
  readonly beginsWithDash: boolean;
}

/**
 * Binds the words behind a cmdlet's name as PowerShell does: `-Name value`, `-Name:value`, names
 * in any case and short as long as one parameter begins so, values by place, switches. The fault
 * is a sentence that says what to write.
 */
export function bindArguments(
  cmdlet: Bindable,
  words: readonly Argument[],
): Result<BoundCall, string> {
  return new Binder(cmdlet, words).bind();
}

/** The words of a process, which know of no quotes. */
export function processArguments(words: readonly string[]): readonly Argument[] {
  return words.map((text) => ({ text, isLiteral: false }));
}

class Binder {
  readonly #cmdlet: Bindable;
  readonly #words: readonly Argument[];
  readonly #slots: readonly Slot[];
  readonly #common = new Map<string, ArgumentValue>();
  readonly #own = new Map<string, ArgumentValue>();
  readonly #secretsToRead: string[] = [];
  readonly #positional: Argument[] = [];
  #next = 0;

  constructor(cmdlet: Bindable, words: readonly Argument[]) {
    this.#cmdlet = cmdlet;
    this.#words = words;
    const own = ownSlots(cmdlet.parameters);
    const common = commonSlots().filter(
      ({ name }) => !own.some((slot) => slot.name.toLowerCase() === name.toLowerCase()),
    );
    this.#slots = [...own, ...common];
  }

  bind(): Result<BoundCall, string> {
    while (this.#next < this.#words.length) {
      const problem = this.#bindNext();
      if (problem !== undefined) return fault(problem);
    }
    const problem = this.#bindPositional();
    if (problem !== undefined) return fault(problem);
    const options = readRunOptions(this.#common);
    if (!options.ok) return options;
    return ok({
      parameters: Object.fromEntries(this.#own),
      options: options.value,
      secretsToRead: this.#secretsToRead,
    });
  }

  #bindNext(): string | undefined {
    const word = this.#words[this.#next];
    this.#next += 1;
    if (word === undefined) return undefined;
    if (/^(?:-\?|\/\?|--help)$/.test(word.text)) return void this.#common.set("Help", true);
    const match = nameIn(word);
    if (match === undefined) {
      const joined = this.#joinList(word, true);
      return void this.#positional.push(joined);
    }
    const slot = this.#findSlot(match.name);
    if (typeof slot === "string") return slot;
    if (this.#isGiven(slot)) return `-${slot.name} is given twice`;
    const value = this.#takeValue(slot, match.value);
    if (typeof value === "string") return value;
    return this.#set(slot, value);
  }

  /** The one parameter that a name or its beginning means, or what is wrong with it. */
  #findSlot(name: string): Slot | string {
    const folded = name.toLowerCase();
    const exact = this.#slots.find((slot) => slot.name.toLowerCase() === folded);
    if (exact !== undefined) return exact;
    const begun = this.#slots.filter((slot) => slot.name.toLowerCase().startsWith(folded));
    const [only, ...others] = begun;
    if (only !== undefined && others.length === 0) return only;
    if (only !== undefined) {
      const names = begun.map((slot) => `-${slot.name}`);
      return `-${name} is ambiguous; it could be ${names.join(", ")}`;
    }
    const known = this.#slots.map((slot) => slot.name);
    return `${this.#cmdlet.name} has no parameter -${name}${formatSuggestion(name, known)}`;
  }

  /** The value, `undefined` for a secret that is to be read, or a problem. */
  #takeValue(slot: Slot, inline: string | undefined): Argument | undefined | string {
    const next = this.#words[this.#next];
    if (inline !== undefined && inline !== "") return { text: inline, isLiteral: false };
    const isConstant = next !== undefined && /^\$(?:true|false)$/i.test(next.text);
    if (slot.isSwitch && inline === "" && !isConstant) return emptySwitch(slot);
    if (slot.isSwitch && !(isConstant && !next.isLiteral)) return TRUE;
    if (slot.isSecret && (next === undefined || next.text === "-" || this.#looksLikeName(next))) {
      if (next?.text === "-") this.#next += 1;
      return undefined;
    }
    if (next === undefined) return `the value after -${slot.name} is missing; ${SHELL_HINT}`;
    if (this.#looksLikeName(next) && !slot.beginsWithDash) {
      return (
        `the value after -${slot.name} is missing; ` +
        `if ${next.text} is the value, write -${slot.name}:${next.text}`
      );
    }
    this.#next += 1;
    return this.#joinList(next, slot.isList);
  }

  /** `a, b` is a list of two in PowerShell; the shell makes two words of it. */
  #joinList(first: Argument, isList: boolean): Argument {
    let { text } = first;
    let next = this.#words[this.#next];
    while (isList && !first.isLiteral && next !== undefined) {
      if (!text.endsWith(",") && !/^,./.test(next.text)) break;
      text += next.text;
      this.#next += 1;
      next = this.#words[this.#next];
    }
    return { ...first, text };
  }

  #looksLikeName(word: Argument): boolean {
    return nameIn(word) !== undefined || word.text === "-?";
  }

  #set(slot: Slot, argument: Argument | undefined): string | undefined {
    if (argument === undefined) {
      this.#secretsToRead.push(slot.name);
      return undefined;
    }
    const isWord = slot.isSwitch && /^(?:true|false)$/i.test(argument.text);
    // A secret is what it is: a password may well begin with @{ or be $true. But nobody's is $null,
    // which takes it away.
    const isWhole = slot.isSecret && !/^\$null$/i.test(argument.text);
    const text = isWord ? `$${argument.text}` : argument.text;
    const literal = { ...argument, text, isLiteral: argument.isLiteral || isWhole };
    const value = readArgumentValue(literal, slot);
    if (!value.ok) return `-${slot.name} ${value.fault}`;
    const isCommon = !Object.hasOwn(this.#cmdlet.parameters, slot.name);
    (isCommon ? this.#common : this.#own).set(slot.name, value.value);
    return undefined;
  }

  #isGiven({ name }: Slot): boolean {
    return this.#own.has(name) || this.#common.has(name) || this.#secretsToRead.includes(name);
  }

  #bindPositional(): string | undefined {
    const free = Object.entries(this.#cmdlet.parameters)
      .filter(([, { position }]) => position !== undefined)
      .sort(([, left], [, right]) => (left.position ?? 0) - (right.position ?? 0))
      .map(([name]) => this.#slots.find((slot) => slot.name === name))
      .filter((slot) => slot !== undefined && !this.#isGiven(slot));
    for (const argument of this.#positional) {
      const slot = free.shift();
      if (slot === undefined) {
        const shown = JSON.stringify(argument.text);
        return (
          `${this.#cmdlet.name} has no place for ${shown}; ` +
          "name its parameter, and put a value with spaces in quotes"
        );
      }
      const problem = this.#set(slot, argument);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

const TRUE: Argument = { text: "$true", isLiteral: false };
const FALSE: Argument = { text: "$false", isLiteral: false };
const SHELL_HINT = "a shell takes $true, $false and $null away: put them in single quotes";

/** `-Confirm:$false`, after a shell has put the nothing of its variable `false` in place of it. */
function emptySwitch({ name }: Slot): Argument | string {
  // Nobody writes -Confirm:$true for -Confirm. Of other switches we cannot know.
  if (name === "Confirm") return FALSE;
  return `-${name}: has no value; ${SHELL_HINT}, or write -${name}:true or -${name}:false`;
}

/** `-Name` or `-Name:value`; numbers and spans such as -5 and -2h are values. */
function nameIn(word: Argument): { readonly name: string; readonly value?: string } | undefined {
  const match = word.isLiteral ? null : /^--?([A-Za-z][\w-]*)(?::([\s\S]*))?$/.exec(word.text);
  if (match === null) return undefined;
  const [, name = "", value] = match;
  return value === undefined ? { name } : { name, value };
}

function ownSlots(parameters: ParameterTable): readonly Slot[] {
  return Object.entries(parameters).map(([name, { type, isSwitch }]) => ({
    name,
    isSwitch,
    isList: type.isList === true,
    // What a mapping or a list holds is written as one, secret or not.
    isSecret: type.isSecret === true && type.table === undefined && type.isList !== true,
    beginsWithDash: namesProperties(type) && type.beginsWithDash,
  }));
}

function commonSlots(): readonly Slot[] {
  return Object.entries(RUN_PARAMETERS).map(([name, { isSwitch, isList }]) => ({
    name,
    isSwitch,
    isList,
    isSecret: false,
    beginsWithDash: false,
  }));
}
