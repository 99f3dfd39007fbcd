import type { Clock } from "../../base/clock.ts";
import type { CmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { ProgressLine } from "../progress-line.ts";
import type { RunClient } from "../run-client.ts";
import { runCommand } from "../run-command.ts";
import { safeText } from "../safe-text.ts";
import type { Screen } from "../screen.ts";
import { evaluate, type Scope } from "./evaluate.ts";
import { FILE_CMDLETS, outToFile } from "./file-cmdlets.ts";
import { FORMAT_CMDLETS, isFormat, readForm } from "./format-cmdlets.ts";
import { GATHER_CMDLETS } from "./gather-cmdlets.ts";
import {
  bindLocal,
  GivenArguments,
  type LocalCall,
  type LocalCmdlet,
  type LocalServices,
} from "./local-cmdlet.ts";
import { parseShell } from "./parse-shell.ts";
import { PICK_CMDLETS } from "./pick-cmdlets.ts";
import { mayHoldSecret } from "./secret-line.ts";
import { runServerStage } from "./server-stage.ts";
import { readWords } from "./server-words.ts";
import { SHELL_CMDLETS } from "./shell-cmdlets.ts";
import { markPlace, ShellFault, ShellStop } from "./shell-fault.ts";
import { findLocal } from "./shell-help.ts";
import type { PipeElement, Pipeline, Script, ShellCommand, Statement } from "./shell-syntax.ts";
import { enumerate, holdValues, joinValues, type ShellValue } from "./shell-value.ts";
import { type ShownForm, showValues } from "./show-values.ts";

/** The cmdlets that run in the shell. */
export const LOCAL_CMDLETS: readonly LocalCmdlet[] = [
  ...PICK_CMDLETS,
  ...GATHER_CMDLETS,
  ...FORMAT_CMDLETS,
  ...FILE_CMDLETS,
  ...SHELL_CMDLETS,
];

/** What a shell needs. */
export interface ShellParts {
  readonly client: RunClient;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly cmdlets: CmdletTable<never>;
  readonly history: () => readonly string[];
}

const VARIABLES_MAX = 1000;
const WIDTH_DEFAULT = 80;
/** Values after which others get their turn: whoever presses Ctrl-C must be heard. */
const TURN_VALUES = 500;

/** Runs what is typed, with variables that outlive a line. */
export class Shell {
  readonly variables = new Map<string, ShellValue>();
  readonly #parts: ShellParts;
  #exitCode: ExitCode = EXIT.done;
  #signal: AbortSignal = new AbortController().signal;
  readonly #line: ProgressLine;

  constructor(parts: ShellParts) {
    this.#parts = parts;
    const { clock, screen } = parts;
    this.#line = new ProgressLine(clock, screen.complain, screen.width ?? WIDTH_DEFAULT);
  }

  /** The exit code of the last failure; 0 when there was none. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /**
   * Runs a line or a whole script, statement by statement; a failure is told, and the next one
   * goes on. Nothing is run when its text is wrong. Aborting ends it all. @throws ShellExit
   */
  async run(text: string, signal: AbortSignal): Promise<void> {
    const parsed = parseShell(text);
    if (!parsed.ok) {
      const { problem, at } = parsed.fault;
      this.#tell(new ShellFault(problem, { at }), text);
      return;
    }
    this.#signal = signal;
    for (const statement of parsed.value.statements) {
      try {
        await this.#runStatement(statement);
      } catch (error) {
        this.#line.clear();
        if (error instanceof ShellFault) this.#tell(error, text);
        else if (error instanceof ShellStop) this.#exitCode = error.exitCode;
        else throw error;
      }
      if (signal.aborted) {
        this.#exitCode = EXIT.cancelled;
        return;
      }
    }
  }

  /** Says what is wrong, and where. */
  #tell(fault: ShellFault, text: string): void {
    const { at, message, exitCode } = fault;
    this.#exitCode = exitCode;
    const lineNumber = text.slice(0, at ?? 0).split("\n").length;
    const where = text.trimEnd().includes("\n") && at !== undefined ? `line ${lineNumber}: ` : "";
    // What is complained of may end up in somebody's log.
    const isShown = at !== undefined && !mayHoldSecret(text, this.#parts.cmdlets.all);
    const place = isShown ? markPlace(text, at) : "";
    this.#parts.screen.complain(`${where}${safeText(message)}\n${place}`);
  }

  async #runStatement(statement: Statement): Promise<void> {
    const { target, pipeline } = statement;
    const scope = this.#scope();
    if (target !== undefined) return this.#assign(target, { pipeline, scope, at: statement.at });
    const [only, ...others] = pipeline.elements;
    const cmdlet = only?.kind === "command" ? this.#findServerCmdlet(only) : undefined;
    if (cmdlet !== undefined && only?.kind === "command" && others.length === 0) {
      const { client, screen, clock } = this.#parts;
      const words = await readWords(only.words, scope);
      const parts = { client, screen, clock, signal: this.#signal };
      const exitCode = await runCommand(cmdlet, words, parts);
      if (exitCode !== EXIT.done) this.#exitCode = exitCode;
      return;
    }
    await this.#show(pipeline, scope);
  }

  async #assign(
    target: string,
    {
      pipeline,
      scope,
      at,
    }: { readonly pipeline: Pipeline; readonly scope: Scope; readonly at: number },
  ): Promise<void> {
    const name = target.toLowerCase();
    if (this.variables.size === VARIABLES_MAX && !this.variables.has(name)) {
      throw new ShellFault(`there are ${VARIABLES_MAX} variables already`, { at });
    }
    this.variables.set(name, await this.#evaluatePipeline(pipeline, scope));
  }

  /** Without an expression's value being taken apart: `$a = @('x')` stays a list. */
  async #evaluatePipeline(pipeline: Pipeline, scope: Scope): Promise<ShellValue> {
    const [only, ...others] = pipeline.elements;
    if (only?.kind === "expression" && others.length === 0) return evaluate(only.node, scope);
    const at = only?.at ?? 0;
    return joinValues(await holdValues(this.#stream(pipeline, scope), { by: "a variable", at }));
  }

  async #show(pipeline: Pipeline, scope: Scope): Promise<void> {
    const { elements } = pipeline;
    const parts = { ...this.#parts, line: this.#line };
    const last = elements.at(-1);
    const lastCmdlet = last?.kind === "command" ? findLocal(last.name, LOCAL_CMDLETS) : undefined;
    const isToFile = lastCmdlet?.name === "Out-File" && elements.length > 1;
    const formatting = elements.at(isToFile ? -2 : -1);
    const format =
      formatting?.kind === "command" ? findLocal(formatting.name, LOCAL_CMDLETS) : undefined;
    if (!isFormat(format) || formatting?.kind !== "command") {
      return showValues(this.#stream(pipeline, scope), parts);
    }
    const before = elements.slice(0, isToFile ? -2 : -1);
    if (before.length === 0) {
      throw new ShellFault(`${format.name} needs something from the pipe`, { at: formatting.at });
    }
    const form: ShownForm = await readForm(
      format,
      this.#localCall(format, formatting, { scope, input: undefined }),
    );
    const values = this.#stream({ elements: before }, scope);
    if (!isToFile || last?.kind !== "command" || lastCmdlet === undefined) {
      return showValues(values, parts, form);
    }
    return outToFile(this.#localCall(lastCmdlet, last, { scope, input: values }), form);
  }

  /** The values that a pipeline puts out. Names are looked up before anything runs. */
  #stream(pipeline: Pipeline, scope: Scope): AsyncIterable<ShellValue> {
    let values: AsyncIterable<ShellValue> | undefined;
    for (const [index, element] of pipeline.elements.entries()) {
      const stage = this.#stage(element, { scope, input: values });
      const isLast = index === pipeline.elements.length - 1;
      values = isLast ? stage : takeTurns(stage, this.#signal);
    }
    return takeTurns(values ?? nothing(), this.#signal);
  }

  #stage(
    element: PipeElement,
    what: { readonly scope: Scope; readonly input: AsyncIterable<ShellValue> | undefined },
  ): AsyncIterable<ShellValue> {
    if (element.kind === "expression") return enumerateNode(element, what.scope);
    const local = findLocal(element.name, LOCAL_CMDLETS);
    if (isFormat(local)) {
      const cure = "put it last, or before Out-File";
      throw new ShellFault(`${local.name} ends a pipe: ${cure}`, { at: element.at });
    }
    if (local !== undefined) return local.run(this.#localCall(local, element, what));
    const cmdlet = this.#findServerCmdlet(element);
    if (cmdlet === undefined) throw this.#unknown(element, what.scope);
    const { client, screen, clock } = this.#parts;
    const failed = (exitCode: ExitCode) => {
      this.#exitCode = exitCode;
    };
    const parts = { client, screen, clock, line: this.#line, signal: this.#signal, failed };
    return runServerStage({ cmdlet, command: element }, what, parts);
  }

  #localCall(
    cmdlet: LocalCmdlet,
    command: ShellCommand,
    {
      scope,
      input,
    }: { readonly scope: Scope; readonly input: AsyncIterable<ShellValue> | undefined },
  ): LocalCall {
    const given = new GivenArguments(bindLocal(cmdlet, command), scope);
    return { name: cmdlet.name, at: command.at, input, given, scope, shell: this.#services() };
  }

  #services(): LocalServices {
    const { screen, clock, cmdlets, history } = this.#parts;
    return {
      screen,
      clock,
      cmdlets,
      history,
      line: this.#line,
      signal: this.#signal,
      locals: LOCAL_CMDLETS,
      variables: this.variables,
      runScript: (script, scope) => this.#streamScript(script, scope),
    };
  }

  async *#streamScript(script: Script, scope: Scope): AsyncGenerator<ShellValue> {
    for (const { target, pipeline, at } of script.statements) {
      if (target === undefined) yield* this.#stream(pipeline, scope);
      else await this.#assign(target, { pipeline, scope, at });
    }
  }

  #scope(): Scope {
    return {
      variables: this.variables,
      current: undefined,
      nowMs: () => this.#parts.clock.nowMs(),
      run: (pipeline, scope) => this.#evaluatePipeline(pipeline, scope),
    };
  }

  #findServerCmdlet({ name }: ShellCommand) {
    return findLocal(name, LOCAL_CMDLETS) === undefined
      ? this.#parts.cmdlets.find(name)
      : undefined;
  }

  #unknown({ name, at }: ShellCommand, { current }: Scope): ShellFault {
    const known = [...this.#parts.cmdlets.all, ...LOCAL_CMDLETS].map((one) => one.name);
    const hint = formatSuggestion(name, known);
    const isProperty = current?.type !== undefined && Object.hasOwn(current.type.properties, name);
    const cure = isProperty ? `; the property of the object is $_.${name}` : hint;
    return new ShellFault(`there is no cmdlet "${name}"${cure || "; help lists them"}`, { at });
  }
}

async function* enumerateNode(
  { node }: Extract<PipeElement, { kind: "expression" }>,
  scope: Scope,
): AsyncGenerator<ShellValue> {
  yield* enumerate(await evaluate(node, scope));
}

async function* nothing(): AsyncGenerator<ShellValue> {}

/** The same values; ends when it is cancelled, and lets other things happen now and then. */
async function* takeTurns(
  values: AsyncIterable<ShellValue>,
  signal: AbortSignal,
): AsyncGenerator<ShellValue> {
  let count = 0;
  for await (const value of values) {
    if (signal.aborted) throw new ShellStop(EXIT.cancelled);
    yield value;
    count += 1;
    if (count % TURN_VALUES === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
