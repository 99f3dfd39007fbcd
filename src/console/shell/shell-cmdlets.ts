import type { OutputType } from "../../cmdlet/output-type.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { EXIT } from "../exit-code.ts";
import { findHelp } from "../help-page.ts";
import { inputOf, type LocalCmdlet } from "./local-cmdlet.ts";
import { ShellExit, ShellFault } from "./shell-fault.ts";
import { findLocalHelp, formatShellHelp } from "./shell-help.ts";
import { type ShellValue, typeOf } from "./shell-value.ts";

const COMMAND_TYPE: OutputType = {
  name: "CommandInfo",
  properties: {
    Name: { kind: "text", doc: "How it is called." },
    Place: { kind: "text", doc: "Where it runs." },
    Summary: { kind: "text", doc: "What it does." },
  },
  table: ["Name", "Place", "Summary"],
};

const getCommand: LocalCmdlet = {
  name: "Get-Command",
  aliases: ["gcm"],
  summary: "Lists cmdlets.",
  parameters: {
    Name: { form: "value", position: 0, doc: "A pattern: *Queue, Test-*.", names: "cmdlets" },
  },
  examples: ["Get-Command *Queue*"],
  async *run({ given, shell }) {
    const matches = compileWildcard((await given.text("Name")) ?? "*");
    const rows = [
      ...shell.cmdlets.all.map(({ name, summary }) => ({
        Name: name,
        Place: "Server",
        Summary: summary,
      })),
      ...shell.locals.map(({ name, summary }) => ({
        Name: name,
        Place: "Shell",
        Summary: summary,
      })),
    ];
    for (const row of rows) if (matches(row.Name)) yield { value: row, type: COMMAND_TYPE };
  },
};

const getHelp: LocalCmdlet = {
  name: "Get-Help",
  aliases: ["help", "man"],
  summary: "Shows help: of the shell, or of a cmdlet, or whatever has to do with a word.",
  parameters: {
    Name: { form: "list", position: 0, doc: "A cmdlet, a topic or a word.", names: "cmdlets" },
    Word: { form: "value", position: 1, doc: "Another word." },
    Full: { form: "switch", doc: "As it is anyway." },
    Examples: { form: "switch", doc: "They are shown anyway." },
  },
  examples: ["help Get-Queue", "help filters"],
  async *run({ given, shell, at }) {
    const words = [...(await given.texts("Name")), ...(await given.texts("Word"))];
    if (words.length === 0) {
      yield* lines(formatShellHelp(shell));
      return;
    }
    const local = findLocalHelp(words.join(" "), shell.locals);
    const { isFound, text } = local ?? findHelp(words, shell.cmdlets);
    if (!isFound) throw new ShellFault(text.trimEnd(), { at, exitCode: EXIT.misuse });
    yield* lines(text);
  },
};

function lines(text: string): readonly ShellValue[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => ({ value: line }));
}

const getDate: LocalCmdlet = {
  name: "Get-Date",
  aliases: [],
  summary: "Puts out the time now, in UTC; (Get-Date).AddHours(-2) is two hours ago.",
  parameters: {},
  examples: ["Get-MessageTrace -StartDate (Get-Date).AddHours(-2)"],
  async *run({ shell }) {
    const value = new Date(shell.clock.nowMs()).toISOString();
    yield { value, property: { kind: "date", doc: "" } };
  },
};

const readHost: LocalCmdlet = {
  name: "Read-Host",
  aliases: [],
  summary: "Asks for a line; with -AsSecureString what is typed is not shown.",
  parameters: {
    Prompt: { form: "value", position: 0, doc: "What is asked." },
    AsSecureString: { form: "switch", doc: "For secrets." },
  },
  examples: ["New-Administrator carol -Password (Read-Host -AsSecureString)"],
  async *run({ given, shell, at }) {
    const prompt = await given.text("Prompt");
    const question = prompt === undefined ? "" : `${prompt}: `;
    const isSecret = await given.isOn("AsSecureString");
    const { screen } = shell;
    const answer = await (isSecret
      ? screen.askSecret(question || "Secret: ")
      : screen.ask(question));
    if (answer === undefined) throw new ShellFault("nobody is here to be asked", { at });
    yield { value: answer };
  },
};

