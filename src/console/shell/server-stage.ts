import type { Clock } from "../../base/clock.ts";
import type { Plan } from "../../cmdlet/cmdlet.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import type { ArgumentValue } from "../argument-value.ts";
import { type BoundCall, bindArguments } from "../bind-arguments.ts";
import { formatCmdletHelp } from "../cmdlet-help.ts";
import type { KnownCmdlet } from "../cmdlet-syntax.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-code.ts";
import { pickProperties } from "../pick-properties.ts";
import type { ProgressLine } from "../progress-line.ts";
import type { RunCall, RunClient } from "../run-client.ts";
import { asksFirst, isConfirmed, lacksFile, readSecrets } from "../run-command.ts";
import { formatFailure, formatPlan, formatWarning } from "../run-report.ts";
import type { Screen } from "../screen.ts";
import { selectProperties } from "../view-choice.ts";
import type { Scope } from "./evaluate.ts";
import { bindPiped, pipeParameters } from "./pipe-binding.ts";
import { readWords } from "./server-words.ts";
import { ShellFault, ShellStop } from "./shell-fault.ts";
import type { ShellCommand } from "./shell-syntax.ts";
import { holdValues, type ShellValue } from "./shell-value.ts";

/** What running cmdlets of the server in a pipe needs. */
export interface ServerStageParts {
  readonly client: RunClient;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
  /** Told of failures that do not end the line. */
  readonly failed: (exitCode: ExitCode) => void;
}

/** Objects whose plans are asked for, before all of them are confirmed at once. */
const PLANNED_MAX = 200;
/** Actions that are shown before the question. */
const ACTIONS_MAX = 20;
/** Failures that are told one by one. */
const FAILURES_TOLD_MAX = 20;

/**
 * A cmdlet of the server in a pipe: alone it is run once, behind a pipe once for each object. What
 * asks is asked for once, for all of them. @throws ShellFault, ShellStop
 */
export async function* runServerStage(
  { cmdlet, command }: { readonly cmdlet: KnownCmdlet; readonly command: ShellCommand },
  {
    input,
    scope,
  }: { readonly input: AsyncIterable<ShellValue> | undefined; readonly scope: Scope },
  parts: ServerStageParts,
): AsyncGenerator<ShellValue> {
  const { at } = command;
  const bound = bindArguments(cmdlet, await readWords(command.words, scope));
  if (!bound.ok) throw new ShellFault(bound.fault, { at });
  const { options } = bound.value;
  if (options.wantsHelp) {
    for (const line of formatCmdletHelp(cmdlet).trimEnd().split("\n")) yield { value: line };
    return;
  }
  if (options.format !== undefined) {
    const cure = "in a pipe use Format-List, ConvertTo-Json or ConvertTo-Csv";
    throw new ShellFault(`-Format is for a cmdlet that stands alone; ${cure}`, { at });
  }
  const stage = new ServerStage(cmdlet, bound.value, { at, parts });
  yield* input === undefined ? stage.runAlone() : stage.runPiped(input);
}

/** How a run has ended. */
interface RunEnd {
  readonly exitCode: ExitCode;
  readonly plan: Plan | undefined;
}

class ServerStage {
  readonly #cmdlet: KnownCmdlet;
  readonly #bound: BoundCall;
  readonly #at: number;
  readonly #parts: ServerStageParts;
  readonly #show: (value: OutputObject) => ShellValue;
  #failures = 0;
  #runs = 0;

  constructor(
    cmdlet: KnownCmdlet,
    bound: BoundCall,
    { at, parts }: { readonly at: number; readonly parts: ServerStageParts },
  ) {
    this.#cmdlet = cmdlet;
    this.#bound = bound;
    this.#at = at;
    this.#parts = parts;
    this.#show = this.#narrowing();
  }

  async *runAlone(): AsyncGenerator<ShellValue> {
    const call = await this.#prepare();
    if (this.#asksFirst()) {
      const { exitCode, plan } = await this.#plan(call);
      if (exitCode !== EXIT.done) throw new ShellStop(exitCode);
      await this.#confirm(plan);
    }
    const { exitCode, plan } = yield* this.#run(call);
    if (plan !== undefined) await this.#tellPlan(plan);
    if (exitCode !== EXIT.done) throw new ShellStop(exitCode);
  }

