import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { Plan } from "../cmdlet/cmdlet.ts";
import type { Argument, ArgumentValue } from "./argument-value.ts";
import { type BoundCall, bindArguments } from "./bind-arguments.ts";
import { formatCmdletHelp } from "./cmdlet-help.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { RunCall, RunClient } from "./run-client.ts";
import type { Format } from "./run-parameters.ts";
import { formatPlan, type RunOutcome, reportRun } from "./run-report.ts";
import { safeText } from "./safe-text.ts";
import type { Screen } from "./screen.ts";
import { createOutputView, selectProperties } from "./view-choice.ts";

/** What running a typed command needs. */
export interface CommandParts {
  readonly client: RunClient;
  readonly screen: Screen;
  readonly clock: Clock;
  /** Cancels the run. */
  readonly signal: AbortSignal;
}

/** Runs a cmdlet as it was typed: binds, asks, runs, shows. Never rejects on what others do. */
export async function runCommand(
  cmdlet: KnownCmdlet,
  words: readonly Argument[],
  parts: CommandParts,
): Promise<ExitCode> {
  const { screen } = parts;
  const bound = bindArguments(cmdlet, words);
  if (!bound.ok) return misuse(cmdlet, bound.fault, screen);
  const { options, secretsToRead } = bound.value;
  if (options.wantsHelp) {
    await screen.write(formatCmdletHelp(cmdlet));
    return EXIT.done;
  }
  const properties = selectProperties(cmdlet.output, {
    format: options.format ?? defaultFormat(cmdlet),
    asked: options.properties,
  });
  if (!properties.ok) return misuse(cmdlet, `-Property: ${properties.fault}`, screen);
  if (asksFirst(cmdlet, bound.value) && !screen.isInteractive) {
    const cure = "add -Confirm:$false, or look first with -WhatIf";
    return misuse(
      cmdlet,
      `it asks before it acts, and nobody is here to be asked: ${cure}`,
      screen,
    );
  }
  const secrets = await readSecrets(secretsToRead, screen);
  if (!secrets.ok) return misuse(cmdlet, secrets.fault, screen);
  const parameters = { ...bound.value.parameters, ...secrets.value };
  const call = { cmdlet: cmdlet.name, parameters, whatIf: options.whatIf };
  if (lacksFile(cmdlet, call, options.format)) {
    return misuse(cmdlet, `it writes a file: say which with -${cmdlet.file?.path}`, screen);
  }
  const run = (one: RunCall) =>
    runOnce({ cmdlet, options, properties: properties.value }, one, parts);
  if (asksFirst(cmdlet, bound.value)) {
    const { exitCode, plan } = await run({ ...call, whatIf: true });
    if (exitCode !== EXIT.done) return exitCode;
    if (plan !== undefined && plan.count > 0 && !(await isConfirmed(plan, screen))) {
      screen.complain(`${cmdlet.name}: nothing was done\n`);
      return EXIT.cancelled;
    }
  }
  const { exitCode, plan } = await run(call);
  if (options.whatIf && plan !== undefined) await screen.write(formatPlan(plan));
  return exitCode;
}

function runOnce(
  shown: {
    readonly cmdlet: KnownCmdlet;
    readonly options: BoundCall["options"];
    readonly properties: readonly string[];
  },
  call: RunCall,
  { client, screen, clock, signal }: CommandParts,
): Promise<RunOutcome> {
  const { cmdlet, options, properties } = shown;
  const { width, hasColour } = screen;
  // A plan is no output: only what the cmdlet itself puts out is an array or a table.
  const format = call.whatIf ? "list" : (options.format ?? defaultFormat(cmdlet));
  const outputType = cmdlet.output;
  const view = createOutputView(format, { outputType, properties, width, hasColour });
  return reportRun(client.run(call, signal), { screen, clock }, { call, view });
}

/** Whether the file is missing: base64 is of use to a script only, which asks for a format. */
export function lacksFile(
  { file }: KnownCmdlet,
  { parameters, whatIf }: RunCall,
  format: Format | undefined,
): boolean {
  if (file === undefined || whatIf || format !== undefined) return false;
  return typeof parameters[file.path] !== "string";
}

function defaultFormat({ output }: KnownCmdlet): Format {
  if (output.tree !== undefined) return "tree";
  return output.table.length === 0 ? "list" : "table";
}

function misuse({ name }: KnownCmdlet, problem: string, screen: Screen): ExitCode {
  screen.complain(`${name}: ${safeText(problem)}\n"postrider help ${name}" shows its parameters\n`);
  return EXIT.misuse;
}

/** Whether somebody must say yes before this call is run. */
export function asksFirst({ confirmation }: KnownCmdlet, { options }: BoundCall): boolean {
  if (options.whatIf) return false;
  return options.confirm ?? confirmation === "asks";
}

/** Shows what would be done and asks for a yes. */
export async function isConfirmed(plan: Plan, screen: Screen): Promise<boolean> {
  const actions = plan.actions.map((action) => `${safeText(action)}\n`).join("");
  const more = plan.count - plan.actions.length;
  const rest = more > 0 ? `… and ${more.toLocaleString("en-US")} more\n` : "";
  screen.complain(actions + rest);
  const what = plan.count === 1 ? "Do it?" : `Do all ${plan.count.toLocaleString("en-US")}?`;
  for (;;) {
    const answer = await screen.ask(`${what} [Y] Yes  [N] No (the default is N): `);
    if (answer === undefined || /^\s*(?:n|no)?\s*$/i.test(answer)) return false;
    if (/^\s*(?:y|yes)\s*$/i.test(answer)) return true;
  }
}

/** Asks for secrets, one after the other. The fault is a sentence. */
export async function readSecrets(
  names: readonly string[],
  screen: Screen,
): Promise<Result<Readonly<Record<string, ArgumentValue>>, string>> {
  const secrets: Record<string, ArgumentValue> = {};
  for (const name of names) {
    const secret = await screen.askSecret(`${name}: `);
    if (secret === undefined || secret === "") {
      return fault(`-${name} is empty; type it, or give it as a line of standard input`);
    }
    secrets[name] = secret;
  }
  return ok(secrets);
}
