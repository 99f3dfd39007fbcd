import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { systemClock } from "../base/clock.ts";
import { EXIT } from "../console/exit-code.ts";
import { withFileOutput } from "../console/file-output.ts";
import { createRunClient } from "../console/run-client.ts";
import { readServerPlace, type ServerPlace } from "../console/server-place.ts";
import { Shell } from "../console/shell/shell.ts";
import { ShellExit } from "../console/shell/shell-fault.ts";
import { ALL_CMDLETS } from "../management/all-cmdlets.ts";
import { openProcessScreen } from "./process-screen.ts";

/** `postrider shell [-Command TEXT | FILE]`; returns the exit code. */
export async function runShell(words: readonly string[]): Promise<number> {
  const placed = readServerPlace(words, process.env);
  if (!placed.ok) return misuse(placed.fault);
  const source = readSource(placed.value.words);
  if (typeof source === "string") return misuse(source);
  return runScript(source, placed.value.place);
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
    const client = withFileOutput(createRunClient(place, systemClock), (name) =>
      ALL_CMDLETS.find(name),
    );
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
