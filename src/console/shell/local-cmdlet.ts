import type { Clock } from "../../base/clock.ts";
import type { CmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import type { ProgressLine } from "../progress-line.ts";
import type { Screen } from "../screen.ts";
import { evaluate, type Scope } from "./evaluate.ts";
import { ShellFault } from "./shell-fault.ts";
import type { CommandWord, Script, ShellCommand, ShellNode } from "./shell-syntax.ts";
import { isListValue, type ShellValue, valueText } from "./shell-value.ts";

/** A parameter of a cmdlet that runs in the shell. */
export interface LocalParameter {
  readonly form: "switch" | "value" | "list";
  /** Place among the values given without a name, from 0. */
  readonly position?: number;
  readonly doc: string;
  /** What its values are, for completion. */
  readonly names?: "properties" | "files" | "cmdlets" | "variables";
}

/** A cmdlet that the server knows nothing of: it works on what is in the pipe, or on the shell. */
export interface LocalCmdlet {
  readonly name: string;
  readonly aliases: readonly string[];
  /** One sentence. */
  readonly summary: string;
  readonly parameters: Readonly<Record<string, LocalParameter>>;
  readonly examples: readonly string[];
  /** What comes out of it; pulls from the pipe only what it needs. @throws ShellFault */
  readonly run: (call: LocalCall) => AsyncIterable<ShellValue>;
}

/** What a cmdlet may use of the shell. */
export interface LocalServices {
  readonly screen: Screen;
  readonly clock: Clock;
  readonly line: ProgressLine;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly cmdlets: CmdletTable<never>;
  readonly locals: readonly LocalCmdlet[];
  readonly variables: Map<string, ShellValue>;
  /** Lines of this user's history, the latest last. */
  readonly history: () => readonly string[];
  /** Runs a block, with `$_` in its scope. */
  readonly runScript: (script: Script, scope: Scope) => AsyncIterable<ShellValue>;
}

/** One use of a cmdlet. */
export interface LocalCall {
  readonly name: string;
  readonly at: number;
  /** What is piped in; `undefined`: it stands first. */
  readonly input: AsyncIterable<ShellValue> | undefined;
  readonly given: GivenArguments;
  readonly scope: Scope;
  readonly shell: LocalServices;
}

/** The values of a call, made out when they are asked for. */
export class GivenArguments {
  readonly #nodes: ReadonlyMap<string, ShellNode>;
  readonly #scope: Scope;

  constructor(nodes: ReadonlyMap<string, ShellNode>, scope: Scope) {
    this.#nodes = nodes;
    this.#scope = scope;
  }

  /** As it was written; `undefined`: it was not given. */
  node(name: string): ShellNode | undefined {
    return this.#nodes.get(name);
  }

  /** The values of a list as they were written. */
  nodes(name: string): readonly ShellNode[] {
    const node = this.#nodes.get(name);
    if (node === undefined) return [];
    return node.kind === "list" ? node.items : [node];
  }

  /** Whether a switch was given, and not as `:$false`. */
  async isOn(name: string): Promise<boolean> {
    const node = this.#nodes.get(name);
    return node !== undefined && (await evaluate(node, this.#scope)).value !== false;
  }

  /** The value; `undefined`: it was not given. */
  async value(name: string): Promise<ShellValue | undefined> {
    const node = this.#nodes.get(name);
    return node && evaluate(node, this.#scope);
  }

  /** The value as a text. */
  async text(name: string): Promise<string | undefined> {
    const value = await this.value(name);
    return value && valueText(value.value);
  }

  /** The values of a list as texts. */
  async texts(name: string): Promise<readonly string[]> {
    const value = await this.value(name);
    if (value === undefined) return [];
    return isListValue(value.value) ? value.value.map(valueText) : [valueText(value.value)];
  }

  /** A whole number from 0. @throws ShellFault */
  async count(name: string): Promise<number | undefined> {
    const text = await this.text(name);
    if (text === undefined) return undefined;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    const at = this.#nodes.get(name)?.at;
    const problem = `-${name} takes a number, not ${JSON.stringify(text)}`;
    throw new ShellFault(problem, at === undefined ? {} : { at });
  }
}

/** What a command gives to the parameters of a cmdlet. @throws ShellFault */
export function bindLocal(
  { parameters }: Pick<LocalCmdlet, "parameters">,
  { name: command, words }: ShellCommand,
): ReadonlyMap<string, ShellNode> {
  const given = new Map<string, ShellNode>();
  const positional: Extract<CommandWord, { kind: "value" }>[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word.kind === "value") {
      positional.push(word);
      continue;
    }
    const { at } = word;
    const name = findLocalParameter(parameters, word.name, { command, at });
    if (given.has(name)) throw new ShellFault(`-${name} is given twice`, { at });
    if (word.value !== undefined) given.set(name, word.value);
    else if (parameters[name]?.form === "switch") given.set(name, TRUE);
    else {
      const next = queue.shift();
      if (next?.kind !== "value") {
        throw new ShellFault(`the value after -${name} is missing`, { at });
      }
      given.set(name, next.node);
    }
  }
  const places = Object.entries(parameters)
    .filter(([name, { position }]) => position !== undefined && !given.has(name))
    .sort(([, left], [, right]) => (left.position ?? 0) - (right.position ?? 0));
  for (const { node, at } of positional) {
    const [place] = places.shift() ?? [];
    if (place === undefined) {
      throw new ShellFault(`${command} has no place for this value`, { at });
    }
    given.set(place, node);
  }
  return given;
}

const TRUE: ShellNode = { kind: "literal", value: true, at: 0 };

function findLocalParameter(
  parameters: LocalCmdlet["parameters"],
  word: string,
  { command, at }: { readonly command: string; readonly at: number },
): string {
  const folded = word.toLowerCase();
  const known = Object.keys(parameters);
  const exact = known.find((name) => name.toLowerCase() === folded);
  if (exact !== undefined) return exact;
  const begun = known.filter((name) => name.toLowerCase().startsWith(folded));
  const [only, ...others] = begun;
  if (only !== undefined && others.length === 0) return only;
  const names = begun.map((name) => `-${name}`).join(", ");
  const cure = names === "" ? formatSuggestion(word, known) : `; it could be ${names}`;
  throw new ShellFault(`${command} has no parameter -${word}${cure}`, { at });
}

/** The pipe that goes into a cmdlet, which needs one. @throws ShellFault */
export function inputOf({ input, name, at }: LocalCall): AsyncIterable<ShellValue> {
  if (input !== undefined) return input;
  throw new ShellFault(`${name} needs something from the pipe: put it behind |`, { at });
}