  async *runPiped(input: AsyncIterable<ShellValue>): AsyncGenerator<ShellValue> {
    const names = pipeParameters(this.#cmdlet, this.#bound.parameters);
    const call = await this.#prepare();
    const callFor = (item: ShellValue): RunCall => {
      const piped = bindPiped(this.#cmdlet, names, item);
      if (!piped.ok) throw new ShellFault(piped.fault, { at: this.#at });
      return { ...call, parameters: { ...call.parameters, ...piped.value } };
    };
    const calls = this.#asksFirst()
      ? await this.#confirmAll(input, callFor)
      : mapValues(input, callFor);
    for await (const one of calls) {
      this.#runs += 1;
      const { exitCode, plan } = yield* this.#run(one);
      if (plan !== undefined) await this.#tellPlan(plan);
      this.#countFailure(exitCode);
    }
    this.#tellFailures();
  }

  /** All calls, once somebody has said yes to what they would do. */
  async #confirmAll(
    input: AsyncIterable<ShellValue>,
    callFor: (item: ShellValue) => RunCall,
  ): Promise<readonly RunCall[]> {
    const by = this.#cmdlet.name;
    const items = await holdValues(input, { by, at: this.#at });
    const calls = items.map(callFor);
    const agreed: RunCall[] = [];
    const actions: string[] = [];
    let count = Math.max(0, calls.length - PLANNED_MAX);
    for (const call of calls.slice(0, PLANNED_MAX)) {
      const { exitCode, plan } = await this.#plan(call);
      this.#countFailure(exitCode);
      if (exitCode !== EXIT.done) {
        this.#runs += 1;
        continue;
      }
      agreed.push(call);
      count += plan?.count ?? 1;
      actions.push(...(plan?.actions ?? []).slice(0, ACTIONS_MAX - actions.length));
    }
    agreed.push(...calls.slice(PLANNED_MAX));
    if (agreed.length > 0) await this.#confirm({ actions, count });
    return agreed;
  }

  /** The call without what comes from the pipe. */
  async #prepare(): Promise<RunCall> {
    const { screen } = this.#parts;
    const { options, parameters, secretsToRead } = this.#bound;
    const { name, file } = this.#cmdlet;
    if (this.#asksFirst() && !screen.isInteractive) {
      const cure = "add -Confirm:$false, or look first with -WhatIf";
      const problem = `${name} asks before it acts, and nobody is here to be asked: ${cure}`;
      throw new ShellFault(problem, { at: this.#at });
    }
    const secrets = await readSecrets(secretsToRead, screen);
    if (!secrets.ok) throw new ShellFault(secrets.fault, { at: this.#at });
    const all: Readonly<Record<string, ArgumentValue>> = { ...parameters, ...secrets.value };
    const call = { cmdlet: name, parameters: all, whatIf: options.whatIf };
    if (lacksFile(this.#cmdlet, call, undefined)) {
      throw new ShellFault(`it writes a file: say which with -${file?.path}`, { at: this.#at });
    }
    return call;
  }

  #asksFirst(): boolean {
    return asksFirst(this.#cmdlet, this.#bound);
  }

  async #confirm(plan: Plan | undefined): Promise<void> {
    const { screen, line } = this.#parts;
    line.clear();
    if (plan === undefined || plan.count === 0 || (await isConfirmed(plan, screen))) return;
    screen.complain(`${this.#cmdlet.name}: nothing was done\n`);
    throw new ShellStop(EXIT.cancelled);
  }

  async #plan(call: RunCall): Promise<RunEnd> {
    const run = this.#run({ ...call, whatIf: true });
    let step = await run.next();
    while (step.done !== true) step = await run.next();
    return step.value;
  }

  async #tellPlan(plan: Plan): Promise<void> {
    this.#parts.line.clear();
    await this.#parts.screen.write(formatPlan(plan));
  }

  /** Objects as they come; all else is told at once. */
  async *#run(call: RunCall): AsyncGenerator<ShellValue, RunEnd> {
    const { client, screen, line, signal } = this.#parts;
    let plan: Plan | undefined;
    let exitCode: ExitCode = EXIT.unreachable;
    for await (const record of client.run(call, signal)) {
      switch (record.kind) {
        case "object":
          yield this.#show(record.value);
          break;
        case "progress":
          if (screen.showsProgress) line.show(record.progress);
          break;
        case "warning":
          line.clear();
          screen.complain(formatWarning(record.text, screen));
          break;
        case "plan":
          plan = record.plan;
          break;
        default:
          line.clear();
          exitCode = exitCodeOf(record);
          if (record.kind !== "done" && this.#failures < FAILURES_TOLD_MAX) {
            screen.complain(formatFailure(record, call, screen));
          }
      }
    }
    return { exitCode, plan };
  }

  /** One object's failure leaves the others alone; some failures would be that of all. */
  #countFailure(exitCode: ExitCode): void {
    if (exitCode === EXIT.done) return;
    this.#failures += 1;
    const isFinal: readonly ExitCode[] = [EXIT.unreachable, EXIT.forbidden, EXIT.cancelled];
    if (isFinal.includes(exitCode)) throw new ShellStop(exitCode);
    this.#parts.failed(exitCode);
  }

  #tellFailures(): void {
    if (this.#failures === 0 || this.#runs < 2) return;
    const { name } = this.#cmdlet;
    this.#parts.screen.complain(`${name}: ${this.#failures} of ${this.#runs} failed\n`);
  }

  /** -Property: the objects with less in them. */
  #narrowing(): (value: OutputObject) => ShellValue {
    const { output } = this.#cmdlet;
    const asked = this.#bound.options.properties;
    if (asked.length === 0) return (value) => ({ value, type: output });
    const selected = selectProperties(output, { format: "list", asked });
    if (!selected.ok) throw new ShellFault(selected.fault, { at: this.#at });
    const names = selected.value;
    const kept = Object.entries(output.properties).filter(([name]) => names.includes(name));
    const type: OutputType = {
      name: output.name,
      properties: Object.fromEntries(kept),
      table: names,
    };
    return (value) => ({ value: pickProperties(value, names), type });
  }
}

async function* mapValues<From, To>(
  values: AsyncIterable<From>,
  map: (value: From) => To,
): AsyncGenerator<To> {
  for await (const value of values) yield map(value);
}
