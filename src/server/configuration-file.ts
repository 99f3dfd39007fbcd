import { readFile } from "node:fs/promises";
import { availableParallelism, hostname } from "node:os";
import type { Result } from "../base/result.ts";
import { fault } from "../base/result.ts";
import { type Configuration, parseConfiguration } from "../org/configuration.ts";
import { formatFault } from "../org/configuration-fault.ts";
import type { Terminal } from "./terminal.ts";

/** What this machine contributes to a configuration. */
export function machineDefaults(): { readonly hostName: string; readonly cores: number } {
  return { hostName: hostname(), cores: availableParallelism() };
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
  const parsed = parseConfiguration(text, { fileName: path, ...machineDefaults() });
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