const writeOutput: LocalCmdlet = {
  name: "Write-Output",
  aliases: ["echo", "write"],
  summary: "Puts out values, or what is in the pipe.",
  parameters: { InputObject: { form: "list", position: 0, doc: "What to put out." } },
  examples: ['Write-Output "$($queues.Count) queues"'],
  async *run({ given, input, scope }) {
    const value = await given.value("InputObject");
    if (value !== undefined) yield* scope.current === value ? [value] : enumerateOnce(value);
    else if (input !== undefined) yield* input;
  },
};

function enumerateOnce(value: ShellValue): readonly ShellValue[] {
  const { type } = value;
  return Array.isArray(value.value) ? value.value.map((one) => ({ value: one, type })) : [value];
}

const outNull: LocalCmdlet = {
  name: "Out-Null",
  aliases: [],
  summary: "Shows nothing of what is in the pipe.",
  parameters: {},
  examples: ["Resume-Queue 7 | Out-Null"],
  async *run(call) {
    yield* [];
    for await (const _ of inputOf(call));
  },
};

const MEMBER_TYPE: OutputType = {
  name: "MemberInfo",
  properties: {
    Name: { kind: "text", doc: "The property." },
    Kind: { kind: "text", doc: "What it holds." },
    Description: { kind: "text", doc: "What is said of it." },
  },
  table: ["Name", "Kind", "Description"],
};

const getMember: LocalCmdlet = {
  name: "Get-Member",
  aliases: ["gm"],
  summary: "Lists the properties of what is in the pipe.",
  parameters: {},
  examples: ["Get-Queue | Get-Member"],
  async *run(call) {
    for await (const item of inputOf(call)) {
      const { properties } = typeOf(item);
      for (const [name, { kind, doc }] of Object.entries(properties)) {
        yield { value: { Name: name, Kind: kind, Description: doc }, type: MEMBER_TYPE };
      }
      // All are of one type, as far as anybody looks.
      return;
    }
  },
};

const VARIABLE_TYPE: OutputType = {
  name: "VariableInfo",
  properties: {
    Name: { kind: "text", doc: "Without $." },
    Value: { kind: "object", doc: "What it holds." },
  },
  table: ["Name", "Value"],
};

const getVariable: LocalCmdlet = {
  name: "Get-Variable",
  aliases: [],
  summary: "Lists the variables.",
  parameters: {},
  examples: ["Get-Variable"],
  async *run({ shell }) {
    for (const [name, { value }] of shell.variables) {
      const count = Array.isArray(value) ? `${value.length} values` : value;
      yield { value: { Name: name, Value: count }, type: VARIABLE_TYPE };
    }
  },
};

const removeVariable: LocalCmdlet = {
  name: "Remove-Variable",
  aliases: ["rv"],
  summary: "Forgets a variable.",
  parameters: {
    Name: { form: "list", position: 0, doc: "Without $.", names: "variables" },
  },
  examples: ["Remove-Variable queues"],
  async *run({ given, shell }) {
    yield* [];
    for (const name of await given.texts("Name")) shell.variables.delete(name.toLowerCase());
  },
};

const getHistory: LocalCmdlet = {
  name: "Get-History",
  aliases: ["history", "h"],
  summary: "Shows the lines that were typed; those with secrets are never kept.",
  parameters: {},
  examples: ["history"],
  async *run({ shell }) {
    for (const line of shell.history()) yield { value: line };
  },
};

const clearHost: LocalCmdlet = {
  name: "Clear-Host",
  aliases: ["cls", "clear"],
  summary: "Clears the terminal.",
  parameters: {},
  examples: ["cls"],
  async *run({ shell }) {
    yield* [];
    if (shell.screen.width !== undefined) await shell.screen.write("\x1b[2J\x1b[3J\x1b[H");
  },
};

const exit: LocalCmdlet = {
  name: "exit",
  aliases: ["quit"],
  summary: "Leaves the shell; a script then ends with that code, or with that of its last failure.",
  parameters: { Code: { form: "value", position: 0, doc: "The exit code." } },
  examples: ["exit"],
  async *run({ given }) {
    yield* [];
    const code = await given.count("Code");
    throw new ShellExit(code === undefined ? undefined : code % 256);
  },
};

/** Cmdlets about the shell itself, and small ones that scripts use. */
export const SHELL_CMDLETS: readonly LocalCmdlet[] = [
  getCommand,
  getHelp,
  getDate,
  readHost,
  writeOutput,
  outNull,
  getMember,
  getVariable,
  removeVariable,
  getHistory,
  clearHost,
  exit,
];
