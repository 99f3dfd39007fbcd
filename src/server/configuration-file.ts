import { readFile } from "node:fs/promises";
import { availableParallelism, hostname } from "node:os";
import { Worker } from "node:worker_threads";
import type { Result } from "../base/result.ts";
import { fault } from "../base/result.ts";
import { type Configuration, parseConfiguration } from "../org/configuration.ts";
import { type ConfigurationFault, formatFault } from "../org/configuration-fault.ts";
import type { ConfigurationThreadData } from "./configuration-thread.ts";
import type { Terminal } from "./terminal.ts";

/** What this machine contributes to a configuration. */
export function machineDefaults(): { readonly hostName: string; readonly cores: number } {
  return { hostName: hostname(), cores: availableParallelism() };
}

/** Characters of a file that is parsed at once: some hundredths of a second. */
const SMALL_CHARACTERS_MAX = 128 * 1024;

/** Parses a file's text for this machine; a large one in a thread of its own. */
export async function parseConfigurationText(
  text: string,
  fileName: string,
): Promise<Result<Configuration, readonly ConfigurationFault[]>> {
  const context = { fileName, ...machineDefaults() };
  if (text.length <= SMALL_CHARACTERS_MAX) return parseConfiguration(text, context);
  const data: ConfigurationThreadData = { text, context };
  const worker = new Worker(new URL("./configuration-thread.ts", import.meta.url), {
    workerData: data,
    name: "configuration",
  });
  const { promise, resolve, reject } =
    Promise.withResolvers<Result<Configuration, readonly ConfigurationFault[]>>();
  worker.on("message", resolve);
  worker.on("error", reject);
  worker.on("exit", () => reject(new Error("the thread that reads the configuration has ended")));
  return promise;
}

/**
 * Reads and checks a configuration file. The fault is every line to be shown to the administrator.
 */
export async function readConfigurationFile(
  path: string,
): Promise<Result<Configuration, readonly string[]>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault([`${path}: cannot be read: ${reason}`]);
  }
  const parsed = await parseConfigurationText(text, path);
  return parsed.ok ? parsed : fault(parsed.fault.map(formatFault));
}

/** `postrider check FILE`; returns the exit code. */
export async function checkFile(path: string, terminal: Terminal): Promise<number> {
  const read = await readConfigurationFile(path);
  if (!read.ok) {
    for (const line of read.fault) terminal.complain(line);
    return 1;
  }
  const { objects, recipients } = read.value;
  terminal.say(`${path}: right (${objects.length} objects, ${recipients.length} recipients)`);
  return 0;
}
