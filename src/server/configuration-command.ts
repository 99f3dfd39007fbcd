import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { systemClock } from "../base/clock.ts";
import { applyConfiguration, exportConfiguration } from "../console/configuration-command.ts";
import { EXIT, type ExitCode } from "../console/exit-code.ts";
import { createRunClient } from "../console/run-client.ts";
import { readServerPlace } from "../console/server-place.ts";
import { openProcessScreen, type ProcessScreen } from "./process-screen.ts";

/** `postrider apply -f FILE [--dry-run] [--force]`; returns the exit code. */
export async function runApply(words: readonly string[]): Promise<ExitCode> {
  return withServer(words, async (rest, parts) => {
    const options = {
      file: { type: "string", short: "f" },
      "dry-run": { type: "boolean", default: false },
      force: { type: "boolean", default: false },
    } as const;
    const { values } = parseArgs({ args: [...rest], options, allowPositionals: false });
    const { file: fileName } = values;
    if (fileName === undefined) return misuse("apply needs -f FILE", parts.screen);
    const text = await readText(fileName, parts.screen);
    if (text === undefined) return EXIT.failed;
    const mode = values["dry-run"] ? "show" : "apply";
    return applyConfiguration({ fileName, text, mode, force: values.force }, parts);
  });
}

/** `postrider export [-f FILE]`; returns the exit code. */
export async function runExport(words: readonly string[]): Promise<ExitCode> {
  return withServer(words, async (rest, parts) => {
    const options = { file: { type: "string", short: "f" } } as const;
    const { values } = parseArgs({ args: [...rest], options, allowPositionals: false });
    const { file } = values;
    if (file === undefined) return exportConfiguration(parts.screen.write, parts);
    return exportToFile(file, parts);
  });
}

type Parts = Parameters<typeof applyConfiguration>[1];

/** The file is there whole or not at all; nobody else may read it, for what is in it. */
async function exportToFile(file: string, parts: Parts): Promise<ExitCode> {
  const partial = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(partial, "wx", 0o600);
    try {
      const exitCode = await exportConfiguration((text) => handle.appendFile(text), parts);
      if (exitCode !== EXIT.done) return exitCode;
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    return EXIT.done;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    parts.screen.complain(`postrider: ${file} cannot be written: ${reason}\n`);
    return EXIT.failed;
  } finally {
    await rm(partial, { force: true });
  }
}

async function readText(file: string, screen: ProcessScreen | Parts["screen"]) {
  try {
    return await readFile(file === "-" ? "/dev/stdin" : file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    screen.complain(`postrider: ${file} cannot be read: ${reason}\n`);
    return undefined;
  }
}

async function withServer(
  words: readonly string[],
  work: (rest: readonly string[], parts: Parts) => Promise<ExitCode>,
): Promise<ExitCode> {
  const placed = readServerPlace(words, process.env);
  const screen = openProcessScreen();
  try {
    if (!placed.ok) return misuse(placed.fault, screen);
    const client = createRunClient(placed.value.place, systemClock);
    const { signal } = screen;
    return await work(placed.value.words, { client, screen, clock: systemClock, signal });
  } finally {
    screen.close();
  }
}

function misuse(problem: string, { complain }: Pick<ProcessScreen, "complain">): ExitCode {
  complain(`postrider: ${problem}; "postrider help" shows what there is\n`);
  return EXIT.misuse;
}
