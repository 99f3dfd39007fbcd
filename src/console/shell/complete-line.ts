import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { CmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { FILTER_OPERATORS } from "../../cmdlet/filter-syntax.ts";
import { namesProperties } from "../../cmdlet/filter-type.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import type { Parameter } from "../../cmdlet/parameter.ts";
import type { SettingForm } from "../../org/settings/setting.ts";
import type { KnownCmdlet } from "../cmdlet-syntax.ts";
import { HELP_TOPICS } from "../help-topics.ts";
import { FORMATS, RUN_PARAMETERS } from "../run-parameters.ts";
import { safeText } from "../safe-text.ts";
import { type CompletionPlace, findCompletionPlace } from "./completion-place.ts";
import type { LocalCmdlet, LocalParameter } from "./local-cmdlet.ts";
import { findLocal } from "./shell-help.ts";
import { COMPARISONS } from "./shell-syntax.ts";
import { type ShellValue, typeOf } from "./shell-value.ts";
import type { ValueFinder } from "./value-finder.ts";

/** What completion knows of the shell. */
export interface CompletionParts {
  readonly cmdlets: CmdletTable<never>;
  readonly locals: readonly LocalCmdlet[];
  readonly variables: ReadonlyMap<string, ShellValue>;
  readonly values: ValueFinder;
}

/** What a word may become; all of them begin with it, in any case. */
export interface Completion {
  readonly candidates: readonly string[];
  /** The end of the line that they stand for. */
  readonly replaced: string;
}

const CANDIDATES_MAX = 500;
/** Values that need no quotes. */
const PLAIN_VALUE = /^[\w.@:\\/*+~[\]-]+$/;

/** Completes the end of a line. Asks the server for values; never rejects on what it answers. */
export async function completeLine(text: string, parts: CompletionParts): Promise<Completion> {
  const place = findCompletionPlace(text);
  const completer = new Completer(place, parts);
  return completer.complete();
}

class Completer {
  readonly #place: CompletionPlace;
  readonly #parts: CompletionParts;

  constructor(place: CompletionPlace, parts: CompletionParts) {
    this.#place = place;
    this.#parts = parts;
  }

  async complete(): Promise<Completion> {
    const { word, words } = this.#place;
    const member = /^(\$\w+)\.(\w*)$/.exec(word);
    if (member !== null) {
      const [, variable = "", begun = ""] = member;
      return offer(propertiesOf(this.#typeOfVariable(variable)), begun);
    }
    if (word.startsWith("$")) {
      return offer(
        [...this.#parts.variables.keys(), "true", "false", "null"].map((one) => `$${one}`),
        word,
      );
    }
    const filtered = this.#completeFilterBlock();
    if (filtered !== undefined) return filtered;
    const [name] = words;
    if (name === undefined) return offer(this.#commandNames(), word, " ");
    const local = findLocal(name, this.#parts.locals);
    if (local !== undefined) return this.#completeLocal(local);
    const cmdlet = this.#parts.cmdlets.find(name);
    return cmdlet === undefined ? NOTHING : this.#completeServer(cmdlet);
  }

  #commandNames(): readonly string[] {
    return [...this.#parts.cmdlets.all, ...this.#parts.locals].map(({ name }) => name).toSorted();
  }

  async #completeLocal(cmdlet: LocalCmdlet): Promise<Completion> {
    const { word, words } = this.#place;
    const names = Object.keys(cmdlet.parameters);
    if (word.startsWith("-"))
      return offer(
        names.map((name) => `-${name}`),
        word,
        " ",
      );
    const given = currentParameter(words, {
      names,
      isSwitch: (name) => cmdlet.parameters[name]?.form === "switch",
    });
    const parameter =
      typeof given === "string" ? cmdlet.parameters[given] : positioned(cmdlet.parameters, given);
    return this.#completeNames(parameter);
  }

  async #completeNames(parameter: LocalParameter | undefined): Promise<Completion> {
    const { word, upstream } = this.#place;
    switch (parameter?.names) {
      case "properties":
        return offer(propertiesOf(this.#typeOfPipe(upstream)), word);
      case "files":
        return completeFile(word);
      case "cmdlets":
        return offer([...this.#commandNames(), ...HELP_TOPICS.map(({ name }) => name)], word);
      case "variables":
        return offer([...this.#parts.variables.keys()], word);
      default:
        return NOTHING;
    }
  }

  async #completeServer(cmdlet: KnownCmdlet): Promise<Completion> {
    const { word, words } = this.#place;
    const { parameters, output } = cmdlet;
    const own = Object.keys(parameters);
    const names = [...own, ...Object.keys(RUN_PARAMETERS).filter((one) => !own.includes(one))];
    const isSwitch = (name: string) =>
      (Object.hasOwn(parameters, name) ? parameters[name] : RUN_PARAMETERS[name])?.isSwitch ===
      true;
    const given = currentParameter(words, { names, isSwitch });
    const parameter = typeof given === "string" ? parameters[given] : positioned(parameters, given);
    const takesDash =
      parameter !== undefined && namesProperties(parameter.type) && parameter.type.beginsWithDash;
    if (word.startsWith("-") && !takesDash)
      return offer(
        names.map((name) => `-${name}`),
        word,
        " ",
      );
    if (parameter === undefined) {
      if (given === "Property") return offer(propertiesOf(output), word);
      return given === "Format" ? offer(FORMATS, word) : NOTHING;
    }
    if (namesProperties(parameter.type)) {
      return completePropertyText(parameter.type.names, word, { isSort: takesDash });
    }
    if (given === (cmdlet.file?.path ?? "")) return completeFile(word);
    return this.#completeValue(parameter);
  }

  async #completeValue({ type, completion }: Parameter<unknown, "" | "Ms">): Promise<Completion> {
    const { word } = this.#place;
    const known = formValues(type.form);
    if (known.length > 0) return offer(known, word);
    if (completion === undefined || type.isSecret === true) return NOTHING;
    const prefix = word.replace(/^['"]/, "");
    return offer(await this.#parts.values.find(completion, prefix), word);
  }

  /** `-Filter { Stat`: the block is no script but a filter. */
  #completeFilterBlock(): Completion | undefined {
    const { outer, word } = this.#place;
    const [name, ...rest] = outer?.words ?? [];
    const cmdlet = name === undefined ? undefined : this.#parts.cmdlets.find(name);
    const last = rest.at(-1);
    if (cmdlet === undefined || last === undefined || !/^-fi/i.test(last)) return undefined;
    const type = cmdlet.parameters["Filter"]?.type;
    if (type === undefined || !namesProperties(type)) return undefined;
    return completePropertyText(type.names, word, { isSort: false });
  }

  #typeOfVariable(name: string): OutputType | undefined {
    if (name === "$_") {
      const { outer } = this.#place;
      return outer && this.#typeOfPipe(outer.upstream);
    }
    const value = this.#parts.variables.get(name.slice(1).toLowerCase());
    if (value === undefined) return undefined;
    const first = Array.isArray(value.value) ? value.value[0] : value.value;
    return first === undefined ? undefined : typeOf({ value: first, type: value.type });
  }

  /** Of the objects that a pipe puts out: its last cmdlet of the server, or variable, says. */
  #typeOfPipe(commands: readonly (readonly string[])[]): OutputType | undefined {
    for (const [name = ""] of commands.toReversed()) {
      if (name.startsWith("$")) return this.#typeOfVariable(name.replace(/[.[].*$/, ""));
      const cmdlet = this.#parts.cmdlets.find(name);
      if (cmdlet !== undefined) return cmdlet.output;
      const local = findLocal(name, this.#parts.locals);
      if (local === undefined || /^(?:ForEach|Group|Measure|Import)-/.test(local.name))
        return undefined;
    }
    return undefined;
  }
}

const NOTHING: Completion = { candidates: [], replaced: "" };

/** Those that begin with the word, quoted where they must be; `after` follows a single one. */
function offer(values: readonly string[], word: string, after = ""): Completion {
  const quote = /^['"]/.exec(word)?.[0] ?? "";
  const begun = word.slice(quote.length).toLowerCase();
  const found = values.filter((value) => value.toLowerCase().startsWith(begun));
  // What a terminal would obey is no name that anybody could want.
  const shown = found.filter((value) => safeText(value) === value).slice(0, CANDIDATES_MAX);
  const isDollar = word.startsWith("$");
  const candidates = shown.map((value) =>
    (quote === "" && PLAIN_VALUE.test(value)) || value.startsWith("$") || isDollar
      ? value
      : quoted(value, quote || "'"),
  );
  const [only, ...others] = candidates;
  const all = only !== undefined && others.length === 0 ? [only + after] : candidates;
  return { candidates: all, replaced: word };
}

function quoted(value: string, quote: string): string {
  return quote + value.replaceAll(quote, quote + quote) + quote;
}

function propertiesOf(type: OutputType | undefined): readonly string[] {
  return Object.keys(type?.properties ?? {});
}

function formValues(form: SettingForm | undefined): readonly string[] {
  if (form?.kind === "choice") return form.choices;
  if (form?.kind === "boolean") return ["$true", "$false"];
  return form?.kind === "list" ? formValues(form.items) : [];
}

/** A filter, or a sort order: the name at the end of it, or an operator, or a value. */
function completePropertyText(
  type: OutputType,
  word: string,
  { isSort }: { readonly isSort: boolean },
): Completion {
  const last = /[^\s('"{,]*$/.exec(word)?.[0] ?? "";
  if (isSort) {
    const sign = /^[+-]/.exec(last)?.[0] ?? "";
    return offer(
      propertiesOf(type).map((name) => sign + name),
      last,
    );
  }
  const before = word.slice(0, word.length - last.length);
  const value = /(\w+)\s+-\w+\s+['"]?$/.exec(before);
  if (value !== null) {
    const choices = type.properties[value[1] ?? ""]?.choices ?? [];
    return offer(choices, last);
  }
  const operators = [...FILTER_OPERATORS, "and", "or", "not"].map((name) => `-${name}`);
  return last.startsWith("-") ? offer(operators, last, " ") : offer(propertiesOf(type), last);
}

/** The parameter whose value comes next, or how many values without a name came before. */
function currentParameter(
  words: readonly string[],
  {
    names,
    isSwitch,
  }: { readonly names: readonly string[]; readonly isSwitch: (name: string) => boolean },
): string | number {
  let count = 0;
  let open: string | undefined;
  for (const word of words.slice(1)) {
    const begun = /^--?([A-Za-z]\w*):?$/.exec(word)?.[1]?.toLowerCase();
    if (begun === undefined || COMPARISONS.some((one) => one === begun)) {
      if (open === undefined && begun === undefined) count += 1;
      open = undefined;
      continue;
    }
    const name =
      names.find((one) => one.toLowerCase() === begun) ??
      names.find((one) => one.toLowerCase().startsWith(begun));
    open = name !== undefined && !isSwitch(name) ? name : undefined;
  }
  return open ?? count;
}

function positioned<Described extends { readonly position?: number }>(
  parameters: Readonly<Record<string, Described>>,
  place: string | number,
): Described | undefined {
  return Object.values(parameters).find(({ position }) => position === place);
}

async function completeFile(word: string): Promise<Completion> {
  const typed = word.replace(/^['"]/, "");
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const home = folder.startsWith("~/") ? join(homedir(), folder.slice(2)) : folder;
  try {
    const entries = await readdir(home === "" ? "." : home, { withFileTypes: true });
    const names = entries.map((one) => folder + one.name + (one.isDirectory() ? "/" : ""));
    return offer(names.toSorted(), word);
  } catch {
    // A folder that cannot be read has nothing to offer.
    return NOTHING;
  }
}
