import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { systemClock } from "../base/clock.ts";
import { EXIT } from "../console/exit-code.ts";
import { withLocalFiles } from "../console/file-input.ts";
import { createRunClient, type RunClient } from "../console/run-client.ts";
import type { Screen } from "../console/screen.ts";
import { readServerPlace, type ServerPlace } from "../console/server-place.ts";
import { completeLine } from "../console/shell/complete-line.ts";
import { HistoryFile } from "../console/shell/history-file.ts";
import { findServerName, runSession } from "../console/shell/interactive-shell.ts";
import { Prompt } from "../console/shell/prompt.ts";
import { mayHoldSecret } from "../console/shell/secret-line.ts";
import { LOCAL_CMDLETS, Shell } from "../console/shell/shell.ts";
import { ShellExit } from "../console/shell/shell-fault.ts";
import { ValueFinder } from "../console/shell/value-finder.ts";
import { ALL_CMDLETS } from "../management/all-cmdlets.ts";
import { openProcessScreen } from "./process-screen.ts";

/** `postrider shell [-Command TEXT | FILE]`; returns the exit code. */
export async function runShell(words: readonly string[]): Promise<number> {
  const placed = readServerPlace(words, process.env);
  if (!placed.ok) return misuse(placed.fault);
  const source = readSource(placed.value.words);
  if (typeof source === "string") return misuse(source);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (source.kind === "input" && isTerminal) return runAtPrompt(placed.value.place);
  return runScript(source, placed.value.place);
}

async function runAtPrompt(place: ServerPlace): Promise<number> {
  const base = openProcessScreen();
  const history = new HistoryFile(historyPath());
  await history.load();
  const client = openClient(place);
  const isSecret = (text: string) => mayHoldSecret(text, ALL_CMDLETS.all);
  const { complain } = base;
  const values = new ValueFinder({ client, clock: systemClock, cmdlets: ALL_CMDLETS });
  const locals = LOCAL_CMDLETS;
  const prompt = new Prompt({
    input: process.stdin,
    output: process.stdout,
    history: history.lines,
    isSecret,
    complete: (text) =>
      completeLine(text, { cmdlets: ALL_CMDLETS, locals, variables: shell.variables, values }),
  });
  const screen: Screen = {
    ...base,
    get width() {
      return process.stdout.columns;
    },
    ask: (question) => prompt.ask(question),
    askSecret: (question) => prompt.askSecret(question),
  };
  const shell = new Shell({
    client,
    screen,
    clock: systemClock,
    cmdlets: ALL_CMDLETS,
    history: () => history.lines,
  });
  try {
    const serverName = await findServerName(place, { client, clock: systemClock, complain });
    const gone = base.signal;
    return await runSession({ shell, prompt, history, serverName, isSecret, complain, gone });
  } finally {
    prompt.close();
    base.close();
  }
}

/** `~/.local/state/postrider/history`, or where XDG_STATE_HOME says. */
function historyPath(): string {
  const state = process.env["XDG_STATE_HOME"];
  const folder = state === undefined || state === "" ? join(homedir(), ".local/state") : state;
  return join(folder, "postrider/history");
}

function openClient(place: ServerPlace): RunClient {
  return withLocalFiles(createRunClient(place, systemClock), (name) => ALL_CMDLETS.find(name));
}

type Source =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "input" };

/** What is to be run, or what is wrong with the words. */
function readSource(words: readonly string[]): Source | string {
  const [first, ...others] = words;
  if (first === undefined) return { kind: "input" };
  if (/^-(?:c|command)$/i.test(first)) {
    if (others.length === 0) return "the text after -Command is missing";
    return { kind: "text", text: others.join(" ") };
  }
  const isFile = /^-(?:f|file)$/i.test(first);
  const [path, ...more] = isFile ? others : words;
  if (path === undefined) return "the file after -File is missing";
  if (/^-./.test(path)) return `shell has no option ${path}`;
  if (more.length > 0) return "shell takes one file";
  return path === "-" ? { kind: "input" } : { kind: "file", path };
}

async function runScript(source: Source, place: ServerPlace): Promise<number> {
  const screen = openProcessScreen();
  try {
    const text = await readText(source);
    if (text === undefined) return EXIT.failed;
    const client = openClient(place);
    const parts = { client, screen, clock: systemClock, cmdlets: ALL_CMDLETS, history: () => [] };
    const shell = new Shell(parts);
    try {
      await shell.run(text, screen.signal);
    } catch (error) {
      if (!(error instanceof ShellExit)) throw error;
      return error.code ?? shell.exitCode;
    }
    return shell.exitCode;
  } finally {
    screen.close();
  }
}

async function readText(source: Source): Promise<string | undefined> {
  if (source.kind === "text") return source.text;
  if (source.kind === "input") return readAll(process.stdin);
  try {
    return await readFile(source.path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`postrider: ${source.path} cannot be read: ${reason}\n`);
    return undefined;
  }
}

function misuse(problem: string): number {
  process.stderr.write(`postrider: ${problem}; "postrider help" shows what there is\n`);
  return EXIT.misuse;
}
